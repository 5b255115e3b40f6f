"""What to relax when a search comes to little."""

from time import monotonic

from venuefinder.answers import RelaxAnswer
from venuefinder.records import Passing
from venuefinder.request import VenueFilter
from venuefinder.searching.asking import Asked
from venuefinder.searching.ordering import ByRelevance, Reading, Slice
from venuefinder.searching.ranking import FLOOR
from venuefinder.searching.relaxing import constraints

DEPTH = 300
"""Venues that are looked at to count what relaxing a constraint would give; where more would do, it says as many."""
MOST_TRIED = 30
"""Constraints that are relaxed to see what it gives, the first ones: each is a statement, or a search."""
MOST_SECONDS = 2.0
"""After which no further one is relaxed: an answer is waited for, and holds a connection."""


def relief(asked: Asked, found: Slice, reading: Reading, passing: Passing) -> RelaxAnswer | None:
    """Return the constraint whose relaxing gives most venues, None where that is not wanted or none gives more.

    It is wanted on a first page when nothing passes, or less than was asked for where the search is strict.
    """
    few = not found.venues or (asked.request.strict and len(found.venues) < asked.request.limit)
    return _best(asked, reading, passing) if few and found.offset == 0 else None


def _best(asked: Asked, reading: Reading, passing: Passing) -> RelaxAnswer | None:
    least = _worth_showing(asked, reading, passing)
    best: RelaxAnswer | None = None
    end = monotonic() + MOST_SECONDS
    for constraint in constraints(asked.where)[:MOST_TRIED]:
        if monotonic() > end:
            return best
        venues = _worth_showing(asked, reading, reading.passing(constraint.without))
        if venues > (best.venues if best else least):
            best = RelaxAnswer(constraint=constraint.name, text=constraint.words, venues=venues)
    if best is None and asked.asks_relevance and not least and passing.total:
        return RelaxAnswer(constraint="query", text=asked.understood.text or "the pictures", venues=passing.total)
    return best or _all_at_once(asked, reading, least)


def _all_at_once(asked: Asked, reading: Reading, least: int) -> RelaxAnswer | None:
    """Return what comes without any filter, where several fail together, and None where even that gives no more."""
    asks = [constraint.words for constraint in constraints(asked.where)]
    venues = _worth_showing(asked, reading, reading.passing(VenueFilter())) if len(asks) > 1 else 0
    text = "all filters together: " + ", ".join(asks[:MOST_TRIED])
    return RelaxAnswer(constraint="filters", text=text, venues=venues) if venues > least else None


def _worth_showing(asked: Asked, reading: Reading, passing: Passing) -> int:
    """Return how many venues would be found: all that pass, or where the search is strict, the relevant ones."""
    if not asked.request.strict or not asked.asks_relevance or not passing.total:
        return passing.total
    best = ByRelevance(reading, asked.question, passing).first(DEPTH)
    return sum(venue.score >= FLOOR for venue in best)
