"""SQL that asks something of `venues v`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL clauses, all of which must hold, and their parameters, whose names all begin with `where_`.

    A clause is NULL where the listing does not say, which counts as not holding.
    """

    clauses: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def sql(self) -> str:
        """Return the clauses as one expression, TRUE when there are none."""
        return " AND ".join(self.clauses) or "TRUE"

    def add(self, clause: str, parameters: Mapping[str, Any]) -> None:
        """Ask one thing more."""
        self.clauses.append(clause)
        self.parameters.update(parameters)


def either(clauses: list[str]) -> str:
    """Return clauses of which one must hold as one clause."""
    return clauses[0] if len(clauses) == 1 else f"({' OR '.join(clauses)})"
