"""A sentence understood: what filters, what should not be there, and the description that is left."""

from collections.abc import Collection
from dataclasses import replace

from venuefinder.errors import QueryError
from venuefinder.query.amenities import find_amenities
from venuefinder.query.disclaiming import disclaimed
from venuefinder.query.found import Found, apart
from venuefinder.query.guests import find_guests
from venuefinder.query.interpretation import Interpretation, Part
from venuefinder.query.kinds import KIND_FILTERS, find_kinds
from venuefinder.query.language import is_english
from venuefinder.query.lexicon import EVENTS, EXTRAS, NOT_THE_VENUE
from venuefinder.query.merged import merge
from venuefinder.query.money import NO_CURRENCY, find_money, with_what_is_missing
from venuefinder.query.negation import MOST_NEGATIVES, find_negations
from venuefinder.query.paid_for import Sought
from venuefinder.query.phrases import clauses
from venuefinder.query.places import PlaceFinder
from venuefinder.query.sentence import Range, Sentence, ranges_between, read, without
from venuefinder.query.terms import Catalogue, Term, terms, to_ask
from venuefinder.query.tidy import tidied
from venuefinder.query.vocabulary import Gazetteer, KnownTerms, Vocabulary
from venuefinder.query.whereabouts import Whereabouts, with_coordinates
from venuefinder.request import VenueFilter

COUNTRY_OF = {"GBP": "GB", "USD": "US", "CAD": "CA", "AUD": "AU", "NZD": "NZ", "INR": "IN", "ZAR": "ZA"}
"""A budget in pounds looks for Cambridge in Britain; currencies of several countries tell nothing."""


def interpret(
    query: str,
    given: VenueFilter,
    *,
    vocabulary: Vocabulary,
    gazetteer: Gazetteer,
    switch_off: Collection[tuple[int, int]] = (),
) -> Interpretation:
    """Take a query apart. What is not understood stays a description; other languages than English stay whole.

    `switch_off`: spans of parts to read as plain words instead.

    Raises:
        QueryError: `switch_off` names what is no part; `given.near.place` is unknown or ambiguous.

    """
    if not is_english(query):
        _switched_off((), switch_off)
        return plain(query, given, vocabulary=vocabulary, gazetteer=gazetteer)
    sentence = read(query)
    found_terms = list(terms(sentence))
    known = _ask(vocabulary, found_terms, given)
    given = with_coordinates(given, Whereabouts(known, gazetteer, given.country))
    found = _recognised(sentence, found_terms, Whereabouts(known, gazetteer, given.country))
    spans = [sentence.span(*part.range) for part in found]
    off = _switched_off(spans, switch_off)
    read_plainly = [_plainly(part) if span in off else part for part, span in zip(found, spans, strict=True)]
    filters, settled = merge(given, read_plainly)
    restored = [part.range for part, span in zip(found, spans, strict=True) if span in off]
    return _interpretation(sentence, filters, with_what_is_missing(settled, filters), restored)


def plain(query: str, given: VenueFilter, *, vocabulary: Vocabulary, gazetteer: Gazetteer) -> Interpretation:
    """Return a query as a description, whole; `given.near` has its coordinates.

    Raises:
        QueryError: `given.near.place` is unknown or ambiguous.

    """
    known = _ask(vocabulary, [], given)
    resolved = with_coordinates(given, Whereabouts(known, gazetteer, given.country))
    sentence = read(query)
    found = clauses(sentence.plain, [(0, len(sentence.plain))])
    written = tuple(sentence.written(*range_) for range_ in found)
    return Interpretation(text=" ".join(query.split()), clauses=written, negatives=(), filters=resolved)


def _ask(vocabulary: Vocabulary, found: list[Term], given: VenueFilter) -> KnownTerms:
    """Ask the catalogue once for everything; not at all where there is nothing to ask."""
    places = {term.spellings[0] for term in found}
    if given.near is not None and given.near.place is not None and given.near.latitude is None:
        places.add(" ".join(given.near.place.partition(",")[0].casefold().split()))
    asked = to_ask(found)
    return vocabulary.known(asked, places) if asked or places else KnownTerms()


