"""Calibrate: labelled pairs in, a calibrator of the encoder's space out, so that answers carry probabilities.

What is calibrated is a venue's `score`, both legs and all, as search ranks by it. A score is measured against the
space's backgrounds, so the store forgets the calibrator when these are measured anew.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from venuefinder.calibrating.background import ensure_background
from venuefinder.calibrating.calibration import Calibrator, fit_calibrator
from venuefinder.calibrating.labelled_pairs import LabelledPair
from venuefinder.calibrating.reliability import brier_score, expected_calibration_error, held_out_probabilities
from venuefinder.errors import InputError
from venuefinder.records import StoredSpace, VenueScores
from venuefinder.request import SearchRequest
from venuefinder.searching.asking import Asking
from venuefinder.searching.question import Question
from venuefinder.searching.ranking import rank
from venuefinder.spaces.current_space import Spaces

LEAST_PAIRS = 20
LEAST_OF_A_KIND = 5
LEAST_QUERIES = 2
"""Matches, and pairs that do not match, each of so many queries: some must be left when a fold is held out."""
NAMED = 5
"""Venues named in a message."""


class CalibratedSpaces(Spaces, Protocol):
    """Where a calibrator is kept."""

    def remember_calibrator(self, space: StoredSpace, calibrator: Calibrator) -> StoredSpace:
        """Store the calibrator; SpaceError when the backgrounds are no longer those of `space`."""


class VenueScorer(Protocol):
    """What scores given venues."""

    def scores_of(self, external_ids: Collection[str], question: Question, *, space: StoredSpace) -> list[VenueScores]:
        """Return exactly these venues' scores; those not stored are absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """What a calibrator was fitted on, and how good it is on queries it did not see (cross-validated)."""

    space: str
    pairs: int
    matches: int
    queries: int
    brier: float
    """Brier score, 0 best."""
    brier_of_base_rate: float
    """What saying the share of matches every time would get: a good calibrator is below."""
    calibration_error: float
    """Expected calibration error, 0 best."""


class Calibration:
    """The calibration use case."""

    def __init__(self, spaces: CalibratedSpaces, index: VenueScorer, asking: Asking) -> None:
        self._spaces = spaces
        self._index = index
        self._asking = asking

    def fit(self, pairs: Sequence[LabelledPair]) -> CalibrationReport:
        """Fit a calibrator to the encoder's space and store it.

        Raises InputError where the pairs are too few, name venues that are not embedded, or cannot tell; then what
        was stored before stays.
        """
        _require_enough(pairs)
        encoder = self._asking.queries.encoder
        space = ensure_background(self._spaces, encoder, self._spaces.require(encoder.space))
        scores, matches = self._scores(pairs, space), np.array([pair.relevant for pair in pairs])
        calibrator = fit_calibrator(scores, matches, space_key=space.space.key)
        held_out = held_out_probabilities(scores, matches, [pair.query for pair in pairs])
        self._spaces.remember_calibrator(space, calibrator)
        return CalibrationReport(
            space=space.space.name,
            pairs=len(pairs),
            matches=int(matches.sum()),
            queries=len({pair.query for pair in pairs}),
            brier=brier_score(held_out, matches),
            brier_of_base_rate=float(matches.mean() * (1 - matches.mean())),
            calibration_error=expected_calibration_error(held_out, matches),
        )

    def _scores(self, pairs: Sequence[LabelledPair], space: StoredSpace) -> NDArray[np.float64]:
        """Return the score that search gives each pair: `float64 [N]`."""
        venues_of: dict[str, list[str]] = defaultdict(list)
        for pair in pairs:
            venues_of[pair.query].append(pair.external_id)
        scores = {
            (query, external_id): score
            for query, external_ids in venues_of.items()
            for external_id, score in self._scores_for(query, external_ids, space).items()
        }
        refuse_unknown([pair for pair in pairs if (pair.query, pair.external_id) not in scores], space)
        return np.array([scores[pair.query, pair.external_id] for pair in pairs])

    def _scores_for(self, query: str, external_ids: Collection[str], space: StoredSpace) -> dict[str, float]:
        asked = self._asking.ask(SearchRequest(query=query), space).question
        found = self._index.scores_of(external_ids, asked, space=space)
        embedded = [venue for venue in found if venue.photos or venue.description is not None]
        return {venue.scores.external_id: venue.score for venue in rank(embedded, asked.formula)}


def _require_enough(pairs: Sequence[LabelledPair]) -> None:
    if len(pairs) < LEAST_PAIRS:
        raise InputError(f"calibration: found {len(pairs)} labelled pairs, expected at least {LEAST_PAIRS}; label more")
    for relevant, kind in ((True, "matches (relevant 1)"), (False, "pairs that do not match (relevant 0)")):
        queries = [pair.query for pair in pairs if pair.relevant is relevant]
        if len(queries) < LEAST_OF_A_KIND or len(set(queries)) < LEAST_QUERIES:
            raise InputError(
                f"calibration: found {len(queries)} {kind} of {len(set(queries))} queries, expected at least "
                f"{LEAST_OF_A_KIND} of at least {LEAST_QUERIES} queries; label more"
            )


def refuse_unknown(missing: Sequence[LabelledPair], space: StoredSpace) -> None:
    """Raise InputError naming the venues of these pairs, where there are any."""
    if not missing:
        return
    first_of: dict[str, str] = {}
    for pair in missing:
        first_of.setdefault(pair.external_id, pair.place)
    named = ", ".join(f"{name!r} ({place})" for name, place in list(first_of.items())[:NAMED])
    more = f" and {len(first_of) - NAMED} more" if len(first_of) > NAMED else ""
    raise InputError(
        f"calibration: no such venues, or not embedded in space {space.space.name!r}: {named}{more}; ingest them or "
        "take them out"
    )
