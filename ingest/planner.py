"""Compare what a source lists with what is stored: which photos must be read, which venues written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ingest.sources import FoundVenue
from ingest.sources.found import AtHand, GivenPhoto
from venuefinder.catalogue import change_of
from venuefinder.domain import PhotoRef
from venuefinder.errors import ImageError
from venuefinder.originals import is_remote
from venuefinder.originals.urls import shown
from venuefinder.records import Failure, PhotoDraft, PhotoFile, StoredPhoto, StoredVenue, VenueDraft


@dataclass(frozen=True, slots=True)
class PhotoTask:
    """A photo to read: `draft` is how it will be stored, without content yet; `stored` what it was."""

    draft: PhotoDraft
    stored: StoredPhoto | None
    root: Path | None = None
    """The folder that no link may lead out of."""
    public: bool = False
    """Whether it may come from public addresses alone."""
    data: AtHand | None = None
    """Its bytes, where they came with the listing."""

    @property
    def remote(self) -> bool:
        """Whether reading it asks another machine, so that it may take long."""
        return self.data is None and is_remote(self.draft.file.location)


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


def plan(found: FoundVenue, stored: StoredVenue | None, *, source: str, verify: bool, copy: bool = False) -> VenueWork:
    """Decide what one venue needs.

    verify: read every photo again, whatever its size and time say. copy: into our own store, what is not there.
    """
    tasks: list[PhotoTask] = []
    kept: list[PhotoDraft] = []
    failures = [Failure(file.place, file.reason, "refused") for file in found.unusable]
    unchanged = 0
    photos = stored.photos if stored else {}
    listed = found.listing.all_photos()
    for position, (room, reference) in enumerate(listed):
        known = photos.get(reference.uri)
        given = _given(found, reference)
        if isinstance(given, Failure):
            failures.append(given)
            continue
        file = _copied(given.file, known, copy=copy)
        draft = PhotoDraft(uri=reference.uri, file=file, room=room, caption=reference.caption, position=position)
        if verify or known is None or not known.embedded or not file.still(known.file):
            tasks.append(PhotoTask(draft, known, found.base.root, found.base.public, given.data))
        elif not _same(known, draft := replace(draft, file=known.file)):
            kept.append(draft)
        else:
            unchanged += 1
    return VenueWork(
        found=replace(found, given={}),  # bytes that nobody is to read are let go of
        source=source,
        stored=stored,
        tasks=tuple(tasks),
        kept=tuple(kept),
        unchanged=unchanged,
        failures=tuple(failures),
        vanished=_vanished(photos.values(), {reference.uri for _, reference in listed}),
    )


def shown_place(file: PhotoFile) -> str:
    """Return where a photo lies in words for messages: the path, or the address without what may sign it."""
    return shown(file.location) if is_remote(file.location) else file.location


def _same(stored: StoredPhoto, draft: PhotoDraft) -> bool:
    """Return whether a photo is stored with this file, caption and place."""
    kept = (stored.file, stored.room, stored.caption, stored.position)
    return kept == (draft.file, draft.room, draft.caption, draft.position)


def _given(found: FoundVenue, reference: PhotoRef) -> GivenPhoto | Failure:
    if given := found.given.get(reference.uri):
        return given
    try:
        return GivenPhoto(found.base.locate(reference.uri))
    except ImageError as error:
        return Failure(_named(found, reference.uri), f"{error}; named by {found.place}", error.kind)


def _named(found: FoundVenue, uri: str) -> str:
    """Return what a photo that is not there is called: its path, where it would be one."""
    if "://" in uri:
        return shown(uri)
    within = found.base.root is not None and not PurePosixPath(uri).is_absolute() and ".." not in uri
    return str(found.base.root / uri) if within and found.base.root else uri


def _copied(file: PhotoFile, known: StoredPhoto | None, *, copy: bool) -> PhotoFile:
    """Return the file as it is to be kept. What was copied and is unchanged stays so, whatever the setting is now."""
    copied = replace(file, copied=True)
    return copied if copy or (known and known.file.copied and copied.still(known.file)) else file


def _vanished(photos: Iterable[StoredPhoto], listed: set[str]) -> tuple[int, ...]:
    return tuple(
        photo.id for photo in photos if photo.uri not in listed and not photo.file.location.startswith("upload:")
    )
