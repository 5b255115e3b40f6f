"""Membership in a collection of any size."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, literal


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Return `column IN values` with one parameter: PostgreSQL takes 65,535 at most, and a catalogue holds more."""
    found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return found
