"""A question to the index: weighted texts and pictures folded into one vector a leg, and how the legs count.

Cosines of texts and of pictures with photos have different ranges, so each term counts in its own standard deviations:

    z(photo) = sum of w_i (cos(v_i, photo) - mean_i) / std_i  over  sum of |w_i|

which is linear in the photo, and therefore one vector: z = scale * cos(q, photo) - offset with
q = norm(sum of w_i v_i / std_i). Nearest neighbours of q are in the order of z.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

import numpy as np
from numpy.typing import NDArray

from venuefinder.calibrating.calibration import Background
from venuefinder.errors import QueryError
from venuefinder.records import StoredSpace
from venuefinder.searching.ranking import DESCRIPTION_WEIGHT, WORDS_WEIGHT, Formula, Leg

NEGATIVE_WEIGHT = 0.1
"""How much a phrase that should not be there counts against one that should; docs/decisions/0008."""
MOST_AGAINST = 0.4
"""How much all such phrases count together: sixteen would outweigh what is asked for, and turn it round."""
LEAST_LENGTH = 1e-3
"""Below this the terms cancel out, and what is left of them is rounding."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Term:
    """A text's or picture's embedding `float32 [D]`, unit norm, and its weight, not 0."""

    vector: Vector
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the index is asked: vectors `float32 [D]`, unit norm; None: that leg is not asked."""

    photo: Vector | None
    description: Vector | None = None
    words: str = ""
    unwanted: tuple[str, ...] = ()
    """Phrases whose words count against a venue."""
    formula: Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a question says in words: its text, and phrases that should not be there, each with its embedding."""

    text: str
    term: Term
    negatives: Mapping[str, Vector] = field(default_factory=dict)


def question_of(wording: Wording | None, images: Sequence[Term], space: StoredSpace) -> Question:
    """Fold words and pictures into one question of `space`.

    Raises QueryError where they cancel each other out.
    """
    text = wording.term if wording else None
    share = _text_share(text, images)
    texts = _texts(wording) if wording else []
    pictured = [(term, space.photo_background) for term in texts] + [(term, space.image_background) for term in images]
    photo, photo_leg = _folded(pictured, fsum(abs(term.weight) for term in (*texts[:1], *images)))
    told, told_leg = _folded([(term, space.text_background) for term in texts], abs(text.weight) if text else 1.0)
    told_weight = DESCRIPTION_WEIGHT * share if space.text_background else 0.0
    asks_words = wording is not None and share > 0
    return Question(
        photo=photo if space.photo_background else None,
        description=told if told_weight > 0 else None,
        words=wording.text if wording and asks_words else "",
        unwanted=tuple(wording.negatives) if wording and asks_words else (),
        formula=Formula(
            photo=_weighted(photo_leg, 1 - DESCRIPTION_WEIGHT * abs(share)) if space.photo_background else Leg(),
            description=_weighted(told_leg, told_weight) if told_weight > 0 else Leg(),
            words=Leg(weight=WORDS_WEIGHT * share) if asks_words else Leg(),
        ),
    )


def _texts(wording: Wording) -> list[Term]:
    against = -min(NEGATIVE_WEIGHT, MOST_AGAINST / max(len(wording.negatives), 1)) * wording.term.weight
    return [wording.term, *(Term(vector, against) for vector in wording.negatives.values())]


def _text_share(text: Term | None, images: Sequence[Term]) -> float:
    """Return how much of the weights is the text's, in [-1, 1]."""
    if text is None:
        return 0.0
    return text.weight / (abs(text.weight) + fsum(abs(image.weight) for image in images))


def _weighted(leg: Leg, weight: float) -> Leg:
    return Leg(weight=weight, scale=leg.scale, offset=leg.offset)


def _folded(terms: Sequence[tuple[Term, Background | None]], total: float) -> tuple[Vector | None, Leg]:
    """Return the terms as one unit vector, and the scale and offset that make its cosine their z over `total`."""
    if not terms:
        return None, Leg()
    parts = [(term.weight / total / _std(background), term.vector, background) for term, background in terms]
    # In the order of their bytes, not of the request: floating point addition is not associative.
    parts.sort(key=lambda part: (part[0], part[1].tobytes()))
    folded = np.sum([factor * vector.astype(np.float64) for factor, vector, _ in parts], axis=0)
    length = float(np.linalg.norm(folded))
    if length * min(_std(background) for _, background in terms) < LEAST_LENGTH:
        raise QueryError("search: what is asked for and against cancel each other out; change a weight")
    offset = fsum(factor * background.mean for factor, _, background in parts if background and background.std > 0)
    return (folded / length).astype(np.float32), Leg(scale=length, offset=float(offset))


def _std(background: Background | None) -> float:
    return background.std if background and background.std > 0 else 1.0
