"""What people see of something that takes long: a bar on stderr, or on no terminal a line now and then."""

import time
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import Progress, ProgressColumn

from venuefinder.terminal import plain

LINE_SECONDS = 30.0
"""Between two lines where there is no terminal to draw a bar on."""


class ProgressBar:
    """One bar; whoever uses it draws by `move`, and says by `say_now_and_then` how far it is where none is drawn."""

    def __init__(self, *columns: ProgressColumn, what: str = "", **fields: Any) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.drawn = self._console.is_terminal
        self._bar = Progress(*columns, console=self._console, disable=not self.drawn)
        self._task = self._bar.add_task(what, total=None, **fields)
        self._told = time.monotonic()

    def __enter__(self) -> Self:
        if self.drawn:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.drawn:
            self._bar.stop()

    def start(self, total: int | None, *, what: str | None = None) -> None:
        """Begin at nothing of `total`."""
        self._told = time.monotonic()
        self._bar.reset(self._task, total=total, description=None if what is None else plain(what))

    def move(self, completed: int, **fields: Any) -> None:
        """Draw how far it is."""
        self._bar.update(self._task, completed=completed, **fields)

    def advance(self, by: int) -> None:
        """Draw it `by` further."""
        self._bar.advance(self._task, by)

    def say_now_and_then(self, line: str) -> None:
        """Print the line where no bar is drawn and none was printed for a while."""
        if not self.drawn and time.monotonic() - self._told >= LINE_SECONDS:
            self._told = time.monotonic()
            self.say(line)

    def say(self, message: str) -> None:
        """Print one line above the bar."""
        self._console.print(plain(message))
