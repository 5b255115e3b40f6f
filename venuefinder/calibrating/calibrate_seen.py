"""Calibrate what is seen: labelled pairs of phrase and photo in, a rule for the encoder's space out.

A rule is stored only if it keeps its precision on phrases that it was not fitted on; until then search never says
`seen`. It is of raw cosines, so it holds while the catalogue grows, and until the encoder changes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from venuefinder.calibrating.calibration import Scores
from venuefinder.calibrating.evidence import LEAST_PHRASES, PRECISION, Labels, SeenRule, fit_seen_rule
from venuefinder.calibrating.labelled_pairs import LabelledPhoto
from venuefinder.calibrating.reliability import (
    brier_score,
    expected_calibration_error,
    held_out_probabilities,
    held_out_seen,
)
from venuefinder.domain import EmbeddingSpace
from venuefinder.errors import InputError
from venuefinder.protocols import Embeddings
from venuefinder.records import StoredSpace
from venuefinder.searching.query_encoder import QueryEncoder

NAMED = 5
"""Photos named in a message."""
HIGHEST = 25
"""Pairs counted in a message: no rule is fitted on fewer."""
REMEDY = (
    "label more pairs, of more phrases, or set a stronger VENUEFINDER_ENCODER; what was stored before stays, and "
    "without a rule search never says that a photo shows something"
)


class SeenSpaces(Protocol):
    """Where a rule is kept."""

    def require(self, space: EmbeddingSpace) -> StoredSpace:
        """Return the stored space, or raise SpaceError."""

    def remember_seen(self, space: StoredSpace, rule: SeenRule) -> StoredSpace:
        """Store the rule, in place of any before."""


class PhotoVectors(Protocol):
    """What finds the embeddings of given photos."""

    def of(self, photos: Collection[tuple[str, str]], *, space: StoredSpace) -> Mapping[tuple[str, str], Embeddings]:
        """Return `float32 [V, D]` for each photo, by external id and uri; those not embedded are absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReport:
    """The rule, and how good it is on phrases it was not fitted on (cross-validated)."""

    space: str
    rule: SeenRule
    shown: int
    """Pairs labelled as shown."""
    precision: float
    """Of the pairs said to be seen, the share that is shown."""
    recall: float
    """Of the pairs shown, the share that is said to be seen."""
    brier: float
    """Brier score of the probabilities, 0 best."""
    brier_of_base_rate: float
    """What saying the share of shown pairs every time would get."""
    calibration_error: float
    """Expected calibration error of the probabilities, 0 best."""


class SeenCalibration:
    """The use case of fitting what is seen."""

    def __init__(self, spaces: SeenSpaces, photos: PhotoVectors, queries: QueryEncoder) -> None:
        self._spaces = spaces
        self._photos = photos
        self._queries = queries

    def fit(self, pairs: Sequence[LabelledPhoto]) -> SeenReport:
        """Fit a rule to the encoder's space and store it.

        Raises InputError where the pairs are too few, name photos that are not embedded, or support no rule; then what
        was stored before stays.
        """
        _require_phrases(pairs)
        space = self._spaces.require(self._queries.encoder.space)
        scores, shown = self._cosines(pairs, space), np.array([pair.shown for pair in pairs])
        report = _fitted(scores, shown, [pair.phrase for pair in pairs], space.space.name)
        self._spaces.remember_seen(space, report.rule)
        return report

    def _cosines(self, pairs: Sequence[LabelledPhoto], space: StoredSpace) -> Scores:
        """Return each pair's cosine, that of the photo's best view: `float64 [N]`."""
        photos = self._photos.of({pair.photo for pair in pairs}, space=space)
        _refuse_unknown([pair for pair in pairs if pair.photo not in photos], space)
        phrases = list(dict.fromkeys(pair.phrase for pair in pairs))
        vectors = dict(zip(phrases, self._queries.encode_all(phrases), strict=True))
        return np.array([(photos[pair.photo] @ vectors[pair.phrase].vector).max() for pair in pairs], dtype=np.float64)


def _fitted(scores: Scores, shown: Labels, phrases: Sequence[str], space: str) -> SeenReport:
    rule, seen = fit_seen_rule(scores, shown, phrases), held_out_seen(scores, shown, phrases)
    if rule is None:
        highest = shown[np.argsort(-scores, kind="stable")[:HIGHEST]]
        raise InputError(
            f"calibration: of the {len(highest)} pairs with the highest cosines {highest.sum()} are shown, too few to "
            f"be sure of {PRECISION:.0%} from any cosine on; {REMEDY}"
        )
    if not seen.any() or shown[seen].mean() < PRECISION:
        raise InputError(
            f"calibration: on phrases held out {seen.sum()} pairs are said to be seen and {shown[seen].sum()} of them "
            f"are shown, expected at least {PRECISION:.0%}; {REMEDY}"
        )
    probabilities = held_out_probabilities(scores, shown, phrases)
    return SeenReport(
        space=space,
        rule=rule,
        shown=int(shown.sum()),
        precision=float(shown[seen].mean()),
        recall=float(seen[shown].mean()),
        brier=brier_score(probabilities, shown),
        brier_of_base_rate=float(shown.mean() * (1 - shown.mean())),
        calibration_error=expected_calibration_error(probabilities, shown),
    )


def _require_phrases(pairs: Sequence[LabelledPhoto]) -> None:
    for shown, kind in ((True, "shown (shown 1)"), (False, "not shown (shown 0)")):
        phrases = {pair.phrase for pair in pairs if pair.shown is shown}
        if len(phrases) < LEAST_PHRASES:
            raise InputError(
                f"calibration: found pairs that are {kind} of {len(phrases)} phrases, expected of at least "
                f"{LEAST_PHRASES}; label more"
            )


def _refuse_unknown(missing: Sequence[LabelledPhoto], space: StoredSpace) -> None:
    if not missing:
        return
    first_of: dict[tuple[str, str], str] = {}
    for pair in missing:
        first_of.setdefault(pair.photo, pair.place)
    named = ", ".join(f"{uri!r} of {venue!r} ({place})" for (venue, uri), place in list(first_of.items())[:NAMED])
    more = f" and {len(first_of) - NAMED} more" if len(first_of) > NAMED else ""
    raise InputError(
        f"calibration: no such photos, or not embedded in space {space.space.name!r}: {named}{more}; ingest them or "
        "take them out"
    )
