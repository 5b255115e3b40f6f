"""What the doctor finds, and the promise that looking never raises."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from venuefinder.errors import VenueFinderError

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `remedy` is a command or a setting; None where nothing needs one."""

    name: str
    state: State
    found: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check whose name is told elsewhere."""

    state: State
    found: str
    remedy: str | None = None


def ok(found: str) -> Verdict:
    """Nothing to do."""
    return Verdict("ok", found)


def warning(found: str, remedy: str) -> Verdict:
    """It works, with a drawback."""
    return Verdict("warning", found, remedy)


def failed(found: str, remedy: str) -> Verdict:
    """It does not work."""
    return Verdict("failed", found, remedy)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to look at. `remedy` helps where an error of someone else's brings none."""

    name: str
    judge: Callable[[], Verdict]
    remedy: str
    needs: tuple[str, ...] = ()
    """Steps before it that must not have failed."""


def carried_out(steps: Iterable[Step]) -> Iterator[Check]:
    """Yield a check for every step, in order; what raises has failed, what needs it is reported as not done."""
    failures: set[str] = set()
    for step in steps:
        missing = [name for name in step.needs if name in failures]
        verdict = _not_done(missing) if missing else _judged(step)
        if missing or verdict.state == "failed":
            failures.add(step.name)
        yield Check(step.name, verdict.state, verdict.found, verdict.remedy)


def _not_done(missing: Sequence[str]) -> Verdict:
    return Verdict("warning", f"not done: needs {', '.join(missing)}")


def _judged(step: Step) -> Verdict:
    try:
        return step.judge()
    except VenueFinderError as error:
        found, _, advice = str(error).partition("; ")
        return failed(found, advice or step.remedy)
    # Whatever is broken enough to raise something else is what the doctor was called for.
    except Exception as error:
        lines = str(error).strip().splitlines()
        return failed(f"{type(error).__name__}: {lines[0] if lines else 'no message'}", step.remedy)
