"""Write a catalogue into a folder: one moment of it, a batch in memory at a time, the manifest last."""

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from venuefinder import __version__
from venuefinder.carried import CarriedSpace, ListedPhoto, ListedTags, ListedVenue, Vectors
from venuefinder.errors import InputError, NotFoundError
from venuefinder.records import StoredSpace
from venuefinder.transfer import layout
from venuefinder.transfer.listings import photo_row, tags_row, venue_row
from venuefinder.transfer.locations import OURS
from venuefinder.transfer.manifest import FileFacts, Manifest
from venuefinder.transfer.originals import NotCopied, copy_originals
from venuefinder.transfer.originals import Store as Originals
from venuefinder.transfer.progress import Progress
from venuefinder.transfer.space_facts import write_spaces

NAMED = 20
"""Originals that were not copied and are named."""


class CatalogueMoment(Protocol):
    """A catalogue that holds still: `store.snapshots.Snapshot`."""

    spaces: list[CarriedSpace]
    serves: StoredSpace | None

    def counts(self) -> tuple[int, int]:
        """Return how many venues and photos there are."""

    def venues(self) -> Iterator[list[ListedVenue]]:
        """Yield all venues."""

    def photos(self) -> Iterator[list[ListedPhoto]]:
        """Yield all photos, in the order of venues."""

    def photo_vectors(self, space: StoredSpace) -> Iterator[Vectors]:
        """Yield the embeddings of photos."""

    def description_vectors(self, space: StoredSpace) -> Iterator[Vectors]:
        """Yield the embeddings of descriptions."""

    def tags(self, space: StoredSpace) -> Iterator[list[ListedTags]]:
        """Yield what photos are said to be."""


class Snapshots(Protocol):
    """What opens them: `store.snapshots.SnapshotRepository`."""

    def open(self, keys: Collection[str] | None) -> AbstractContextManager[CatalogueMoment]:
        """Hold still the catalogue with the spaces of these keys, None: all."""


@dataclass(slots=True)
class ExportReport:
    """What was written."""

    folder: Path
    venues: int = 0
    photos: int = 0
    embeddings: int = 0
    """Of photos and descriptions, in all spaces."""
    bytes: int = 0
    ours: int = 0
    """Photos whose originals lie in the catalogue's own store and are not in the export."""
    not_copied: list[NotCopied] = field(default_factory=list)
    """Photos whose originals should be in the export and are not; the first of them."""
    failed: int = 0
    """How many those are."""


def export(
    snapshots: Snapshots,
    folder: Path,
    keys: Collection[str] | None,
    progress: Progress,
    originals: Originals | None = None,
) -> ExportReport:
    """Write the catalogue with the spaces of these keys, None: all, into a folder that is new or empty.

    originals: what reads those that are copied into it; None: they stay where they are. Raises InputError for a folder
    that holds something, NotFoundError for an empty catalogue. What was written goes again when writing fails.
    """
    with _fresh(folder), snapshots.open(keys) as moment:
        return _Export(folder, moment, progress, originals).run()


