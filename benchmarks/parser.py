"""How well requests are understood: precision and recall for each kind of part, on requests of our own writing.

    python -m benchmarks.parser [--wrong dev]

`parser_requests.json` has a catalogue's words and 150 requests, each with its parts as `describe` writes them: a part
counts as found when its kind, its meaning and whether it is applied are all as written. The rules were made and changed
on the 100 requests of split `dev`; the 50 of split `test` were written after that and changed no rule. In both are
traps, where little or nothing is to be understood, and requests in other languages, where nothing is.
"""

import argparse
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from venuefinder.query.gazetteer import WorldGazetteer
from venuefinder.query.interpretation import Part
from venuefinder.query.parse import interpret
from venuefinder.query.vocabulary import KnownPlace, KnownTerms
from venuefinder.request import VenueFilter

REQUESTS = Path(__file__).with_name("parser_requests.json")
KINDS = ("guests", "price", "place", "kind", "amenity", "negation")
CITY_RADIUS_KM = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """A labelled request; see the module."""

    query: str
    about: str
    split: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenCatalogue:
    """A catalogue that is a list of words. Implements `Vocabulary`."""

    kinds: frozenset[str]
    amenities: frozenset[str]
    cities: Mapping[str, tuple[KnownPlace, ...]]

    def known(self, terms: Collection[str], places: Collection[str]) -> KnownTerms:
        """Return which words are in the lists."""
        return KnownTerms(
            kinds=self.kinds.intersection(terms),
            amenities=self.amenities.intersection(terms),
            places={name: self.cities[name] for name in places if name in self.cities},
        )


@dataclass(slots=True)
class Counts:
    """Parts found as labelled, found otherwise, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of the parts found that are labelled so; 1 when none was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the labelled parts that were found; 1 when none is labelled."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def main() -> None:
    """Print the table, and with `--wrong` every request of a split that was understood otherwise."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--wrong", choices=("dev", "test"))
    wrong: str | None = arguments.parse_args().wrong
    console = Console()
    catalogue, requests = load(gazetteer := WorldGazetteer())
    found = {request.query: understood(request.query, catalogue, gazetteer) for request in requests}
    console.print(table(requests, found))
    for request in requests:
        if request.split == wrong and Counter(found[request.query]) != Counter(request.parts):
            console.print(request.query, markup=False, style="bold")
            console.print(f"  missed {sorted(set(request.parts) - set(found[request.query]))}", markup=False)
            console.print(f"  instead {sorted(set(found[request.query]) - set(request.parts))}", markup=False)


def load(gazetteer: WorldGazetteer) -> tuple[WrittenCatalogue, list[Request]]:
    """Return the catalogue's words, its cities where the gazetteer knows them, and the labelled requests."""
    written = json.loads(REQUESTS.read_text(encoding="utf-8"))
    words = written["catalogue"]
    cities = [_city(name, gazetteer) for name in words["cities"]]
    catalogue = WrittenCatalogue(
        frozenset(words["kinds"]),
        frozenset(words["amenities"]),
        {city.name.casefold(): (city,) for city in cities},
    )
    return catalogue, [Request(**(each | {"parts": tuple(each["parts"])})) for each in written["requests"]]


def understood(query: str, catalogue: WrittenCatalogue, gazetteer: WorldGazetteer) -> tuple[str, ...]:
    """Return what a query is understood to mean, a line a part."""
    return tuple(
        describe(part) for part in interpret(query, VenueFilter(), vocabulary=catalogue, gazetteer=gazetteer).parts
    )


def count(requests: Iterable[Request], found: Mapping[str, tuple[str, ...]]) -> dict[str, Counts]:
    """Return the counts for each kind of part, and for `all`."""
    counts = {kind: Counts() for kind in (*KINDS, "all")}
    for request in requests:
        expected, got = Counter(request.parts), Counter(found[request.query])
        for name, parts in (
            ("right", expected & got),
            ("wrong", got - expected),
            ("missed", expected - got),
        ):
            for line, times in parts.items():
                for kind in (kind_of(line), "all"):
                    setattr(counts[kind], name, getattr(counts[kind], name) + times)
    return counts


def kind_of(line: str) -> str:
    """Return the kind of part that a line of `describe` says."""
    first = line.split()[0].rstrip("?")
    return {"must": "amenity", "see": "amenity", "not": "negation", "country": "place"}.get(first, first)


def describe(part: Part) -> str:
    """Return a part as the labels write it; `?` after its kind: recognised, not applied, as kinds never are."""
    meaning, mark = part.meaning, "" if part.applied else "?"
    if part.kind == "negation":
        return f"not{mark} {meaning['negative']}"
    if part.kind == "kind":
        return f"kind {meaning['kind']}"
    if part.kind == "amenity":
        names = next(iter(meaning["amenities"].values()))
        return f"{'must' if part.applied else 'see'} {' | '.join(names)}"
    if part.kind == "place":
        return _place(meaning, mark)
    if part.kind == "price":
        return f"price{mark} {_price(meaning['price'])}"
    return f"guests{mark} {' '.join(map(str, meaning.values()))}"


def table(requests: Iterable[Request], found: Mapping[str, tuple[str, ...]]) -> Table:
    """Return precision and recall by kind and split, with the counts they come from."""
    shown = Table("part", *(f"{split} {what}" for split in ("dev", "test") for what in ("precision", "recall")))
    listed = list(requests)
    counts = {
        split: count((request for request in listed if request.split == split), found) for split in ("dev", "test")
    }
    for kind in (*KINDS, "all"):
        cells = [_cells(counts[split][kind]) for split in ("dev", "test")]
        shown.add_row(kind, *(cell for pair in cells for cell in pair))
    return shown


def _cells(counts: Counts) -> tuple[str, str]:
    found, labelled = counts.right + counts.wrong, counts.right + counts.missed
    return f"{counts.precision:.2f} ({counts.right}/{found})", f"{counts.recall:.2f} ({counts.right}/{labelled})"


def _place(meaning: Mapping[str, Any], mark: str) -> str:
    if "country" in meaning:
        return f"country{mark} {meaning['country']}"
    near = meaning["near"]
    return f"place{mark} {near['place']}" + (f" {near['radius_km']:g} km" if not mark else "")


def _price(price: Mapping[str, Any]) -> str:
    names = {"min": "min ", "max": "max ", "max_minimum_spend": "spend ", "currency": "", "hours": "hours ", "per": ""}
    return " ".join(f"{text}{price[name]}" for name, text in names.items() if name in price)


def _city(label: str, gazetteer: WorldGazetteer) -> KnownPlace:
    place = gazetteer.places(label)[0]
    return KnownPlace(
        name=label.partition(",")[0],
        country=place.country,
        latitude=place.latitude,
        longitude=place.longitude,
        radius_km=CITY_RADIUS_KM,
        weight=1,
    )


if __name__ == "__main__":
    main()
