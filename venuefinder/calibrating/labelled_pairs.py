"""Labelled pairs: which venues, or which of their photos, people found to match words, and which not. From CSV.

The header decides what a file labels: `query`, `external_id`, `relevant` venues; `phrase`, `external_id`, `uri`,
`shown` photos.
"""

import csv
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, ValidationError

from venuefinder.domain import ExternalId, Uri, Value
from venuefinder.errors import InputError
from venuefinder.request import Query
from venuefinder.validation import explained, shown

MAX_BYTES = 100_000_000


def _label(value: Any) -> bool:
    if isinstance(value, str) and value.strip() in ("0", "1"):
        return value.strip() == "1"
    if isinstance(value, bool):
        return value
    raise ValueError("expected 1 for a match or 0 for none")


Label = Annotated[bool, BeforeValidator(_label)]


class LabelledPair(Value):
    """A query, a venue, and whether the venue matches. `place` says where that stands, for messages."""

    COLUMNS: ClassVar = ("query", "external_id", "relevant")

    query: Query
    external_id: ExternalId
    relevant: Label
    place: str

    def key(self) -> Hashable:
        """Return what is labelled: two pairs with the same would agree or contradict each other."""
        return self.query, self.external_id

    def __str__(self) -> str:
        return f"query {self.query!r} and venue {self.external_id!r}"


class LabelledPhoto(Value):
    """A phrase, a photo by its venue and the uri in its listing, and whether the photo shows it; `place` as above."""

    COLUMNS: ClassVar = ("phrase", "external_id", "uri", "shown")

    phrase: Query
    external_id: ExternalId
    uri: Uri
    shown: Label
    place: str

    @property
    def photo(self) -> tuple[str, str]:
        """The photo's venue and uri."""
        return self.external_id, self.uri

    def key(self) -> Hashable:
        """Return what is labelled."""
        return self.phrase, self.photo

    def __str__(self) -> str:
        return f"phrase {self.phrase!r} and photo {self.uri!r} of venue {self.external_id!r}"


Labelled = TypeVar("Labelled", LabelledPair, LabelledPhoto)
EXPECTED = f"{', '.join(LabelledPair.COLUMNS)} (venues) or {', '.join(LabelledPhoto.COLUMNS)} (photos)"


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file labels: venues or photos; the other is empty."""

    venues: tuple[LabelledPair, ...] = ()
    photos: tuple[LabelledPhoto, ...] = ()

    def for_reranking(self) -> tuple[LabelledPair, ...]:
        """Return the labelled venues; raises InputError where photos are labelled."""
        if self.photos:
            raise InputError(
                f"calibration: found labelled photos, expected the columns {', '.join(LabelledPair.COLUMNS)}: "
                "reranking orders venues; leave out --rerank, or label venues"
            )
        return self.venues


def read_labels(path: Path) -> Labels:
    """Read a CSV with the columns of labelled venues or of labelled photos, in any order.

    Raises InputError naming file and line for whatever is wrong, and for a pair that is there twice.
    """
    lines = _lines(path)
    header = next(lines, ("", []))[1]
    if sorted(header) == sorted(LabelledPair.COLUMNS):
        return Labels(venues=_pairs(_rows(header, lines), LabelledPair))
    if sorted(header) == sorted(LabelledPhoto.COLUMNS):
        return Labels(photos=_pairs(_rows(header, lines), LabelledPhoto))
    found = f"the columns {', '.join(map(shown, header))}" if header else "no columns"
    raise InputError(f"{path.name}:1: found {found}, expected {EXPECTED}, separated by commas")


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    reader = csv.reader(StringIO(_text(path), newline=""), strict=True)
    try:
        for values in reader:
            yield f"{path.name}:{reader.line_num}", values
    except csv.Error as error:
        raise InputError(f"{path.name}:{reader.line_num}: not CSV ({error}); quote values that hold quotes") from None


def _rows(header: list[str], lines: Iterator[tuple[str, list[str]]]) -> Iterator[dict[str, str]]:
    for place, values in lines:
        if values and len(values) != len(header):
            raise InputError(f"{place}: found {len(values)} values, expected {len(header)}, one a column")
        if values:
            yield dict(zip(header, values, strict=True)) | {"place": place}


def _pairs(rows: Iterable[Mapping[str, str]], kind: type[Labelled]) -> tuple[Labelled, ...]:
    pairs: dict[Hashable, Labelled] = {}
    for row in rows:
        try:
            pair = kind.model_validate(row)
        except ValidationError as error:
            raise InputError(f"{row['place']}: {explained(error)}") from None
        first = pairs.setdefault(pair.key(), pair)
        if first is not pair:
            raise InputError(f"{pair.place}: {pair} are labelled at {first.place} already; keep one")
    return tuple(pairs.values())


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected a CSV with the columns {EXPECTED}")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise InputError(f"{path}: {size:,} bytes, expected at most {MAX_BYTES:,}; fewer labelled pairs do as well")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start + 1}); save the file as CSV in UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
