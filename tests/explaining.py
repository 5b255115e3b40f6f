"""The plans of a search's statements, as PostgreSQL explains them while the search runs."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from venuefinder.store.reading import Reading


class Explained(NamedTuple):
    """A statement that a search sent, and the plan it ran by."""

    statement: str
    plan: str

    @property
    def is_leg(self) -> bool:
        """Whether it brings a leg's nearest rows; all others read by keys, or every row that passes."""
        return "LIMIT %(rows)s" in self.statement

    @property
    def leaf(self) -> str:
        """The leg's table."""
        found = re.search(r"FROM (\w+_embeddings_\d+) e", self.statement)
        assert found is not None
        return found[1]


@contextmanager
def explained() -> Iterator[list[Explained]]:
    """Explain every statement that searches send meanwhile, but for those that go by keys."""
    found: list[Explained] = []

    class Explaining(Reading):
        def _all(self, statement: str, parameters: Mapping[str, Any]) -> list[Any]:
            plan = super()._all(f"EXPLAIN (COSTS OFF) {statement}", parameters)
            found.append(Explained(statement, "\n".join(row[0] for row in plan)))
            return super()._all(statement, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("venuefinder.store.nearest.Reading", Explaining)
        yield found
