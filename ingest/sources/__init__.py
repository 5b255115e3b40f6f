"""Where venues come from: a folder of folders, or a manifest."""

from pathlib import Path

from ingest.sources.folder import FolderSource
from ingest.sources.found import Found, FoundVenue, Source, Unreadable, is_utf8
from ingest.sources.manifest import SUFFIXES, ManifestSource
from venuefinder.errors import InputError

__all__ = ["Found", "FoundVenue", "Source", "Unreadable", "open_source"]


def open_source(path: Path) -> Source:
    """Return the source at `path`: a folder with one sub-folder a venue, or a manifest.

    Raises InputError for anything else.
    """
    try:
        there = path.exists()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if not there:
        raise InputError(f"{path}: no such file or folder; give a folder of venues or a manifest ({SUFFIXES})")
    if not is_utf8(str(path.resolve())):
        raise InputError(f"{path}: its path is not UTF-8, so it cannot be stored; rename the file or folder")
    if path.is_dir():
        return FolderSource(path.resolve())
    if not path.is_file():
        raise InputError(f"{path}: found neither a folder nor a regular file; give one of them")
    return ManifestSource(path.resolve())
