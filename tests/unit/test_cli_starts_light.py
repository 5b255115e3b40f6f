"""Importing torch takes seconds and open_clip more; commands that need no encoder never do."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "torchvision", "open_clip", "transformers", "sklearn")
SCRIPT = """
import sys
from venuefinder.cli import main
sys.argv = ["venuefinder", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("HEAVY", [name for name in {heavy} if name in sys.modules])
"""


@pytest.mark.parametrize("command", ["", "init", "ingest", "search", "serve", "doctor", "vlm", "vlm budget"])
def test_help_imports_no_encoder(command):
    arguments = [*command.split(), "--help"]
    script = SCRIPT.format(heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert f"Usage: venuefinder {command}".strip() in done.stdout
    assert done.stdout.splitlines()[-1] == "HEAVY []"