class _Export:
    def __init__(self, folder: Path, moment: CatalogueMoment, progress: Progress, originals: Originals | None) -> None:
        self._folder = folder
        self._moment = moment
        self._progress = progress
        self._originals = originals
        self._report = ExportReport(folder)
        self._files: dict[str, FileFacts] = {}

    def run(self) -> ExportReport:
        venues, photos = self._moment.counts()
        if not venues or not self._moment.spaces:
            raise NotFoundError("catalogue: found no venues, expected some to export; run: venuefinder ingest PATH")
        self._progress.begin("venues", venues)
        self._report.venues = self._table(layout.VENUES, layout.VENUE_COLUMNS, self._venue_batches())
        self._progress.begin("photos", photos)
        self._report.photos = self._table(layout.PHOTOS, layout.PHOTO_COLUMNS, self._photo_batches())
        for carried in self._moment.spaces:
            self._space(carried.stored, photos)
        write_spaces(self._folder / layout.SPACES, self._moment.spaces)
        self._files[layout.SPACES] = FileFacts.of(self._folder / layout.SPACES)
        self._finish()
        return self._report

    def _space(self, space: StoredSpace, photos: int) -> None:
        key, dimension = space.space.key, space.space.dimension
        self._progress.begin(f"embeddings of {space.space.name}", photos)
        batches = self._vector_batches(self._moment.photo_vectors(space), layout.photo_vector_columns(dimension))
        self._report.embeddings += self._table(
            layout.of_space(key, "photos"), layout.photo_vector_columns(dimension), batches
        )
        columns = layout.description_vector_columns(dimension)
        batches = self._vector_batches(self._moment.description_vectors(space), columns)
        self._report.embeddings += self._table(layout.of_space(key, "descriptions"), columns, batches)
        rows = (
            pa.RecordBatch.from_pylist([tags_row(one) for one in tags], layout.TAG_COLUMNS)
            for tags in self._moment.tags(space)
        )
        self._table(layout.of_space(key, "tags"), layout.TAG_COLUMNS, rows)

    def _venue_batches(self) -> Iterator[pa.RecordBatch]:
        for venues in self._moment.venues():
            yield pa.RecordBatch.from_pylist([venue_row(listed) for listed in venues], layout.VENUE_COLUMNS)
            self._progress.advance(len(venues))

    def _photo_batches(self) -> Iterator[pa.RecordBatch]:
        for photos in self._moment.photos():
            self._take_originals(photos)
            rows = [photo_row(listed) for listed in photos]
            yield pa.RecordBatch.from_pylist(rows, layout.PHOTO_COLUMNS)
            self._progress.advance(len(photos))

    def _take_originals(self, photos: Sequence[ListedPhoto]) -> None:
        if self._originals is None:
            files = [listed.draft.file for listed in photos]
            self._report.ours += sum(file.copied or file.location.startswith(OURS) for file in files)
            return
        missing = copy_originals(self._originals, photos, self._folder)
        self._report.failed += len(missing)
        self._report.not_copied += missing[: max(NAMED - len(self._report.not_copied), 0)]

    def _vector_batches(self, batches: Iterable[Vectors], columns: pa.Schema) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            dimension = batch.embeddings.shape[1]
            embeddings = pa.FixedSizeListArray.from_arrays(pa.array(batch.embeddings.reshape(-1)), dimension)
            told = [batch.places, batch.contents] if batch.photos is None else [batch.photos, batch.places]
            arrays = [pa.array(values) for values in (batch.venues, *told)]
            yield pa.RecordBatch.from_arrays([*arrays, embeddings], schema=columns)
            if batch.photos is not None:
                self._progress.advance(int((batch.places == 0).sum()))

    def _table(self, name: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> int:
        """Write a table, a batch a row group; return its rows."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = 0
        compression = "none" if "photo" in schema.names and "embedding" in schema.names else "zstd"  # of noise
        dictionaries = [column for column in schema.names if column in ("venue", "photo", "kind", "city", "format")]
        with path.open("wb") as file:
            with pq.ParquetWriter(file, schema, compression=compression, use_dictionary=dictionaries) as writer:
                for batch in batches:
                    writer.write_batch(batch)
                    rows += batch.num_rows
            file.flush()
            os.fsync(file.fileno())
        self._files[name] = FileFacts.of(path, rows)
        return rows

    def _finish(self) -> None:
        serves = self._moment.serves
        manifest = Manifest(
            made_by=f"venuefinder {__version__}",
            serves=serves.space.key if serves else None,
            spaces=tuple(carried.stored.space.key for carried in self._moment.spaces),
            files=self._files,
        )
        path = self._folder / layout.MANIFEST
        with path.open("w", encoding="utf-8") as file:
            file.write(manifest.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        self._report.bytes = sum(facts.bytes for facts in self._files.values()) + path.stat().st_size


@contextmanager
def _fresh(folder: Path) -> Iterator[None]:
    """Make the folder, and empty it again where the block fails."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise InputError(f"{folder}: found something there, expected a new or an empty folder; name another")
    was_there = folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not was_there:
            folder.rmdir()
        raise
