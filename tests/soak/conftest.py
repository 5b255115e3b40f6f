"""What the soak found, in figures, at the end of its output; they go into docs/reliability.md."""

from collections.abc import Callable

import pytest

FIGURES = pytest.StashKey[dict[str, list[float]]]()
Figure = Callable[[str, float], None]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = {}


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Keep one number under a name; what comes more than once is summed up."""
    found = request.config.stash[FIGURES]
    return lambda name, number: found.setdefault(name, []).append(number)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if found := config.stash[FIGURES]:
        terminalreporter.section("figures")
    for name, numbers in found.items():
        line = (
            f"{name}: {len(numbers):,} times, sum {sum(numbers):,.6g}, from {min(numbers):,.4g} to {max(numbers):,.4g}"
        )
        terminalreporter.write_line(line)
