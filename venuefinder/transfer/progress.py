"""How exporting and importing tell what they do."""

from typing import Protocol


class Progress(Protocol):
    """Told as rows go by."""

    def begin(self, what: str, total: int) -> None:
        """Begin a part of the work: so many rows."""

    def advance(self, rows: int) -> None:
        """Go on by so many rows."""

    def say(self, message: str) -> None:
        """Show one line that matters."""


class Quiet:
    """Progress that nobody watches; it keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def begin(self, what: str, total: int) -> None:
        """Take no notice."""

    def advance(self, rows: int) -> None:
        """Take no notice."""

    def say(self, message: str) -> None:
        """Keep it."""
        self.said.append(message)
