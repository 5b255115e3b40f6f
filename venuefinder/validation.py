"""Say what is wrong with a value in words: field, what was found, what was expected."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

SHOWN = 80
"""Characters of a bad value that are repeated in a message."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that is wrong."""

    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.field}: found {self.found}; {self.expected}"


def problems(error: ValidationError) -> list[Problem]:
    """Return what pydantic found wrong, a problem a field."""
    return [_problem(dict(detail)) for detail in error.errors(include_url=False)]


def explained(error: ValidationError) -> str:
    """Return all problems in one line."""
    return "; ".join(str(problem) for problem in problems(error))


def _problem(detail: dict[str, Any]) -> Problem:
    field = ".".join(str(part) for part in detail["loc"]) or "value"
    if detail["type"] == "missing":
        return Problem(field, "nothing", "this field is required")
    if detail["type"] == "extra_forbidden":
        return Problem(field, shown(detail["input"]), "there is no such field; check its spelling")
    if detail["type"] == "too_long" and isinstance(detail["input"], str):
        return Problem(field, shown(detail["input"]), f"at most {detail['ctx']['max_length']} characters are allowed")
    message = str(detail["msg"]).removeprefix("Value error, ")
    return Problem(field, shown(detail["input"]), message[:1].lower() + message[1:])


def shown(value: Any) -> str:
    """Return a value as JSON, shortened."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
