"""What being sure buys: thresholds of simulated encoders, whose precision on new phrases is known.

    python -m benchmarks.seen_simulated

Pairs that are shown score a given number of standard deviations above the others; each phrase has a level of its own
and is shown by more or fewer photos. Compared are the least cosine from which on the share of shown pairs is 0.9, and
what `venuefinder calibrate` does: sure of 0.9, and refused unless it holds on phrases held out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from venuefinder.calibrating.evidence import LEAST_SEEN, PRECISION, Labels, seen_threshold
from venuefinder.calibrating.reliability import held_out_seen

DRAWS = 150
PHRASES, PHOTOS = 60, 20
SHARE_SHOWN = 0.2
LEVELS = 0.5
"""Standard deviation of the phrases' own levels."""
NEW_PHRASES = 10_000
TOO_LOW = 0.85


@dataclass(frozen=True, slots=True)
class Drawn:
    """Simulated pairs: each one's score, whether it is shown, and its phrase."""

    scores: NDArray[np.float64]
    shown: Labels
    phrases: list[str]


def main() -> None:
    columns = ("thresholds found", "precision on new phrases", f"below {TOO_LOW}", "recall on new phrases")
    table = Table("shown above others by", "rule", *columns)
    table.title = f"{PHRASES} phrases of {PHOTOS} photos, {DRAWS} draws"
    for distance in (1.0, 2.0, 3.0):
        new = draw(np.random.default_rng(1), distance, NEW_PHRASES)
        for name, rule in {"a share of 0.9": by_share, "sure of 0.9, and held out": by_calibrate}.items():
            table.add_row(f"{distance} std", name, *outcome(rule, distance, new))
    Console(width=140).print(table)


def draw(random: np.random.Generator, distance: float, phrases: int) -> Drawn:
    of = np.repeat(np.arange(phrases), PHOTOS)
    share = random.beta(3 * SHARE_SHOWN, 3 * (1 - SHARE_SHOWN), phrases)[of]
    shown = random.random(len(of)) < share
    level = random.normal(0, LEVELS, phrases)[of]
    return Drawn(random.normal(0, 1, len(of)) + distance * shown + level, shown, [str(number) for number in of])


def by_share(pairs: Drawn) -> float | None:
    order = np.argsort(-pairs.scores)
    counts = np.arange(1, len(order) + 1)
    enough = np.cumsum(pairs.shown[order]) >= PRECISION * counts
    unbroken = np.logical_and.accumulate(enough | (counts < LEAST_SEEN)) & (counts >= LEAST_SEEN)
    return float(pairs.scores[order][unbroken][-1]) if unbroken.any() else None


def by_calibrate(pairs: Drawn) -> float | None:
    seen = held_out_seen(pairs.scores, pairs.shown, pairs.phrases)
    if not seen.any() or pairs.shown[seen].mean() < PRECISION:
        return None
    return seen_threshold(pairs.scores, pairs.shown, pairs.phrases)


def outcome(rule: Callable[[Drawn], float | None], distance: float, new: Drawn) -> list[str]:
    random = np.random.default_rng(0)
    found = [rule(draw(random, distance, PHRASES)) for _ in range(DRAWS)]
    thresholds = [threshold for threshold in found if threshold is not None]
    if not thresholds:
        return ["0%", "-", "-", "-"]
    precision = np.array([new.shown[new.scores >= threshold].mean() for threshold in thresholds])
    recall = np.mean([(new.scores[new.shown] >= threshold).mean() for threshold in thresholds])
    shares = (len(thresholds) / DRAWS, float(np.mean(precision < TOO_LOW)))
    return [f"{shares[0]:.0%}", f"{precision.mean():.3f}", f"{shares[1]:.0%}", f"{recall:.2f}"]


if __name__ == "__main__":
    main()
