"""How a run tells what it does."""

from typing import Protocol

from ingest.report import Report


class Progress(Protocol):
    """Told as a run goes on."""

    def update(self, report: Report) -> None:
        """Show the counts so far."""

    def say(self, message: str) -> None:
        """Show one line that matters."""


class Quiet:
    """Progress that nobody watches; it keeps what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def update(self, report: Report) -> None:
        """Take no notice."""

    def say(self, message: str) -> None:
        """Keep it."""
        self.said.append(message)
