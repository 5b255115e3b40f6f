"""What people see of a search in a terminal: how it was understood, the venues with their marks, what else to try."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.padding import Padding

from venuefinder.answers import (
    ClauseAnswer,
    InterpretedAnswer,
    LegAnswer,
    PartAnswer,
    RerankScore,
    SearchAnswer,
    Status,
    VenueHit,
)
from venuefinder.domain import Price, Venue
from venuefinder.request import ImageQuery, SearchRequest, VenueFilter
from venuefinder.searching.relaxing import constraints
from venuefinder.searching.wording import money, number, shortened
from venuefinder.terminal import plain
from venuefinder.terminal_rerank import FITS, order_words, score_words, scores_of

WIDTH = 120
"""Characters a line where there is no terminal to ask."""
INDENT = 4
BETWEEN = " · "
MARKS: Mapping[Status, tuple[str, str]] = {
    "seen": ("✓ {}", "green"),
    "stated": ("“{}”", "cyan"),
    "contradicted": ("✗ {}", "red"),
    "unknown": ("? {}", "dim"),
}
"""How a clause is shown, and its style."""
LEGEND = "✓ a photo shows it · “…” the listing says it · ✗ contradicted · ? not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of an answer is shown."""

    hits: tuple[VenueHit, ...]
    folded: int
    """Weaker matches that are not."""


def show_answer(request: SearchRequest, answer: SearchAnswer, *, everything: bool = False) -> None:
    """Print the ranked venues; weak matches are counted only, unless `everything` is asked for."""
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, emoji=False, width=WIDTH)
    console.print(understood(request, answer))
    shown, scores = _shown(answer, everything=everything), scores_of(answer)
    for hit in shown.hits:
        console.print(f"\n{_heading(hit)}")
        for line in _below(hit, scores.get(hit.venue.external_id)):
            console.print(Padding(line, (0, 0, 0, INDENT), expand=False))
    console.print()
    for line in notes(request, answer, shown):
        console.print(plain(line), style="dim", soft_wrap=True)


def understood(request: SearchRequest, answer: SearchAnswer) -> str:
    """Return one line of what was asked: the words and pictures searched, then the filters. As rich's markup."""
    found = answer.interpreted
    text = found.text if found else request.query or ""
    asked = [f"[bold]“{plain(text)}”[/]"] if text else []
    if request.images:
        asked.append(f"{len(request.images)} picture{'s' if len(request.images) > 1 else ''}")
    asked += map(plain, filter_words(found.filters if found else request.filters))
    asked += [f"not: {plain(words)}" for words in _unwanted(found)] if found else []
    return BETWEEN.join(asked) or "every venue"


def _unwanted(found: InterpretedAnswer) -> list[str]:
    """Return what should not be there, but for what the filters say already."""
    return [words for words in found.negatives if words.casefold() not in found.filters.amenities.none]


def filter_words(filters: VenueFilter) -> list[str]:
    """Return the filters as people say them."""
    return [constraint.words for constraint in constraints(filters)]


def _shown(answer: SearchAnswer, *, everything: bool) -> Shown:
    fitting = {external_id for external_id, score in scores_of(answer).items() if score.score >= FITS}
    hits = tuple(hit for hit in answer.results if everything or not hit.below_floor or hit.venue.external_id in fitting)
    return Shown(hits=hits, folded=len(answer.results) - len(hits))


def _heading(hit: VenueHit) -> str:
    """Return rank and name, then place, price and room."""
    return f"{hit.rank:>2}  " + BETWEEN.join([f"[bold]{plain(shortened(hit.venue.name))}[/]", *map(plain, _facts(hit))])


def _facts(hit: VenueHit) -> Iterator[str]:
    venue = hit.venue
    if place := ", ".join(part for part in (venue.city, venue.country) if part):
        yield place
    if hit.distance_km is not None:
        yield f"{number(round(hit.distance_km, 1))} km"
    if price := _price_words(hit):
        yield price
    if most := _most_guests(venue):
        yield f"up to {most:,} guests"
    if hit.room:
        yield f"room: {shortened(hit.room)}"


def _price_words(hit: VenueHit) -> str:
    if hit.price:
        return f"{money(Decimal(str(hit.price.total)), hit.price.currency)} in all"
    return price_words(hit.venue.price) if hit.venue.price else ""


def _most_guests(venue: Venue) -> int:
    return max([venue.capacity.largest() or 0, *(room.capacity.largest() or 0 for room in venue.rooms)])


def price_words(price: Price) -> str:
    """Return a price as people write it, for example '£4,500 / event'."""
    return f"{money(price.amount, price.currency)} / {price.unit}"


def _below(hit: VenueHit, score: RerankScore | None) -> Iterator[str]:
    """Yield the lines under a venue's heading, as rich's markup."""
    if hit.clauses:
        yield "  ".join(map(clause_words, hit.clauses))
    fit = [score_words(score)] if score else []
    if worth := BETWEEN.join(map(plain, (*fit, *_worth(hit)))):
        yield f"[dim]{worth}[/]"
    if hit.explain is not None and hit.price:
        yield f"[dim]price: {plain(hit.price.basis)}[/]"
    for leg in hit.explain or ():
        yield f"[dim]{plain(_leg_words(leg))}[/]"


