"""The tables of one embedding space of an export, taken venue by venue beside the venues and photos they are about."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from venuefinder.carried import CarriedEmbeddings, HalfVectors, ListedPhoto, ListedTags, ListedVenue
from venuefinder.domain import CONTROL_CHARACTER, EmbeddingSpace
from venuefinder.errors import InputError
from venuefinder.records import Chunk
from venuefinder.transfer import layout
from venuefinder.transfer.listings import tags_of
from venuefinder.transfer.manifest import FileFacts
from venuefinder.transfer.tables import ByVenue, VectorRow, read_rows, read_vectors

MOST_CONTENT = 100_000
"""Characters of a chunk: a whole description with its head."""


class SpaceTables:
    """Embeddings and tags in one space."""

    def __init__(self, folder: Path, files: Mapping[str, FileFacts], space: EmbeddingSpace) -> None:
        self._space = space
        self._files = files
        self._paths = {name: folder / layout.of_space(space.key, name) for name in ("photos", "descriptions", "tags")}
        photo_columns = layout.photo_vector_columns(space.dimension)
        chunk_columns = layout.description_vector_columns(space.dimension)
        self._photos = ByVenue(self._vectors("photos", photo_columns), self._paths["photos"])
        self._chunks = ByVenue(self._vectors("descriptions", chunk_columns), self._paths["descriptions"])
        self._tags = ByVenue(self._tag_rows(), self._paths["tags"])

    def take(self, venue: ListedVenue, photos: Sequence[ListedPhoto]) -> CarriedEmbeddings:
        """Return what a venue with these photos has in the space; raises InputError for what cannot be."""
        uris = {photo.number: photo.draft.uri for photo in photos}
        if len(uris) != len(photos):
            raise InputError(f"{self._paths['photos']}: venue {venue.number}: two photos have one number")
        tags = {self._uri(uris, one.photo, "tags"): one.tags for one in self._tags.take(venue.number)}
        return CarriedEmbeddings(
            photos=self._of_photos(uris, self._photos.take(venue.number)),
            chunks=self._of_chunks(venue, self._chunks.take(venue.number)),
            tags=tags,
        )

    def end(self) -> None:
        """Raise InputError where rows of other venues are left."""
        for table in (self._photos, self._chunks, self._tags):
            table.end()

    def _of_photos(self, uris: Mapping[int, str], rows: Sequence[VectorRow]) -> dict[str, HalfVectors]:
        views: dict[str, list[VectorRow]] = defaultdict(list)
        for row in rows:
            views[self._uri(uris, row.photo, "photos")].append(row)
        for uri, of_photo in views.items():
            if [row.place for row in of_photo] != list(range(self._space.facts.views)):
                raise InputError(
                    f"{self._paths['photos']}: photo {uri!r}: found the views {[row.place for row in of_photo][:9]}, "
                    f"expected {self._space.facts.views}, from 0 on"
                )
        return {uri: np.stack([row.embedding for row in of_photo]) for uri, of_photo in views.items()}

    def _of_chunks(self, venue: ListedVenue, rows: Sequence[VectorRow]) -> tuple[Chunk, ...]:
        path, external_id = self._paths["descriptions"], venue.venue.external_id
        if [row.place for row in rows] != list(range(len(rows))):
            raise InputError(f"{path}: venue {external_id!r}: found its chunks out of order, expected them from 0 on")
        for row in rows:
            if CONTROL_CHARACTER.search(row.content) or not 0 < len(row.content) <= MOST_CONTENT:
                raise InputError(
                    f"{path}: venue {external_id!r}, chunk {row.place}: found {row.content[:40]!r}, expected 1 to "
                    f"{MOST_CONTENT:,} characters without control characters"
                )
        if rows and not venue.venue.description:
            raise InputError(f"{path}: venue {external_id!r}: found {len(rows)} chunks of no description")
        return tuple(Chunk(content=row.content, embedding=row.embedding.astype(np.float32)) for row in rows)

    def _uri(self, uris: Mapping[int, str], photo: int, table: str) -> str:
        if (uri := uris.get(photo)) is None:
            raise InputError(f"{self._paths[table]}: found a row of photo {photo}, expected photos of its venue")
        return uri

    def _vectors(self, name: str, columns: layout.Columns) -> Iterator[tuple[int, VectorRow]]:
        return read_vectors(self._paths[name], columns, self._facts(name), self._space)

    def _tag_rows(self) -> Iterator[tuple[int, ListedTags]]:
        path = self._paths["tags"]
        for number, row in enumerate(read_rows(path, layout.TAG_COLUMNS, self._facts("tags")), start=1):
            listed = tags_of(row, f"{path}: row {number}")
            yield listed.venue, listed

    def _facts(self, name: str) -> FileFacts:
        return self._files[layout.of_space(self._space.key, name)]
