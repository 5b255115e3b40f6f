"""What somebody wishes: a request for recommendations, understood, with its examples found."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from venuefinder.recommending.examples import Known
from venuefinder.recommending.recommendation import Basis, RecommendationRequest
from venuefinder.recommending.relative import Compared
from venuefinder.recommending.taste import Taste
from venuefinder.request import VenueFilter
from venuefinder.searching.asking import Asked


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A request, understood, with its examples found."""

    request: RecommendationRequest
    asked: Asked
    where: VenueFilter
    """The filters given and understood, narrowed by what they are compared with."""
    compared: Sequence[Compared]
    liked: Sequence[Known]
    disliked: Sequence[Known]
    known: frozenset[int] = frozenset()
    """Venues that the user dismissed, saved or asked about: no news."""

    @cached_property
    def taste(self) -> Taste:
        """What is liked and disliked."""
        liked, disliked = ([known.opinion for known in given] for given in (self.liked, self.disliked))
        return Taste(liked=liked, disliked=disliked)

    @cached_property
    def excluded(self) -> frozenset[int]:
        """The venues that are examples themselves, or whose photos are."""
        known = (*self.liked, *self.disliked)
        return self.known | {one.venue_id for one in known if one.venue_id is not None}

    @property
    def basis(self) -> Basis:
        """What venues are chosen by."""
        if self.liked:
            return "examples" if any(not one.did for one in self.liked) else "events"
        if self.asked.asks_relevance:
            return "text"
        return "dislikes" if self.disliked else "nothing"
