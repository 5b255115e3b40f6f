"""What people see of a rerank in a terminal: whose order it is, and how well each venue fits."""

from collections.abc import Iterator, Mapping

from venuefinder.answers import RerankAnswer, RerankScore, SearchAnswer
from venuefinder.wording import shortened

FITS = 0.5
"""From which score on a model rather says yes than no."""


def scores_of(answer: SearchAnswer) -> Mapping[str, RerankScore]:
    """Return what the model said of the venues, by external id; nothing where the order is retrieval's."""
    return {score.external_id: score for score in answer.rerank.scores} if answer.rerank else {}


def score_words(score: RerankScore) -> str:
    """Return a venue's score with the photo it is of."""
    return f"fits {score.score:.2f} (photo {score.photo_id})"


def order_words(rerank: RerankAnswer) -> Iterator[str]:
    """Yield whose order it is, and why."""
    if rerank.state == "done":
        yield f"order: by how well photos fit, as {shortened(rerank.model or 'the model')} sees them"
    else:
        yield "order: retrieval's"
    if rerank.reason:
        yield f"rerank: {rerank.reason}"
