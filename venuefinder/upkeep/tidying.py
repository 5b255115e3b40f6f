"""Keep the catalogue clean: look again at photos where looks are of old, link copies, tag kinds, sweep what is left.

Ingestion and uploads do all of this for what they write. A run here is for what changed since: another version of
looks, another encoder, prompt or rule, a run that was killed. What is done is known by what is stored, so that a run
that was stopped goes on where it was, and one after it finds nothing to do.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol

from venuefinder.domain import PhotoLook
from venuefinder.errors import ImageError
from venuefinder.images import LOOK_SIDE, decode_photo, look_at
from venuefinder.records import StoredPhoto
from venuefinder.upkeep.tagging import Tagging

PAGE: Final = 256
"""Photos looked at, and venues linked, in one transaction: what a run that is killed does again."""
CHANGED: Final = "its original changed since it was ingested; run venuefinder ingest again"

Seen = tuple[StoredPhoto, PhotoLook | ImageError]
Read = Callable[[StoredPhoto], bytes]
"""Returns an original's bytes, or raises ImageError. Called in threads."""


class LookStore(Protocol):
    """Where looks and links are kept. Each call is one transaction."""

    def due_after(self, photo_id: int, *, limit: int) -> list[StoredPhoto]:
        """Return the next photos by id that nobody looked at lately."""

    def count_due(self) -> int:
        """Return how many these are."""

    def keep(self, found: Mapping[bytes, PhotoLook]) -> int:
        """Store looks by content hash, and bring their venues in order; return how many links changed."""

    def venues_after(self, venue_id: int, *, limit: int) -> list[int]:
        """Return the next rows of venues."""

    def settle(self, venue_ids: Collection[int], *, dry: bool = False) -> int:
        """Bring venues in order; return how many links changed. `dry`: would change."""

    def sweep(self, *, dry: bool = False) -> int:
        """Delete looks of contents that are gone; return how many. `dry`: only count them."""


class Readings(Protocol):
    """Where it is kept what models read of photos."""

    def forget_unused(self, photos: Collection[bytes] | None = None, *, dry: bool = False) -> int:
        """Delete what was read of contents that no photo has any more; return how much. `dry`: only count it."""


class Progress(Protocol):
    """Told as a run goes on."""

    def begin(self, what: str, total: int | None) -> None:
        """Learn what is done next, and how much of it there is where that is known."""

    def update(self, done: int) -> None:
        """Learn how much of that is done so far."""


@dataclass(frozen=True, slots=True)
class UnseenPhoto:
    """A photo that could not be looked at; what was known of it stays."""

    photo_id: int
    uri: str
    reason: str


@dataclass(slots=True)
class Tidied:
    """What a run did; of a dry one, what a run would do, but that new looks may change further links."""

    looked_at: int = 0
    """Photos looked at; of copies of the same bytes one."""
    unseen: list[UnseenPhoto] = field(default_factory=list)
    links_changed: int = 0
    """Photos that are linked to another one than before, or no more."""
    tagged: int = 0
    looks_swept: int = 0
    """Looks of contents that no photo has any more."""
    readings_swept: int = 0
    """What models read of such contents."""


class Tidying:
    """The use case of keeping the catalogue clean, for the space of one encoder."""

    def __init__(self, store: LookStore, read: Read, tagging: Tagging, readings: Readings, *, max_pixels: int) -> None:
        self._store = store
        self._read = read
        self._tagging = tagging
        self._readings = readings
        self._max_pixels = max_pixels

    def plan(self, progress: Progress) -> Tidied:
        """Return what a run would do. Reads no original, and writes nothing."""
        found = Tidied(looked_at=self._store.count_due(), tagged=self._tagging.count())
        found.links_changed = self._linked(progress, dry=True)
        self._sweep(found, dry=True)
        return found

    def run(self, progress: Progress, *, threads: int | None = None) -> Tidied:
        """Bring looks, links and tags to what they should be, and sweep what is left of photos that are gone."""
        report = Tidied()
        self._look(report, progress, threads or os.cpu_count() or 1)
        report.links_changed += self._linked(progress)
        progress.begin("photos tagged", self._tagging.count())
        report.tagged = self._tagging.tag(told=_summed(progress))
        self._sweep(report)
        return report

    def _sweep(self, report: Tidied, *, dry: bool = False) -> None:
        report.looks_swept = self._store.sweep(dry=dry)
        report.readings_swept = self._readings.forget_unused(dry=dry)

    def _look(self, report: Tidied, progress: Progress, threads: int) -> None:
        progress.begin("photos looked at", self._store.count_due())
        with ThreadPoolExecutor(threads, thread_name_prefix="look") as pool:
            for page in self._pages():
                found: dict[bytes, PhotoLook] = {}
                for photo, seen in pool.map(self._seen, page):
                    if isinstance(seen, ImageError):
                        report.unseen.append(UnseenPhoto(photo.id, photo.uri, str(seen)))
                    else:
                        found[photo.content.content_hash] = seen
                report.links_changed += self._store.keep(found) if found else 0
                report.looked_at += len(found)
                progress.update(report.looked_at + len(report.unseen))

    def _pages(self) -> Iterator[list[StoredPhoto]]:
        after = 0
        while due := self._store.due_after(after, limit=PAGE):
            after = due[-1].id
            yield list({photo.content.content_hash: photo for photo in due}.values())

    def _seen(self, photo: StoredPhoto) -> Seen:
        try:
            data = self._read(photo)
            found = decode_photo(data, max_pixels=self._max_pixels, draft=LOOK_SIDE)
            if found.content_hash != photo.content.content_hash:
                raise ImageError(CHANGED)
        except ImageError as error:
            return photo, error
        return photo, look_at(found.image, size=(found.width, found.height))

    def _linked(self, progress: Progress, *, dry: bool = False) -> int:
        progress.begin("venues linked", None)
        changed = done = after = 0
        while venues := self._store.venues_after(after, limit=PAGE):
            after = venues[-1]
            changed += self._store.settle(venues, dry=dry)
            done += len(venues)
            progress.update(done)
        return changed


def _summed(progress: Progress) -> Callable[[int], None]:
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        progress.update(done)

    return tell
