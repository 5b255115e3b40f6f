"""Lists of words, written as text."""


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """Return the phrases that `|` separates, each with single spaces."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split("|"))


def groups(text: str) -> tuple[frozenset[str], ...]:
    """Return the phrases of each group that `;` separates."""
    return tuple(phrases(group) for group in text.split(";"))
