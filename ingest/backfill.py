"""Embed in a space what it lacks: photos and descriptions, in the order of their ids.

What is done is known by the embeddings that are there, so that a run that was killed loses the group in hand, and one
that is run again completes what came meanwhile. A photo that cannot be used is recorded, and the run goes on.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Protocol, Self

from ingest.patience import Patience
from ingest.reading import Reading
from venuefinder.bootstrap import Services
from venuefinder.calibrating.background import ensure_background
from venuefinder.descriptions import chunks_of
from venuefinder.errors import FailureKind, ImageError, InputError, SourceInUseError
from venuefinder.images import LOOK_SIDE, decode_photo
from venuefinder.protocols import Embeddings, Pixels
from venuefinder.records import Chunk, StoredSpace
from venuefinder.spaces.space_states import Missing, Undescribed, Unembedded

PAGE = 1000
"""Photos or descriptions asked of the database at once."""
GROUP = 256
"""Photos written in one transaction: what a run that is killed does again."""
CHANGED = "its original changed since it was ingested; run venuefinder ingest again"


@dataclass(frozen=True, slots=True)
class BackfillFailure:
    """A photo that could not be embedded."""

    external_id: str
    uri: str
    kind: FailureKind
    reason: str


@dataclass(slots=True)
class BackfillReport:
    """What a backfill did."""

    space: str
    photos: int = 0
    descriptions: int = 0
    failures: list[BackfillFailure] = field(default_factory=list)
    missing: Missing = field(default_factory=lambda: Missing(photos=0, descriptions=0))
    """What has no embeddings at the end: failures, and what came meanwhile."""


class BackfillProgress(Protocol):
    """Told as a backfill goes on."""

    def begin(self, missing: Missing) -> None:
        """Learn how much there is to do."""

    def update(self, report: BackfillReport) -> None:
        """Show the counts so far."""

    def say(self, message: str) -> None:
        """Show one line that matters."""


class Backfill:
    """One run of filling one space, by the services of its encoder."""

    def __init__(self, services: Services, space: StoredSpace, progress: BackfillProgress) -> None:
        self._services = services
        self._store = services.backfills
        self._encoder = services.encoder
        self._space = space
        self._progress = progress
        self._report = BackfillReport(space.space.name)

    def run(self) -> BackfillReport:
        """Embed all that is missing, then build the index, measure the backgrounds, tune and tag.

        Raises InputError while another process fills this space, SpaceGoneError where it is dropped meanwhile.
        """
        space = self._space.space
        name = f"venuefinder backfill of {space.key}"
        try:
            with self._services.runs.exclusively(name) as claim, Patience(claim, self._progress.say) as self._patient:
                self._fill()
        except SourceInUseError:
            raise InputError(
                f"space {space.name!r}: is being filled by another process; wait for it, or stop it"
            ) from None
        self._report.missing = self._services.fills.missing(self._space)
        return self._report

    def _fill(self) -> None:
        self._progress.begin(self._services.fills.missing(self._space))
        while self._photos() + self._descriptions():  # again, for what came meanwhile
            pass
        self._patient(self._finish)

    def _photos(self) -> int:
        """Embed the photos that are missing; return how many were."""
        before, failed = self._report.photos, {(one.external_id, one.uri) for one in self._report.failures}
        missing = (one for one in self._missing_photos() if (one.external_id, one.photo.uri) not in failed)
        write = self._patient.of(self._write_photos)
        with _Writing(write) as writing, self._patient:  # left first, so that writing ends even while it waits
            for batch in _batched(self._prepared(missing), self._services.settings.batch_size):
                vectors = self._encoder.encode_prepared([pixels for _, pixels in batch])
                writing.add([(one, vector) for (one, _), vector in zip(batch, vectors, strict=True)])
                self._tell(photos=before + writing.written)
        self._tell(photos=before + writing.written)
        return writing.written

    def _write_photos(self, embedded: "Embedded") -> int:
        return self._store.write_photos(self._space, embedded)

    def _descriptions(self) -> int:
        before, after = self._report.descriptions, 0
        while missing := self._patient(partial(self._store.descriptions_after, after, self._space, limit=GROUP)):
            after = missing[-1].venue_id
            write = partial(self._store.write_descriptions, self._space, self._described(missing))
            self._report.descriptions += self._patient(write)
            self._progress.update(self._report)
        return self._report.descriptions - before

    def _finish(self) -> None:
        """Bring index, tuning, backgrounds and tags to what the space holds now."""
        indexing, spaces = self._services.indexing, self._services.spaces
        space = spaces.require(self._space.space)
        if not spaces.holds_embeddings(space):
            return
        if self._services.settings.index not in self._services.indexes.kinds(space):
            indexing.bring(space, self._progress.say)
            space = spaces.require(self._space.space)
        indexing.follow(ensure_background(spaces, self._services.prompts, space))
        self._services.tagging.tag()

    def _missing_photos(self) -> Iterator[Unembedded]:
        after = 0
        while page := self._patient(partial(self._store.photos_after, after, self._space, limit=PAGE)):
            yield from page
            after = page[-1].photo.id

    def _prepared(self, photos: Iterable[Unembedded]) -> Iterator[tuple[Unembedded, Pixels]]:
        """Read and decode in threads, as far ahead as two batches; what cannot be used becomes a failure."""
        settings = self._services.settings
        threads = settings.decode_threads or os.cpu_count() or 1
        ahead = 2 * settings.batch_size + threads
        reading = Reading[Unembedded, Pixels](decoders=threads, fetchers=settings.fetch_threads, ahead=ahead)
        originals = self._services.originals
        with closing(reading):
            for one in photos:
                read, prepare = partial(originals.of, one.photo), partial(self._prepare, one)
                reading.put(one, read, prepare, remote=originals.remote(one.photo.file))
                while reading.full:
                    yield from self._usable(*reading.take())
            while reading:
                yield from self._usable(*reading.take())

    def _prepare(self, one: Unembedded, data: bytes) -> Pixels:
        """Decode just as ingestion does, so that a photo has the same embedding whoever made it."""
        draft = max(self._space.space.facts.image_size, LOOK_SIDE)
        photo = decode_photo(data, max_pixels=self._services.settings.max_pixels, draft=draft)
        if photo.content_hash != one.photo.content.content_hash:
            raise ImageError(CHANGED)
        return self._encoder.prepare(photo.image)

    def _usable(self, one: Unembedded, reading: Future[Pixels]) -> Iterator[tuple[Unembedded, Pixels]]:
        try:
            yield one, reading.result()
        except ImageError as error:
            failure = BackfillFailure(one.external_id, one.photo.uri, error.kind, str(error))
            self._report.failures.append(failure)
            self._progress.update(self._report)

    def _described(self, missing: list[Undescribed]) -> list[tuple[Undescribed, list[Chunk]]]:
        length = self._space.space.facts.context_length
        texts = [chunks_of(one.venue, self._encoder.count_tokens, length) for one in missing]
        vectors = iter(self._encoder.encode_texts([text for chunks in texts for text in chunks]))
        return [
            (one, [Chunk(content=text, embedding=next(vectors)) for text in chunks])
            for one, chunks in zip(missing, texts, strict=True)
        ]

    def _tell(self, *, photos: int) -> None:
        self._report.photos = photos
        self._progress.update(self._report)


Embedded = list[tuple[Unembedded, Embeddings]]


class _Writing:
    """Writes groups on a thread of its own, beside the encoding, one at a time."""

    def __init__(self, write: Callable[[Embedded], int]) -> None:
        self._write = write
        self._group: Embedded = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._pending: Future[int] | None = None
        self.written = 0

    def add(self, embedded: Embedded) -> None:
        """Take more; they are written with the next full group. Raises what the write before raised."""
        self._group += embedded
        if len(self._group) >= GROUP:
            self._flush()

    def _flush(self) -> None:
        self._settle()
        if self._group:
            group, self._group = self._group, []
            self._pending = self._pool.submit(self._write, group)

    def _settle(self) -> None:
        pending, self._pending = self._pending, None
        self.written += pending.result() if pending else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
            self._settle()
        finally:
            self._pool.shutdown(wait=True)


def _batched(prepared: Iterator[tuple[Unembedded, Pixels]], size: int) -> Iterator[list[tuple[Unembedded, Pixels]]]:
    batch: list[tuple[Unembedded, Pixels]] = []
    for one in prepared:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
