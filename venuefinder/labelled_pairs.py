"""Labelled pairs: which venues people found to match a query, and which not. Read from CSV."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from venuefinder.domain import ExternalId, Value
from venuefinder.errors import InputError
from venuefinder.request import Query
from venuefinder.validation import explained, shown

COLUMNS = ("query", "external_id", "relevant")
MAX_BYTES = 100_000_000


def _label(value: Any) -> bool:
    if isinstance(value, str) and value.strip() in ("0", "1"):
        return value.strip() == "1"
    if isinstance(value, bool):
        return value
    raise ValueError("expected 1 for a match or 0 for none")


class LabelledPair(Value):
    """A query, a venue, and whether the venue matches. `place` says where that stands, for messages."""

    query: Query
    external_id: ExternalId
    relevant: Annotated[bool, BeforeValidator(_label)]
    place: str


def read_labelled_pairs(path: Path) -> list[LabelledPair]:
    """Read a CSV with the columns `query`, `external_id` and `relevant` (1 or 0), in any order.

    Raises InputError naming file and line for whatever is wrong, and for a pair that is there twice.
    """
    pairs: dict[tuple[str, str], LabelledPair] = {}
    for place, row in _rows(path):
        pair = _pair(place, row)
        first = pairs.setdefault((pair.query, pair.external_id), pair)
        if first is not pair:
            raise InputError(
                f"{place}: query {pair.query!r} and venue {pair.external_id!r} are labelled at {first.place} already; "
                "keep one"
            )
    return list(pairs.values())


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.reader(StringIO(_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        _check_header(path.name, header)
        for values in reader:
            place = f"{path.name}:{reader.line_num}"
            if values and len(values) != len(header):
                raise InputError(f"{place}: found {len(values)} values, expected {len(header)}, one a column")
            if values:
                yield place, dict(zip(header, values, strict=True))
    except csv.Error as error:
        raise InputError(f"{path.name}:{reader.line_num}: not CSV ({error}); quote values that hold quotes") from None


def _text(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected a CSV with the columns {', '.join(COLUMNS)}")
    if (size := path.stat().st_size) > MAX_BYTES:
        raise InputError(f"{path}: {size:,} bytes, expected at most {MAX_BYTES:,}; fewer labelled pairs do as well")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start + 1}); save the file as CSV in UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _check_header(file: str, header: list[str]) -> None:
    if sorted(header) != sorted(COLUMNS):
        found = f"the columns {', '.join(map(shown, header))}" if header else "no columns"
        raise InputError(f"{file}:1: found {found}, expected {', '.join(COLUMNS)}, separated by commas")


def _pair(place: str, row: dict[str, str]) -> LabelledPair:
    try:
        return LabelledPair.model_validate({**row, "place": place})
    except ValidationError as error:
        raise InputError(f"{place}: {explained(error)}") from None