def clause_words(clause: ClauseAnswer) -> str:
    """Return a clause with its mark, and the photo that decided it. As rich's markup."""
    mark, style = MARKS[clause.status]
    photo = f" (photo {clause.photo_id})" if clause.photo_id is not None else ""
    return f"[{style}]{mark.format(plain(shortened(clause.text)))}{photo}[/]"


def _worth(hit: VenueHit) -> Iterator[str]:
    if hit.photo:
        yield f"{shortened(hit.photo.uri)} (photo {hit.photo.id})"
    if hit.percentile is not None or hit.score:  # a list in another order has no scores
        yield f"score {hit.score:.2f}"
    if hit.probability is not None:
        yield f"match {100 * hit.probability:.0f} %"
    if hit.percentile is not None:
        yield f"beats {int(hit.percentile)} %"
    if hit.below_floor:
        yield "a weak match"


def _leg_words(leg: LegAnswer) -> str:
    of = "" if leg.value is None else f", from {leg.value:.3f}"
    return f"{leg.leg}: {leg.contribution:+.2f} = {leg.weight:.2f} x {leg.standardised:+.2f}{of}"


def notes(request: SearchRequest, answer: SearchAnswer, shown: Shown) -> list[str]:
    """Return what the list cannot say: warnings, what is left out, what to try, and what the words mean."""
    lines = [*answer.warnings, *_misunderstood(answer), *(order_words(answer.rerank) if answer.rerank else ())]
    if not answer.results:
        lines.append("no venue passes these filters" if not answer.total else "no venue matches well enough")
    if shown.folded:
        more = "1 weaker match" if shown.folded == 1 else f"{shown.folded:,} weaker matches"
        lines.append(f"{more} not shown; --all shows them")
    if answer.relax:
        lines.append(f"without “{answer.relax.text}”: {_venues(answer.relax.venues)}")
    lines += _left_out(request, answer)
    lines += [_facet(name, answer) for name in answer.facets]
    lines += _legend(shown)
    if answer.next_cursor:
        lines.append(_next(request, answer.next_cursor))
    return lines


def _misunderstood(answer: SearchAnswer) -> list[str]:
    parts = answer.interpreted.parts if answer.interpreted else []
    return [_part_words(part) for part in parts if not part.applied and (part.note or part.candidates)]


def _part_words(part: PartAnswer) -> str:
    candidates = "; ".join(candidate.name for candidate in part.candidates)
    meant = f" ({candidates}; --near says which)" if candidates else ""
    return f"“{shortened(part.text)}”: {part.note or 'it may mean several places'}{meant}"


def _left_out(request: SearchRequest, answer: SearchAnswer) -> Iterator[str]:
    filters = answer.interpreted.filters if answer.interpreted else request.filters
    counts = answer.left_out
    if counts.other_currency and filters.price:
        yield f"left out: {_venues(counts.other_currency)} priced in other than {filters.price.currency}"
    if counts.unknown_price:
        yield f"left out: {_venues(counts.unknown_price)} without a price"
    if counts.unknown_capacity:
        yield f"left out: {_venues(counts.unknown_capacity)} of unknown capacity"


def _venues(count: int) -> str:
    return "1 venue" if count == 1 else f"{count:,} venues"


def _facet(name: str, answer: SearchAnswer) -> str:
    values = [f"{_facet_words(name, found.value)} ({found.count:,})" for found in answer.facets[name]]
    return f"{name}: {BETWEEN.join(values) or 'no venue says'}"


def _facet_words(name: str, value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = shortened(value) if isinstance(value, str) else number(value)
    return f"from {text}" if name == "price" else text  # a bucket, by its lower edge


def _legend(shown: Shown) -> Iterator[str]:
    if any(hit.clauses for hit in shown.hits):
        yield LEGEND
    if any(hit.probability is not None for hit in shown.hits):
        yield "match: how likely the venue matches, as calibrated on labelled pairs"
    if any(hit.percentile is not None for hit in shown.hits):
        yield "beats: the share of unrelated photo-query pairs that the photo's match is stronger than"


def _next(request: SearchRequest, cursor: str) -> str:
    """Return how to ask for the next page; a file would be another picture when it is uploaded again."""
    uploads = [image for image in request.images if image.upload_id]
    instead = f", and in place of the pictures {' '.join(map(_image, request.images))}" if uploads else ""
    return f"next page: add --cursor {cursor}{instead}"


def _image(image: ImageQuery) -> str:
    named = f"upload:{image.upload_id}" if image.upload_id else f"photo:{image.photo_id}"
    return f"--image {named}" + ("" if image.weight == 1 else f"={number(image.weight)}")
