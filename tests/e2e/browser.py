"""Finds a Chromium: the machine's, or that of an npm package, which is fetched where there is none."""

import os
import shutil
import subprocess
from pathlib import Path

from web.build import WEB, PageError, install, node

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PACKAGE = WEB / "browser"
UNPACK = 'import("@sparticuz/chromium").then(async (it) => console.log(await it.default.executablePath()))'


def chromium() -> str:
    """Return the path of a Chromium. `CHROMIUM` names one; raises PageError where none can be had."""
    if named := os.environ.get("CHROMIUM"):
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or next((path for path in APPLICATIONS if Path(path).is_file()), None) or _from_npm()


def _from_npm() -> str:
    install(PACKAGE)
    unpacked = subprocess.run([node(), "-e", UNPACK], cwd=PACKAGE, capture_output=True, text=True, check=False)
    if unpacked.returncode != 0:
        raise PageError(f"no Chromium: found none on this machine, and npm's does not unpack:\n{unpacked.stderr}")
    return unpacked.stdout.strip()
