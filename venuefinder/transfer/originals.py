"""Originals beside the tables of an export: files named by the SHA-256 of their bytes, so that each proves itself."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from venuefinder.carried import CarriedVenue, ListedPhoto
from venuefinder.errors import ImageError, InputError
from venuefinder.images import read_photo
from venuefinder.originals.kept import write_whole
from venuefinder.records import PhotoDraft

FOLDER = "originals"
AT_ONCE = 8
"""Originals read or written at the same time; each is in memory meanwhile."""

Given = TypeVar("Given")
Made = TypeVar("Made")


class Store(Protocol):
    """Where originals are."""

    max_bytes: int

    def read(self, photo: ListedPhoto) -> bytes:
        """Return a photo's bytes; raises ImageError."""

    def keep(self, data: bytes, content_hash: bytes) -> None:
        """Store bytes in our own store, by their SHA-256."""


def place_of(folder: Path, content_hash: bytes) -> Path:
    """Return where an original is within an export."""
    digest = content_hash.hex()
    return folder / FOLDER / digest[:2] / digest


@dataclass(frozen=True, slots=True)
class NotCopied:
    """An original that is not in the export."""

    external_id: str
    uri: str
    reason: str


def copy_originals(store: Store, photos: Sequence[ListedPhoto], folder: Path) -> list[NotCopied]:
    """Copy originals into an export, each content once; return those that are gone, or others by now."""
    due = {photo.draft.content.content_hash: photo for photo in photos if photo.draft.content}

    def copied(photo: ListedPhoto) -> NotCopied | None:
        try:
            _copy(store, photo, folder)
        except ImageError as error:
            return NotCopied(photo.external_id, photo.draft.uri, str(error))
        return None

    return [missing for missing in _at_once(copied, due.values()) if missing]


def _copy(store: Store, photo: ListedPhoto, folder: Path) -> None:
    content = photo.draft.content
    if content is None or (path := place_of(folder, content.content_hash)).exists():
        return
    data = store.read(photo)
    if hashlib.sha256(data).digest() != content.content_hash:
        raise ImageError("its original changed since it was ingested; run venuefinder ingest again")
    write_whole(path, data, durable=False)


def bring_originals(store: Store, group: Sequence[CarriedVenue], folder: Path) -> list[CarriedVenue]:
    """Store the originals of an export, and return the venues with photos that say so; others stay in place.

    Raises InputError for a file whose bytes are not those of its name.
    """
    kept = {
        content_hash
        for content_hash, is_there in _at_once(
            lambda content_hash: (content_hash, _bring(store, content_hash, folder)),
            {photo.content.content_hash for one in group for photo in one.draft.photos if photo.content},
        )
        if is_there
    }

    def marked(photo: PhotoDraft) -> PhotoDraft:
        is_kept = photo.content is not None and photo.content.content_hash in kept
        return replace(photo, file=replace(photo.file, copied=True)) if is_kept else photo

    return [
        replace(one, draft=replace(one.draft, photos=tuple(marked(photo) for photo in one.draft.photos)))
        for one in group
    ]


def _bring(store: Store, content_hash: bytes, folder: Path) -> bool:
    path = place_of(folder, content_hash)
    if not path.exists():
        return False
    try:
        data = read_photo(path, max_bytes=store.max_bytes, root=folder)
    except ImageError as error:
        raise InputError(f"{path}: {error}") from None
    if hashlib.sha256(data).digest() != content_hash:
        raise InputError(f"{path}: its content is not what was written (SHA-256 differs); copy the export anew")
    store.keep(data, content_hash)
    return True


def _at_once(work: Callable[[Given], Made], given: Iterable[Given]) -> list[Made]:
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="originals") as pool:
        return list(pool.map(work, given))
