"""From examples to opinions: venues, photos and uploads found, with what they look like."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.errors import QueryError
from venuefinder.events import Habit, Kind
from venuefinder.recommending.likeness import Portraits, Sitter, sitter_of
from venuefinder.recommending.recommendation import Example
from venuefinder.recommending.taste import Opinion
from venuefinder.records import StoredSpace
from venuefinder.request import ImageQuery

NEVER = "its photos are still to be embedded, or it has none, and no description: take another example"


class ExampleReading(Protocol):
    """What finding examples reads."""

    def rows_by_name(self, external_ids: Collection[str]) -> Mapping[str, int]:
        """Return the rows of some venues, by external id."""

    def owners(self, photo_ids: Collection[int]) -> Mapping[int, int]:
        """Return whose some photos are, by the venue's row."""

    def portraits(self, venue_ids: Collection[int]) -> Portraits:
        """Return the embeddings of some venues."""


class PictureVectors(Protocol):
    """Where pictures are found."""

    def vectors(self, images: Sequence[ImageQuery], space: StoredSpace) -> NDArray[np.float32]:
        """Return `float32 [K, D]`, unit norm, or raise QueryError for one that is not there."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Known:
    """An example that was found."""

    example: Example
    opinion: Opinion
    venue_id: int | None
    """The venue, or the one whose photo it is; None for an upload."""
    did: Kind | None = None
    """What the user did with it; None where it was given as an example."""


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the examples of one request, each kind of thing in one statement."""

    reading: ExampleReading
    pictures: PictureVectors
    space: StoredSpace

    def find(self, **fields: Sequence[Example]) -> dict[str, list[Known]]:
        """Return the examples of each field, in their order.

        Raises QueryError naming the first that is not there, or with nothing to compare.
        """
        given = [(f"{field}[{place}]", it) for field, its in fields.items() for place, it in enumerate(its)]
        rows = self.reading.rows_by_name({it.venue for _, it in given if it.venue})
        for where, example in given:
            if example.venue and example.venue not in rows:
                raise QueryError(f"{where}.venue: {example.venue!r} is not in this catalogue; leave it out, or PUT it")
        portraits = self.reading.portraits(rows.values())
        pictured = [(where, example) for where, example in given if not example.venue]
        vectors = self._pictured(pictured)
        owners = self.reading.owners({example.photo_id for _, example in pictured if example.photo_id})
        found = {where: self._venue(where, it, portraits, rows) for where, it in given if it.venue}
        for (where, it), vector in zip(pictured, vectors, strict=True):
            sitter = Sitter(photos=vector[None], photo_ids=(it.photo_id,), single=True, uploaded=it.photo_id is None)
            opinion = Opinion(sitter=sitter, weight=it.weight)
            found[where] = Known(example=it, opinion=opinion, venue_id=owners.get(it.photo_id or 0))
        return {field: [found[f"{field}[{place}]"] for place in range(len(its))] for field, its in fields.items()}

    def remembered(self, habits: Sequence[Habit]) -> list[Known]:
        """Return what a user did as examples, the weightiest with a weight of 1; of venues with anything to compare."""
        if not habits:
            return []
        heaviest = max(habit.weight for habit in habits)
        portraits = self.reading.portraits({habit.venue_id for habit in habits})
        found = []
        for habit in habits:
            sitter = sitter_of(portraits, portraits.place_of[habit.venue_id])
            if len(sitter.photos) or sitter.told is not None:
                example = Example(venue=habit.external_id)
                opinion = Opinion(sitter=sitter, weight=habit.weight / heaviest)
                found.append(Known(example=example, opinion=opinion, venue_id=habit.venue_id, did=habit.kind))
        return found

    def _pictured(self, pictured: Sequence[tuple[str, Example]]) -> NDArray[np.float32]:
        asked = [ImageQuery(photo_id=it.photo_id, upload_id=it.upload_id) for _, it in pictured]
        try:
            return self.pictures.vectors(asked, self.space)
        except QueryError as error:
            field, _, reason = str(error).partition(": ")
            place = int(field.removeprefix("images[").removesuffix("]"))
            raise QueryError(f"{pictured[place][0]}: {reason}") from error

    @staticmethod
    def _venue(where: str, example: Example, portraits: Portraits, rows: Mapping[str, int]) -> Known:
        venue_id = rows[example.venue or ""]
        sitter = sitter_of(portraits, portraits.place_of[venue_id])
        if not len(sitter.photos) and sitter.told is None:
            raise QueryError(f"{where}.venue: there is nothing of {example.venue!r} to compare with: {NEVER}")
        return Known(example=example, opinion=Opinion(sitter=sitter, weight=example.weight), venue_id=venue_id)
