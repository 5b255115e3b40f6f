"""The figures of POPE (Li et al. 2023, section 5.1, and its `evaluate.py`), and the area under the ROC curve. Pure.

Yes is the positive class. Precision falls where a model sees what is not there; a yes ratio above one half, on
questions of which half are yes, shows the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Answered:
    """One question's right answer, and the model's: yes, no, or None for neither; and its probability of yes.

    `cosine`: of photo and phrase in the space that searches.
    """

    label: bool
    said: bool | None
    probability: float | None = None
    cosine: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Shares from 0 to 1; None where there is nothing to divide by."""

    questions: int
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    yes_ratio: float | None


def figures(answers: Sequence[Answered], *, unanswered_as_no: bool) -> Figures:
    """Return the figures; questions without an answer count as no, or not at all."""
    counted = [each for each in answers if unanswered_as_no or each.said is not None]
    said_yes = sum(bool(each.said) for each in counted)
    are_yes = sum(each.label for each in counted)
    true_yes = sum(each.label and bool(each.said) for each in counted)
    right = sum(each.label == bool(each.said) for each in counted)
    precision, recall = _share(true_yes, said_yes), _share(true_yes, are_yes)
    return Figures(
        questions=len(counted),
        accuracy=_share(right, len(counted)),
        precision=precision,
        recall=recall,
        f1=_share(2 * true_yes, said_yes + are_yes),
        yes_ratio=_share(said_yes, len(counted)),
    )


def ranking_quality(scores: Sequence[float | None], right: Sequence[bool]) -> float | None:
    """Return the area under the ROC curve: how often a question whose answer is yes scores above one whose is no.

    Ties count half (Mann and Whitney 1947): 0.5 is chance, 1 is best. None unless every question has a score and both
    answers occur.
    """
    if any(score is None for score in scores):
        return None
    values, labels = np.array(scores, dtype=float), np.array(right, dtype=bool)
    if labels.all() or not labels.any():
        return None
    yes, no = values[labels], np.sort(values[~labels])
    beaten = np.searchsorted(no, yes, side="left") + np.searchsorted(no, yes, side="right")
    return float(beaten.mean() / (2 * len(no)))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
