"""Where original photos lie, and one way to read them: in place on disks, on the web, in buckets, or kept by us."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from venuefinder.errors import UnreadableImageError
from venuefinder.images import read_photo, read_span
from venuefinder.originals.kept import ObjectStore
from venuefinder.originals.locations import INLINE, UPLOAD, is_bucket, is_ours, is_remote, member_of
from venuefinder.originals.network import Network
from venuefinder.originals.urls import is_web
from venuefinder.records import PhotoFile, StoredPhoto

__all__ = ["INLINE", "UPLOAD", "Originals", "is_remote"]


class Originals:
    """Reads any original by its location, and keeps those that are ours. Thread-safe.

    Whatever is read is a stranger's: at most `max_bytes`, within the time that fetching has.
    """

    def __init__(self, kept: ObjectStore, network: Network, *, max_bytes: int) -> None:
        self.kept = kept
        self.max_bytes = max_bytes
        self._network = network

    def of(self, photo: StoredPhoto) -> bytes:
        """Return a stored photo's bytes, from our own store where they are kept; raises ImageError.

        They may be others than those that were ingested, where the original has changed: compare the hash.
        """
        if photo.file.kept:
            return self.kept.get(photo.content.content_hash, max_bytes=self.max_bytes)
        return self.at(photo.file.location)

    def reader(self, photo: StoredPhoto) -> Callable[[], bytes]:
        """Return what gives a photo's bytes once its turn to be decoded comes; raises as `of` does.

        What another machine has is read now: one that is slow must not take up a turn.
        """
        if not self.remote(photo.file):
            return partial(self.of, photo)
        data = self.of(photo)
        return lambda: data

    def at(self, location: str, *, root: Path | None = None, public: bool = False) -> bytes:
        """Return the bytes at a location; raises ImageError when they are gone, unreadable or unfit.

        root: a folder that a path may not lead out of. public: of addresses on the web, public ones alone.
        """
        member = member_of(location)
        if is_ours(location):
            return self.kept.get(bytes.fromhex(location.partition(":")[2]), max_bytes=self.max_bytes)
        place, span = (member.shard, (member.offset, member.size)) if member else (location, None)
        if is_web(place):
            return self._network.web.read(place, span=span, public=public)
        if is_bucket(place):
            return self._network.buckets.read(place, max_bytes=self.max_bytes, span=span)
        if "://" in place:
            raise UnreadableImageError(
                f"found {place.partition(':')[0][:20]}://, expected a path, http(s), s3, gs or az"
            )
        if span:
            return read_span(Path(place), *span, max_bytes=self.max_bytes)
        return read_photo(Path(place), max_bytes=self.max_bytes, root=root)

    def there(self, photo: StoredPhoto) -> bool:
        """Say whether a photo's original is there and readable; for those that are not `remote`, or in our store."""
        if photo.file.kept:
            return self.kept.there(photo.content.content_hash)
        member = member_of(photo.file.location)
        return os.access(member.shard if member else photo.file.location, os.R_OK)

    def keep(self, data: bytes, content_hash: bytes) -> None:
        """Store bytes once, by their SHA-256, whole or not at all."""
        self.kept.put(content_hash, data)

    def remote(self, file: PhotoFile) -> bool:
        """Say whether reading a photo asks another machine for it, so that it may take long."""
        return self.kept.remote if file.kept else is_remote(file.location)
