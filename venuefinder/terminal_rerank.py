"""What people see of a rerank in a terminal: whose order it is, how well each venue fits, and what reranking lifts."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from venuefinder.answers import RerankAnswer, RerankScore, SearchAnswer
from venuefinder.searching.wording import shortened

if TYPE_CHECKING:
    from venuefinder.reranking.calibrating import RerankReport

FITS = 0.5
"""From which score on a model rather says yes than no."""


def scores_of(answer: SearchAnswer) -> Mapping[str, RerankScore]:
    """Return what the model said of the venues, by external id; nothing where the order is retrieval's."""
    return {score.external_id: score for score in answer.rerank.scores} if answer.rerank else {}


def score_words(score: RerankScore) -> str:
    """Return a venue's score with the photo it is of."""
    both = "" if score.fused is None else f", with retrieval {score.fused:.2f}"
    return f"fits {score.score:.2f} (photo {score.photo_id}){both}"


def order_words(rerank: RerankAnswer) -> Iterator[str]:
    """Yield whose order it is, and why."""
    if rerank.state == "done" and rerank.scores:
        both = " and retrieval" if any(score.fused is not None for score in rerank.scores) else ""
        yield f"order: by how well photos fit, as {shortened(rerank.model or 'the model')} sees them{both}"
    else:
        yield "order: retrieval's"
    if rerank.reason:
        yield f"rerank: {rerank.reason}"


def lift_words(report: "RerankReport") -> Iterator[str]:
    """Yield what was fitted, how it orders queries it did not see, and what follows, a line each."""
    lift, fusion = report.lift, report.fusion
    left_out = f"; {report.unjudged:,} could not be judged by photos" if report.unjudged else ""
    yield (
        f"space {report.space!r}, model {report.model!r}: fitted on {report.pairs:,} pairs, {report.matches:,} of them "
        f"matches{left_out}; {fusion.retrieval:.3f} x retrieval + {fusion.model:.3f} x logit(score) "
        f"{fusion.intercept:+.3f}"
    )
    yield (
        f"on {lift.queries:,} queries held out: nDCG@10 {lift.retrieval:.3f} by retrieval, {lift.model:.3f} by the "
        f"model, {lift.fused:.3f} by both; lift {lift.gain:+.3f}, standard error {lift.error:.3f}"
    )
    yield (
        f"as probabilities: Brier score {report.brier:.3f} (always saying the share of matches: "
        f"{report.brier_of_base_rate:.3f}; 0 is best), expected calibration error {report.calibration_error:.3f}"
    )
    if lift.is_sure:
        yield "that is a lift: searches rerank from now on unless they say rerank: false (--no-rerank)"
    else:
        yield "that is no sure lift (more than two standard errors): searches rerank only where they ask for it"
