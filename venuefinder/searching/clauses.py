"""One mark for each clause of a request: what a photo shows, what the listing says, and what nobody knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from venuefinder.answers import ClauseAnswer, Status
from venuefinder.english import phrase_of
from venuefinder.query.interpretation import Interpretation, Part
from venuefinder.request import PriceLimit, VenueFilter
from venuefinder.searching.listed import listed
from venuefinder.searching.relaxing import constraints
from venuefinder.statements import Said, Statements

ClauseKind = Literal["visual", "negative", "filter"]
Evidence = tuple[int, float]
"""A venue's best photo for a phrase, by its id, and its score with it: what a rule's threshold is in."""
LIMITS = ("max", "min", "max_minimum_spend")
"""What a price limits; the rest of it says how to count."""
_OF_PHRASES: dict[Said | None, Status] = {Said.HAS: "stated", Said.HAS_NOT: "contradicted", None: "unknown"}
_OF_NEGATIVES: dict[Said | None, Status] = {Said.HAS: "contradicted", Said.HAS_NOT: "stated", None: "unknown"}


class Rule(Protocol):
    """What tells whether a photo shows a phrase: `evidence.SeenRule`."""

    def seen(self, score: float) -> bool:
        """Return whether a photo with this score is said to show the phrase."""

    def probability(self, score: float) -> float:
        """Return the probability in [0, 1] that it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that the request asks."""

    text: str
    """For people, in the request's words where it has any."""
    kind: ClauseKind
    phrase: str = ""
    """What to look for in photos and to encode for it; '' for filters. Of a negative, what should not be there."""
    only: VenueFilter | None = None
    """Of a filter, its constraint alone."""

    @property
    def is_visual(self) -> bool:
        """Whether a photo could show it, or its opposite."""
        return self.kind != "filter"


def clauses_of(understood: Interpretation, given: VenueFilter) -> tuple[Clause, ...]:
    """Return what to mark: phrases, negatives, filters understood in the query's words, then the `given` filters.

    A filter that asks what a phrase or a negative asks already, in the same words, is no clause of its own.
    """
    visual = [Clause(text=phrase, kind="visual", phrase=phrase) for phrase in understood.clauses]
    negative = [Clause(text=f"no {phrase}", kind="negative", phrase=phrase) for phrase in understood.negatives]
    filters = [*_understood(understood), *_given(given, understood.filters)]
    asked = {(clause.kind, phrase_of(clause.phrase).words) for clause in visual + negative}
    further = {clause.text: clause for clause in filters if asked.isdisjoint(_same_words(clause))}  # each once
    return (*visual, *negative, *further.values())


def judge(clause: Clause, statements: Statements, evidence: Evidence | None, rule: Rule | None) -> ClauseAnswer:
    """Mark a clause for one venue by its best photo for it, and by its listing. Without a rule no photo shows anything.

    A photo goes before the listing. What neither shows nor says is `unknown`, however low the score.
    """
    if clause.only is not None:
        return ClauseAnswer(text=clause.text, status=listed(clause.only, statements))
    negative = clause.kind == "negative"
    if rule is None or evidence is None:
        return ClauseAnswer(text=clause.text, status=_said(clause, statements))
    photo_id, score = evidence
    seen = rule.seen(score)
    shown: Status = "contradicted" if negative else "seen"
    return ClauseAnswer(
        text=clause.text,
        status=shown if seen else _said(clause, statements),
        photo_id=photo_id if seen else None,
        probability=round(rule.probability(score), 4),
    )


def _said(clause: Clause, statements: Statements) -> Status:
    marks = _OF_NEGATIVES if clause.kind == "negative" else _OF_PHRASES
    return marks[statements.say(clause.phrase)]


def _understood(understood: Interpretation) -> Iterator[Clause]:
    for part in understood.parts:
        # A place that may be one of several filters nothing, but a venue may say that it is there.
        if part.kind != "negation" and (part.applied or part.candidates):
            only = _asked_by(part, understood.filters)
            if only is not None:
                yield Clause(text=part.words, kind="filter", only=only)


def _asked_by(part: Part, filters: VenueFilter) -> VenueFilter | None:
    """Return what a part asks, resolved as the whole query was; None where it only says how to count a price."""
    asked = VenueFilter.model_validate(part.meaning)
    if asked.price is not None and filters.price is not None:
        others = {limit: None for limit in LIMITS if getattr(asked.price, limit) is None}
        price = filters.price.model_copy(update=others)
        return _counted(asked, filters, price) if price.limits() else None
    return asked.model_copy(update={"near": filters.near}) if asked.near is not None and part.applied else asked


def _counted(asked: VenueFilter, filters: VenueFilter, price: PriceLimit) -> VenueFilter:
    return asked.model_copy(update={"price": price, "guests": filters.guests, "layout": filters.layout})


def _given(given: VenueFilter, filters: VenueFilter) -> Iterator[Clause]:
    """Return the filters given, with the place's coordinates, and the guests that a price is counted for."""
    counted = {"guests": filters.guests, "layout": filters.layout}
    resolved = given.model_copy(update=counted | {"near": given.near and filters.near})
    for constraint in constraints(resolved):
        if constraint.name != "guests" or given.guests is not None:
            yield Clause(text=constraint.words, kind="filter", only=constraint.only)


def _same_words(clause: Clause) -> set[tuple[ClauseKind, tuple[str, ...]]]:
    """Return the phrase and the negative that would ask the same as a filter."""
    only = clause.only or VenueFilter()
    wanted = [only.kind] if only.kind is not None else only.amenities.all
    asked: list[tuple[ClauseKind, str]] = [("visual", term) for term in wanted]
    asked += [("negative", term) for term in only.amenities.none]
    return {(kind, phrase_of(term).words) for kind, term in asked}
