"""Flat columns (`capacity_seated`, `price_amount`, lists split by `|`) to the nested fields of a listing."""

import json
from collections.abc import Sequence
from typing import Any

from ingest.sources.found import is_utf8
from venuefinder.domain import LAYOUTS, Listing, Price
from venuefinder.errors import InputError, ListingError

FLAT = {f"capacity_{layout}": ("capacity", layout) for layout in LAYOUTS} | {
    f"price_{name}": ("price", name) for name in Price.model_fields
}
WHOLE_NUMBERS = {f"capacity_{layout}" for layout in LAYOUTS}
LISTS = {"photos", "amenities"}
OBJECTS = {"attributes", "rooms"}
REQUIRED = ("external_id", "name", "photos")
COLUMNS = (*Listing.model_fields, *FLAT)


def check_columns(file: str, columns: Sequence[str]) -> None:
    """Raise InputError for a column that is unknown, missing or there twice."""
    _check_format(file, columns)
    unknown = [name for name in columns if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in columns]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if unknown:
        raise InputError(f"{file}:1: unknown column {unknown[0]!r}; expected some of: {', '.join(COLUMNS)}")
    if missing:
        raise InputError(f"{file}:1: column {missing[0]!r} is missing; required are {', '.join(REQUIRED)}")
    if twice:
        raise InputError(f"{file}:1: column {twice[0]!r} is there twice; keep one")


def _check_format(file: str, columns: Sequence[str]) -> None:
    """Raise InputError for a header that was split wrongly: what follows would say nothing of the cause."""
    header = "".join(columns)
    if "\0" in header or not is_utf8(header):
        raise InputError(f"{file}:1: the first line is not UTF-8; save the file as CSV in UTF-8")
    for separator in (";", "\t"):
        if len(columns) == 1 and separator in header:
            raise InputError(f"{file}:1: columns are separated by {separator!r}, expected ','; save it so")


def nested(row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of one flat row. Empty strings are absent; raises ListingError for what cannot be parsed."""
    fields: dict[str, Any] = {}
    for column, value in row.items():
        if isinstance(value, str) and not value.strip():
            continue
        parsed = _parsed(column, value)
        if column in FLAT:
            group, name = FLAT[column]
            fields.setdefault(group, {})[name] = parsed
        else:
            fields[column] = parsed
    return fields


def _parsed(column: str, value: Any) -> Any:
    if column in WHOLE_NUMBERS and isinstance(value, str):
        return _whole(column, value)
    if column in LISTS and isinstance(value, str):
        return [part.strip() for part in value.split("|") if part.strip()]
    if column in OBJECTS and isinstance(value, str):
        return _object(column, value)
    return _without_nulls(value)


def _whole(column: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ListingError(f"{column}: found {value!r}, expected a whole number of people") from None


def _object(column: str, value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ListingError(f"{column}: not JSON ({error}); found {value[:60]!r}") from None


def _without_nulls(value: Any) -> Any:
    """Drop the nulls that Parquet puts where a nested field is absent."""
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value
