"""Say what is wrong with a value in words: field, what was found, what was expected."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from venuefinder.domain import COUNTRY_PATTERN, CURRENCY_PATTERN, EXTERNAL_ID_PATTERN
from venuefinder.request import FACET_PATTERN, SHAPES, UPLOAD_ID_PATTERN

SHOWN = 80
"""Characters of a bad value that are repeated in a message."""
WHOLE = "value"
"""Stands for a field where fields contradict each other; the expectation then names them."""
WORDS = {
    "tuple_type": "a list is expected",
    "list_type": "a list is expected",
    "dict_type": "an object is expected",
    "mapping_type": "an object is expected",
    "model_type": "an object is expected",
    "model_attributes_type": "an object is expected",
    "int_type": "a whole number is expected",
    "string_type": "text is expected",
}
BETWEEN = {"", "[key]", *SHAPES}
"""What pydantic puts into the path of a field: for a name that is wrong itself, and for the member of a union."""
PATTERNS = {
    EXTERNAL_ID_PATTERN: "1 to 200 letters, digits and . _ ~ - are expected",
    CURRENCY_PATTERN: "three capital letters are expected, as in GBP (ISO 4217)",
    COUNTRY_PATTERN: "two capital letters are expected, as in GB (ISO 3166-1)",
    FACET_PATTERN: "kind, city, country, amenities, layouts, price or attributes.NAME is expected",
    UPLOAD_ID_PATTERN: "an upload_id as POST /v1/uploads answers is expected",
}
BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
"""Pydantic's kinds of error to the name of the bound and the words before it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that is wrong."""

    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        if self.field == WHOLE:
            return self.expected
        return f"{self.field}: found {self.found}; {self.expected}"


def problems(error: ValidationError) -> list[Problem]:
    """Return what pydantic found wrong, a problem a field."""
    return [problem_of(dict(detail)) for detail in error.errors(include_url=False)]


def explained(error: ValidationError) -> str:
    """Return all problems in one line."""
    return "; ".join(str(problem) for problem in problems(error))


def problem_of(detail: Mapping[str, Any]) -> Problem:
    """Return what one entry of pydantic's `errors()` says."""
    field = _field(detail["loc"])
    if detail["type"] == "missing":
        return Problem(field, "nothing", "this field is required")
    if detail["type"] == "extra_forbidden":
        return Problem(field, shown(detail["input"]), "there is no such field; check its spelling")
    if detail["type"] == "too_long" and isinstance(detail["input"], str):
        return Problem(field, shown(detail["input"]), f"at most {detail['ctx']['max_length']} characters are allowed")
    if detail["type"] == "too_short" and isinstance(detail["input"], str):
        return Problem(field, shown(detail["input"]), "at least one character is expected")
    return Problem(field, shown(detail["input"]), _expected(detail))


def _field(place: Sequence[str | int]) -> str:
    """Return a field by its path, without what pydantic puts between."""
    return ".".join(str(part) for part in place if part not in BETWEEN) or WHOLE


def _expected(detail: Mapping[str, Any]) -> str:
    if detail["type"] in BOUNDS:
        name, before = BOUNDS[detail["type"]]
        return f"{before} {detail['ctx'][name]:,} is expected"
    if detail["type"] == "too_short":
        return f"at least {detail['ctx']['min_length']:,} valid item is expected"
    if detail["type"] == "too_long":
        return f"at most {detail['ctx']['max_length']:,} are allowed"
    words = WORDS.get(detail["type"]) or PATTERNS.get(detail.get("ctx", {}).get("pattern", ""))
    message = str(detail["msg"]).removeprefix("Value error, ")
    return words or (message if message[1:2].isupper() else message[:1].lower() + message[1:])


def shown(value: Any) -> str:
    """Return a value as JSON, shortened."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        text = repr(value)
    except RecursionError:
        text = "a value nested too deep to show"
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