def _recognised(sentence: Sentence, found_terms: list[Term], where: Whereabouts) -> list[Found]:
    """Return every part that stands in the sentence, in order; none overlaps another."""
    catalogue = Catalogue(where.known)
    found = apart(find_money(sentence.plain, _sought(sentence, found_terms, where.known, catalogue)))
    rest = without(sentence.plain, _ranges(found))
    found += find_guests(rest)
    rest = without(rest, _ranges(found))
    found += PlaceFinder(sentence, rest, _narrowed(where, found)).find()
    rest = without(rest, _ranges(found))
    rest = without(rest, disclaimed(rest, found_terms, catalogue))
    negations = apart(find_negations(sentence, rest, catalogue))[:MOST_NEGATIVES]
    found += negations
    rest = without(rest, _ranges(found))
    kinds = [_as_configured(part) for part in find_kinds(rest, found_terms, catalogue)]
    amenities = find_amenities(sentence, rest, found_terms, catalogue, [part.end for part in negations])
    found += apart([*kinds, *amenities])
    return sorted(found, key=lambda part: part.start)


def _sought(sentence: Sentence, found_terms: list[Term], known: KnownTerms, catalogue: Catalogue) -> Sought:
    """Return where the catalogue's kinds end, and where its cities and other names begin."""
    others = NOT_THE_VENUE | EXTRAS | EVENTS
    cities = {term.start for term in found_terms if term.spellings[0] in (known.places or {})}
    cities |= {word.start for word in sentence.words if sentence.capital(word.start) and word.text not in others}
    kinds = frozenset(term.end for term in found_terms if catalogue.kind(term))
    return Sought(kinds=kinds, cities=frozenset(cities))


def _narrowed(where: Whereabouts, found: list[Found]) -> Whereabouts:
    """Return where to look, with what the currency spoken says of it."""
    prices = [part.meaning["price"] for part in found if part.kind == "price" and part.note != NO_CURRENCY]
    spoken = {price["currency"] for price in prices if "currency" in price}
    countries = {COUNTRY_OF.get(currency) for currency in spoken}
    return where if len(countries) != 1 else replace(where, spoken=countries.pop())


def _as_configured(part: Found) -> Found:
    if KIND_FILTERS or not part.applied:
        return part
    return replace(part, applied=False, note="looked for in photos and listings; filters.kind requires it")


def _ranges(found: list[Found]) -> list[Range]:
    return [part.range for part in found]


def _plainly(part: Found) -> Found:
    return replace(part, applied=False, note="switched off", fate="looks", candidates=())


def _switched_off(spans: Collection[Range], asked: Collection[Range]) -> set[Range]:
    wanted = {(start, end) for start, end in asked}
    if unknown := sorted(wanted - set(spans)):
        there = ", ".join(str(list(span)) for span in spans) or "none"
        raise QueryError(f"switch_off: {list(unknown[0])} is no part of the query; its parts: {there}")
    return wanted


def _interpretation(
    sentence: Sentence, filters: VenueFilter, found: list[Found], restored: Collection[Range]
) -> Interpretation:
    length = len(sentence.plain)
    out = [range_ for part in found for range_ in _leaving(part)]
    unseen = out + [part.range for part in found if part.fate == "text"]
    return Interpretation(
        text=tidied(sentence, list(ranges_between(length, out)), restored),
        clauses=tuple(sentence.written(*range_) for range_ in clauses(sentence.plain, ranges_between(length, unseen))),
        negatives=tuple(
            dict.fromkeys(part.meaning["negative"] for part in found if part.applied and part.kind == "negation")
        ),
        filters=filters,
        parts=tuple(_part(sentence, part) for part in found),
    )


def _leaving(part: Found) -> list[Range]:
    """Return the words of a part that leave the text."""
    if part.fate != "out":
        return []
    return [
        (part.start + a, part.start + b)
        for a, b in ranges_between(part.end - part.start, [(a - part.start, b - part.start) for a, b in part.keeps])
    ]


def _part(sentence: Sentence, part: Found) -> Part:
    start, end = sentence.span(*part.range)
    return Part(
        start=start,
        end=end,
        words=sentence.query[start:end],
        kind=part.kind,
        meaning=part.meaning,
        applied=part.applied,
        note=part.note,
        candidates=part.candidates,
    )
