"""Compare what a source lists with what is stored: which photos must be read, which venues written."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest.sources import FoundVenue
from venuefinder.catalogue import change_of
from venuefinder.domain import PhotoRef
from venuefinder.records import Failure, PhotoDraft, PhotoFile, StoredPhoto, StoredVenue, VenueDraft


@dataclass(frozen=True, slots=True)
class PhotoTask:
    """A photo to read: `draft` is how it will be stored, without content yet; `stored` what it was."""

    draft: PhotoDraft
    path: Path
    root: Path
    stored: StoredPhoto | None


@dataclass(frozen=True, slots=True)
class VenueWork:
    """One venue: what to read, what to write as it is, what needs nothing."""

    found: FoundVenue
    source: str
    stored: StoredVenue | None
    tasks: tuple[PhotoTask, ...]
    kept: tuple[PhotoDraft, ...]
    """Photos whose file is the same, but whose caption, room, position or place changed."""
    unchanged: int
    failures: tuple[Failure, ...]
    vanished: tuple[int, ...]
    """Stored photos of files that the listing no longer names."""

    @property
    def idle(self) -> bool:
        """Whether nothing at all has to be read or written."""
        if self.tasks or self.kept or self.stored is None:
            return False
        described = self.stored.described or not self.stored.venue.description
        return described and change_of(self.draft(()), self.stored) == "unchanged"

    @property
    def photos(self) -> int:
        """How many photos the venue has, those that could not be listed left out."""
        return len(self.tasks) + len(self.kept) + self.unchanged

    def draft(self, read: tuple[PhotoDraft, ...]) -> VenueDraft:
        """Return the venue as it should be stored, with the photos that were read and are not stored just so."""
        photos = self.kept + tuple(photo for photo in read if not self._stored_so(photo))
        return VenueDraft(venue=self.found.listing.venue(), source=self.source, photos=photos)

    def _stored_so(self, photo: PhotoDraft) -> bool:
        known = self.stored.photos.get(photo.uri) if self.stored else None
        return known is not None and photo.content is None and _same(known, photo)


def plan(found: FoundVenue, stored: StoredVenue | None, *, source: str, verify: bool) -> VenueWork:
    """Decide what one venue needs. `verify` reads every photo again, whatever its size and time say."""
    tasks: list[PhotoTask] = []
    kept: list[PhotoDraft] = []
    failures = [Failure(file.place, file.reason, "refused") for file in found.unusable]
    unchanged = 0
    photos = stored.photos if stored else {}
    listed = found.listing.all_photos()
    for position, (room, reference) in enumerate(listed):
        known = photos.get(reference.uri)
        draft = _draft(found, reference, room=room, position=position)
        if isinstance(draft, Failure):
            failures.append(draft)
        elif verify or known is None or not known.embedded or known.file != draft.file:
            tasks.append(PhotoTask(draft, Path(draft.file.location), found.folder, known))
        elif not _same(known, draft):
            kept.append(draft)
        else:
            unchanged += 1
    return VenueWork(
        found=found,
        source=source,
        stored=stored,
        tasks=tuple(tasks),
        kept=tuple(kept),
        unchanged=unchanged,
        failures=tuple(failures),
        vanished=_vanished(photos.values(), {reference.uri for _, reference in listed}),
    )


def _same(stored: StoredPhoto, draft: PhotoDraft) -> bool:
    """Return whether a photo is stored with this file, caption and place."""
    kept = (stored.file, stored.room, stored.caption, stored.position)
    return kept == (draft.file, draft.room, draft.caption, draft.position)


def _draft(found: FoundVenue, reference: PhotoRef, *, room: str | None, position: int) -> PhotoDraft | Failure:
    relative = PurePosixPath(reference.uri)
    if "://" in reference.uri or relative.is_absolute() or ".." in relative.parts or "\\" in reference.uri:
        reason = (
            f"named by {found.place}: it is not a path inside the folder of its listing; copy the photo there and "
            "name it relative to that folder"
        )
        return Failure(reference.uri, reason, "refused")
    path = found.folder / relative
    try:
        status = os.stat(path)  # noqa: PTH116 - Path.stat costs twice as much, and this runs for every photo
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            return Failure(str(path), f"no such file; named by {found.place}", "missing")
        return Failure(str(path), f"cannot be read: {error}; named by {found.place}", "unreadable")
    file = PhotoFile(location=str(path), size=status.st_size, mtime_ns=status.st_mtime_ns)
    return PhotoDraft(uri=reference.uri, file=file, room=room, caption=reference.caption, position=position)


def _vanished(photos: Iterable[StoredPhoto], listed: set[str]) -> tuple[int, ...]:
    return tuple(
        photo.id for photo in photos if photo.uri not in listed and not photo.file.location.startswith("upload:")
    )
