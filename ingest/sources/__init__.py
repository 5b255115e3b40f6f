"""Where venues come from: folders, manifests and shards, on this machine, on the web, or in buckets."""

from pathlib import Path

from ingest.sources.bucket_folder import BucketFolderSource
from ingest.sources.folder import FolderSource
from ingest.sources.found import Found, FoundVenue, GivenPhoto, Source, Unreadable, is_utf8
from ingest.sources.manifest import READERS, SUFFIXES, ManifestSource, suffix_of
from ingest.sources.places import LocalFile, place_of
from ingest.sources.shards import ShardSource, expanded
from venuefinder.errors import ImageError, InputError
from venuefinder.originals.locations import is_bucket
from venuefinder.originals.network import Network
from venuefinder.originals.urls import is_web, shown

__all__ = ["Found", "FoundVenue", "GivenPhoto", "Source", "Unreadable", "open_source"]

SHARDS = ".tar"
KINDS = f"a folder of venues, a manifest ({SUFFIXES}) or shards ({SHARDS})"


def open_source(place: str | Path, network: Network | None = None) -> Source:
    """Return the source at a path or URL: a folder with one sub-folder a venue, a manifest, or shards.

    `network` reads what lies elsewhere; without one, paths alone are taken. Raises InputError for anything else.
    """
    text = str(place)
    try:
        if is_bucket(text) or is_web(text):
            return _elsewhere(text, network)
    except ImageError as error:
        raise InputError(f"{shown(text)}: {error}") from error
    if "://" in text:
        place_of(text, network)
    return _here(Path(place))


def _elsewhere(text: str, network: Network | None) -> Source:
    place = place_of(text, network)
    suffix = suffix_of(place.name)
    if suffix == SHARDS:
        return ShardSource(text, [place_of(name, network) for name in expanded(text)])
    if is_bucket(text) and suffix not in READERS and network is not None:
        network.buckets.client(text.partition("://")[0])  # a package that is missing is told now
        return BucketFolderSource(text, network.buckets)
    return ManifestSource(place)


def _here(path: Path) -> Source:
    if path.suffix.lower() == SHARDS and "{" in path.name:
        path = path.parent.resolve() / path.name
        return ShardSource(str(path), [LocalFile(Path(name)) for name in expanded(str(path))])
    try:
        there = path.exists()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if not there:
        raise InputError(f"{path}: no such file or folder; give {KINDS}")
    if not is_utf8(str(path.resolve())):
        raise InputError(f"{path}: its path is not UTF-8, so it cannot be stored; rename the file or folder")
    if path.is_dir():
        return FolderSource(path.resolve())
    if not path.is_file():
        raise InputError(f"{path}: found neither a folder nor a regular file; give one of them")
    if path.suffix.lower() == SHARDS:
        return ShardSource(str(path.resolve()), [LocalFile(path.resolve())])
    return ManifestSource(LocalFile(path.resolve()))
