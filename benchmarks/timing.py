"""Times of many calls, as percentiles. Everything in milliseconds."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Times:
    """How long calls took, one after the other."""

    p50: float
    p95: float
    qps: float
    """Calls a second by one caller."""

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> "Times":
        """Summarise."""
        p50, p95 = np.percentile(milliseconds, [50, 95])
        return cls(round(float(p50), 3), round(float(p95), 3), round(1000 / float(np.mean(milliseconds)), 1))


def timed(action: Callable[[], Answer]) -> tuple[float, Answer]:
    """Return how long one call took, and what it returned."""
    started = time.perf_counter()
    answer = action()
    return 1000 * (time.perf_counter() - started), answer


def by_turns(
    actions: dict[str, Callable[[Asked], Answer]], asked: Sequence[Asked], *, rounds: int = 1
) -> tuple[dict[str, Times], dict[str, list[Answer]]]:
    """Do all actions for one thing asked before the next, so that a busy machine is as busy for each of them.

    Of several rounds each thing's least time counts: what else the machine does in between is no part of it. Returns
    times, and the answers of the last round in the order asked.
    """
    least = {name: [math.inf] * len(asked) for name in actions}
    answers: dict[str, list[Answer]] = {}
    for _ in range(rounds):
        answers = {name: [] for name in actions}
        for place, one in enumerate(asked):
            for name, action in actions.items():
                milliseconds, answer = timed(lambda action=action, one=one: action(one))
                least[name][place] = min(least[name][place], milliseconds)
                answers[name].append(answer)
    return {name: Times.of(values) for name, values in least.items()}, answers
