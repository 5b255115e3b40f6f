"""Settings, disk, memory, image formats and GPU."""

import importlib
import io
import os
import shutil
import stat
import sys
from pathlib import Path

import psutil
from PIL import Image

from venuefinder.doctor.check import Step, Verdict, failed, ok, warning
from venuefinder.images import ALLOWED_FORMATS, decode_photo
from venuefinder.settings import Settings, unknown_variables

MB = 1_000_000
GB = 1000 * MB
DISK_WARNING, DISK_FAILURE = 2 * GB, 200 * MB
"""Bytes free: PostgreSQL alone keeps up to 2 GB of log while it loads; below 200 MB it stops half-way."""
MEMORY_WARNING, MEMORY_FAILURE = 2 * GB, 500 * MB
"""Bytes available: the starter with torch takes 0.7 GB, CLIP ViT-B/32 with torch 1.3 GB."""
KEY_CHARACTERS = 16
"""A shorter key can be guessed."""
NEW_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


def steps(settings: Settings) -> list[Step]:
    """Return what to look at on this machine."""
    return [
        Step("settings", lambda: _settings(settings), "see .env.example"),
        Step("secrets", lambda: _secrets(settings, Path(".env")), "see .env.example"),
        Step("data folder", lambda: _data_folder(settings.data_dir), "set VENUEFINDER_DATA_DIR to a folder of yours"),
        Step("memory", _memory, "close other programs"),
        Step("image formats", _image_formats, "run: pip install --force-reinstall pillow pillow-heif"),
        Step("GPU", lambda: _gpu(settings), "run: pip install 'venuefinder[starter]'"),
    ]


def _settings(settings: Settings) -> Verdict:
    dotenv = Path(".env").absolute()
    read = f"{dotenv} and the environment" if dotenv.is_file() else f"the environment (there is no {dotenv})"
    database = "DATABASE_URL" if settings.database_url else "embedded"
    encoder = settings.encoder or "of the space that serves"
    found = f"read from {read}: encoder {encoder}, device {settings.device}, database {database}"
    if unknown := unknown_variables():
        return warning(f"{found}; no settings, passed over: {', '.join(unknown)}", "see .env.example for all there are")
    return ok(found)


def _secrets(settings: Settings, dotenv: Path) -> Verdict:
    key = settings.api_key.get_secret_value() if settings.api_key else None
    if key is not None and len(key) < KEY_CHARACTERS:
        return warning(
            f"VENUEFINDER_API_KEY has {len(key)} characters, expected at least {KEY_CHARACTERS}", f"make one: {NEW_KEY}"
        )
    held = key is not None or settings.database_url is not None
    if held and sys.platform != "win32" and dotenv.is_file() and dotenv.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return warning(f"{dotenv.absolute()} may be read by other users of this machine", f"run: chmod 600 {dotenv}")
    return ok("an API key is set" if key else "no API key: serves on loopback alone")


def _data_folder(data_dir: Path) -> Verdict:
    folder = data_dir.expanduser().absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return failed(
            f"{existing}: not a folder this user may write to",
            "set VENUEFINDER_DATA_DIR to a folder of yours, or give this one to the user who runs VenueFinder",
        )
    free = shutil.disk_usage(existing).free
    place = f"{folder}{'' if folder.exists() else ' (not made yet)'}"
    remedy = "free some space, or move the folder and set VENUEFINDER_DATA_DIR"
    return enough(free, f"{place}, {_size(free)} free", remedy, least=DISK_FAILURE, better=DISK_WARNING)


def _memory() -> Verdict:
    memory = psutil.virtual_memory()
    found = f"{_size(memory.available)} available of {_size(memory.total)}"
    remedy = "close other programs, choose a smaller VENUEFINDER_ENCODER, or lower VENUEFINDER_BATCH_SIZE"
    return enough(memory.available, found, remedy, least=MEMORY_FAILURE, better=MEMORY_WARNING)


def enough(available: int, found: str, remedy: str, *, least: int, better: int) -> Verdict:
    """Judge a number of bytes: below `least` it has failed, below `better` it is a warning."""
    if available < least:
        return failed(f"{found}, expected at least {_size(least)}", remedy)
    if available < better:
        return warning(f"{found}, better {_size(better)}", remedy)
    return ok(found)


def _image_formats() -> Verdict:
    """Write a small picture in every format and read it back, as photos are read."""
    broken = {name: reason for name in ALLOWED_FORMATS if (reason := _why_unreadable(name))}
    if broken:
        found = "; ".join(f"{name} cannot be read ({reason})" for name, reason in broken.items())
        return failed(found, "run: pip install --force-reinstall pillow pillow-heif")
    return ok(", ".join(ALLOWED_FORMATS))


def _why_unreadable(name: str) -> str | None:
    try:
        decode_photo(_picture(name), max_pixels=MB)
    # A codec that is missing or does not fit its library shows as any error at all.
    except Exception as error:
        return str(error) or type(error).__name__
    return None


def _picture(name: str) -> bytes:
    image, file = Image.new("RGB", (32, 32), "teal"), io.BytesIO()
    if name == "HEIF":
        importlib.import_module("pillow_heif").from_pillow(image).save(file, format="HEIF")
    else:
        image.save(file, format=name)
    return file.getvalue()


def _gpu(settings: Settings) -> Verdict:
    from venuefinder.encoders.hardware import find_hardware

    hardware = find_hardware()
    if hardware.problem:
        remedy = (
            "update the GPU's driver, or install the torch that is built for it; until then: VENUEFINDER_DEVICE=cpu"
        )
        state = failed if settings.device == "cuda" else warning
        return state(f"torch {hardware.torch}: {hardware.problem}", remedy)
    found = ", ".join(hardware.gpus) or "none; the encoder runs on the processor"
    unused = " (not used: VENUEFINDER_DEVICE=cpu)" if hardware.gpus and settings.device == "cpu" else ""
    return ok(f"{found}{unused}; torch {hardware.torch}")


def _size(count: int) -> str:
    return f"{count / GB:,.1f} GB" if count >= GB else f"{count / MB:,.0f} MB"
