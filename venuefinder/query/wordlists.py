"""Lists of words, written as text."""

import re
from collections.abc import Iterable


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """Return the phrases that `|` separates, each with single spaces."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split("|"))


def groups(text: str) -> tuple[frozenset[str], ...]:
    """Return the phrases of each group that `;` separates."""
    return tuple(phrases(group) for group in text.split(";"))


def any_of(listed: Iterable[str]) -> str:
    """Return a pattern for any of the words or phrases, the longest first."""
    return "|".join(map(re.escape, sorted(listed, key=lambda one: (-len(one), one))))
