"""The statements of a search's legs, as text over one space's tables. Values are bound, names are ours.

A leg's table is asked by the name of its partition: planning over the parent costs a quarter of a millisecond more.
Distances are negative inner products of unit vectors, ascending; they become cosines where rows leave the store.
"""

from dataclasses import dataclass
from typing import Literal

from venuefinder.records import StoredSpace
from venuefinder.store.filters import Condition

Table = Literal["photo_embeddings", "description_embeddings"]
BINARY_OVERSAMPLING = 8
"""Rows that a binary index brings for each that is kept after rescoring."""
AWAY = 4
"""Added to the distances of photos that are put aside: twice what distances of unit vectors differ by."""


@dataclass(frozen=True, slots=True)
class LegTable:
    """One leg's partition, and its distance to the bound vector `%(vector)s`."""

    name: str
    dimension: int

    @classmethod
    def of(cls, table: Table, space: StoredSpace) -> "LegTable":
        """Return the leg of a space."""
        return cls(f"{table}_{space.id}", space.space.dimension)

    @property
    def photo(self) -> str:
        """The column that names the photo; descriptions have none."""
        return "e.photo_id" if self.name.startswith("photo") else "NULL::bigint"

    @property
    def distance(self) -> str:
        """The distance, spelt as the index has it."""
        return f"(e.embedding::halfvec({self.dimension})) <#> %(vector)b"

    @property
    def binary(self) -> str:
        """The embedding's signs, spelt as the binary index has them."""
        return f"(binary_quantize(e.embedding::halfvec({self.dimension}))::bit({self.dimension}))"

    def nearest(self, condition: Condition) -> str:
        """Return the `%(rows)s` rows nearest by the halfvec index: venue, photo, distance.

        The filter is inside the ordered statement, and asked of one venue at a time as the index brings its rows.
        """
        return (
            f"SELECT e.venue_id, {self.photo}, {self.distance} FROM {self.name} e WHERE {condition.sql()} "  # noqa: S608
            f"ORDER BY {self.distance} LIMIT %(rows)s"
        )

    def nearest_by_signs(self, condition: Condition) -> str:
        """Return the `%(rows)s` rows nearest among the `%(more_rows)s` that the binary index brings, rescored."""
        inner = (
            f"SELECT e.venue_id, {self.photo} AS photo_id, {self.distance} AS distance FROM {self.name} e "  # noqa: S608
            f"WHERE {condition.sql()} "
            f"ORDER BY {self.binary} <~> binary_quantize(%(vector)b::halfvec({self.dimension})) LIMIT %(more_rows)s"
        )
        return f"SELECT * FROM ({inner}) found ORDER BY distance LIMIT %(rows)s"  # noqa: S608

    def best(self, venues: str) -> str:
        """Return each venue whose id is among `venues` with its least distance: venue_id, distance."""
        return self._least(self.distance, venues)

    def best_counting(self, venues: str) -> str:
        """Return as `best` each venue's least distance of photos that count, as `ranking.counting` has it.

        A photo that is put aside counts only where a venue has no other, and then half: `%(nothing)s` is the cosine
        that counts as much as no photo.
        """
        aside = f"e.photo_id IN (SELECT id FROM photos WHERE aside AND venue_id {venues})"  # noqa: S608 - text of ours
        least = self._least(f"({self.distance}) + CASE WHEN {aside} THEN {AWAY} ELSE 0 END", venues)
        half = f"greatest(distance - {AWAY}, (distance - {AWAY} - %(nothing)s::float8) / 2)"
        return (
            f"SELECT venue_id, CASE WHEN distance < {AWAY} / 2 THEN distance ELSE {half} END AS distance "  # noqa: S608 - text of ours
            f"FROM ({least}) measured"
        )

    def _least(self, distance: str, venues: str) -> str:
        return (
            f"SELECT e.venue_id, min({distance}) AS distance FROM {self.name} e "  # noqa: S608 - text of ours
            f"WHERE e.venue_id {venues} GROUP BY e.venue_id"
        )
