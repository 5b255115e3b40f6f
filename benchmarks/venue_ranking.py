"""How well ways to score a venue, by its photos and its description, answer judged queries over the sample venues.

    python -m benchmarks.venue_ranking [--samples FOLDER]

The samples are ingested with the configured encoder into a Postgres of their own, and every query's cosines with every
venue are read as search reads them; the ways differ only in what they make of these numbers. `venue_queries.json` has
the queries: `about` says whether photos show what is asked (`seen`), only the text tells it (`told`), or `both`;
`relevant` grades venues, 2 for an answer and 1 for a fair second. What a sum takes of the photos, and its weight, are
chosen on the queries of split `dev`, by nDCG@10, and reported on `test`.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.venue_metrics import interval, ndcg, recall, reciprocal_rank
from benchmarks.venue_variants import GRID, PHOTOS, SHIPPED, VARIANTS, WEIGHTS, Candidates
from ingest.cli import TerminalProgress
from ingest.runner import ingest
from ingest.sources import open_source
from samples.build import CACHE, build
from venuefinder.background import ensure_background
from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.request import VenueFilter
from venuefinder.settings import load_settings
from venuefinder.store.nearest import PHOTOS_PER_VENUE, NearestVenues
from venuefinder.store.schema import upgrade

QUERIES = Path(__file__).with_name("venue_queries.json")
KINDS = ("seen", "both", "told")
MOST_VENUES = 1_000
K = 10
WORD = re.compile(r"[a-zé]{4,}")


@dataclass(frozen=True, slots=True)
class Query:
    """A judged query; see the module."""

    query: str
    about: str
    split: str
    relevant: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Measured:
    """One way's measures, each `float64 [N]`, one value a query."""

    ndcg: NDArray[np.float64]
    recall_1: NDArray[np.float64]
    recall_5: NDArray[np.float64]
    reciprocal_rank: NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, help="a folder that samples.build made; made anew by default")
    arguments = parser.parse_args()
    queries = [Query(**query) for query in json.loads(QUERIES.read_text())]
    with tempfile.TemporaryDirectory() as data:
        samples = arguments.samples or Path(data) / "samples"
        if build(samples, cache=CACHE, console=Console(stderr=True)) != "venues":
            raise InputError(f"{samples}: found stand-ins, expected the sample venues that the queries were judged on")
        settings = load_settings().model_copy(update={"data_dir": Path(data), "database_url": None})
        with Services(settings) as services:
            candidates, texts = scored(services, samples, queries)
            space = services.encoder.space.name
    console = Console(width=180)
    measures = {name: measured([order(found) for found in candidates], queries) for name, order in VARIANTS.items()}
    control = measured([by_shared_words(query.query, texts) for query in queries], queries)
    title = f"{len(queries)} queries, {len(texts)} venues, {space}"
    console.print(table(title, measures | {"shared words (control)": control}, queries))
    sums = {key: measured([order(found) for found in candidates], queries).ndcg for key, order in GRID.items()}
    console.print(grid(sums))
    console.print(held_out(measures, sums, queries))
    console.print(overlap(queries, texts))
    console.print(lean(candidates))


def scored(services: Services, samples: Path, queries: Sequence[Query]) -> tuple[list[Candidates], Mapping[str, str]]:
    """Ingest the samples; return each query's cosines with every venue, and every venue's words."""
    upgrade(services.unchecked_database)
    source = open_source(samples)
    with TerminalProgress(source) as progress:
        ingest(source, services, progress, verify=False, prune=False)
    space = ensure_background(services.spaces, services.encoder, services.spaces.require(services.encoder.space))
    if space.photo_background is None or space.text_background is None:
        raise InputError(f"{samples}: found no photos or no descriptions, expected both")
    photo, text = space.photo_background, space.text_background
    index, everything = NearestVenues(services.database), VenueFilter()
    vectors = services.encoder.encode_texts([query.query for query in queries])
    found = [index.candidates(vector, space=space, where=everything, limit=MOST_VENUES) for vector in vectors]
    venues = [venue for venue, _ in services.venues.shown({venue.venue_id: None for venue in found[0]}).values()]
    texts = {venue.external_id: f"{venue.name} {venue.kind} {venue.description}" for venue in venues}
    return [Candidates(venues, photo, text) for venues in found], texts


def measured(rankings: Sequence[Sequence[str]], queries: Sequence[Query]) -> Measured:
    pairs = [(ranked, query.relevant) for ranked, query in zip(rankings, queries, strict=True)]
    return Measured(
        ndcg=np.array([ndcg(ranked, relevant, K) for ranked, relevant in pairs]),
        recall_1=np.array([recall(ranked, relevant, 1) for ranked, relevant in pairs]),
        recall_5=np.array([recall(ranked, relevant, 5) for ranked, relevant in pairs]),
        reciprocal_rank=np.array([reciprocal_rank(ranked, relevant) for ranked, relevant in pairs]),
    )


def table(title: str, measures: Mapping[str, Measured], queries: Sequence[Query]) -> Table:
    about = np.array([query.about for query in queries])
    against = ("over best photo", f"over {SHIPPED} (shipped)")
    shown = Table("", "nDCG@10", *against, "R@1", "R@5", "MRR", *(f"nDCG {kind}" for kind in KINDS), title=title)
    bases = [measures[name].ndcg for name in ("photos: best", SHIPPED)]
    for name, found in measures.items():
        over = [difference(found.ndcg, base) for base in bases]
        means = [f"{values.mean():.3f}" for values in (found.recall_1, found.recall_5, found.reciprocal_rank)]
        by_kind = [f"{found.ndcg[about == kind].mean():.3f}" for kind in KINDS]
        shown.add_row(name, with_interval(found.ndcg), *over, *means, *by_kind)
    return shown


def grid(sums: Mapping[tuple[str, float], NDArray[np.float64]]) -> Table:
    """Show what sums take of the photos against their weight."""
    shown = Table("photos", *(f"weight {weight}" for weight in WEIGHTS), title="nDCG@10 of sums, all queries")
    for photos in PHOTOS:
        shown.add_row(photos, *(f"{sums[photos, weight].mean():.3f}" for weight in WEIGHTS))
    return shown


def held_out(
    measures: Mapping[str, Measured], sums: Mapping[tuple[str, float], NDArray[np.float64]], queries: Sequence[Query]
) -> Table:
    """Choose on one half of the queries, among the weights and among all sums, and report on the other half."""
    dev = np.array([query.split == "dev" for query in queries])
    weights = [key for key in sums if key[0] == "best"]
    chosen = {
        f"{what} chosen on dev: {', '.join(map(str, best))}": sums[best]
        for what, among in (("weight", weights), ("sum", list(sums)))
        for best in [max(among, key=lambda key: sums[key][dev].mean())]
    }
    rows = {name: measures[name].ndcg for name in ("photos: best", "description", SHIPPED)} | chosen
    shown = Table("", "dev nDCG@10", "test nDCG@10", "test, over best photo", f"test, over {SHIPPED} (shipped)")
    shown.title = f"{dev.sum()} dev and {(~dev).sum()} test queries"
    bases = [measures[name].ndcg[~dev] for name in ("photos: best", SHIPPED)]
    for name, found in rows.items():
        over = [difference(found[~dev], base) for base in bases]
        shown.add_row(name, f"{found[dev].mean():.3f}", with_interval(found[~dev]), *over)
    return shown


def difference(values: NDArray[np.float64], base: NDArray[np.float64]) -> str:
    return with_interval(values - base, "+") if (values != base).any() else "0"


def with_interval(values: NDArray[np.float64], sign: str = "") -> str:
    low, high = interval(values)
    return f"{values.mean():{sign}.3f} ({low:{sign}.3f} to {high:{sign}.3f})"


def words(text: str) -> set[str]:
    return set(WORD.findall(text.casefold()))


def by_shared_words(query: str, texts: Mapping[str, str]) -> list[str]:
    """Order by how many words of four letters or more the texts share with the query: what copying would give."""
    return sorted(texts, key=lambda name: (-len(words(query) & words(texts[name])), name))


def overlap(queries: Sequence[Query], texts: Mapping[str, str]) -> str:
    shared = [any(words(query.query) & words(texts[name]) for name in query.relevant) for query in queries]
    return f"{sum(shared)} of {len(queries)} queries share a word with the text of a venue that answers them"


def lean(candidates: Sequence[Candidates]) -> str:
    """Say how far ways lean to venues with many photos, whose best one has more chances to score by accident."""
    many = {venue.external_id for venue in candidates[0].venues if len(venue.photos) == PHOTOS_PER_VENUE}

    def share(name: str) -> str:
        first = [place for found in candidates for place in VARIANTS[name](found)[:5]]
        return f"{np.mean([place in many for place in first]):.0%} by {name}"

    shares = ", ".join(share(name) for name in ("photos: best", "photos: mean of 3", SHIPPED))
    catalogue = f"{len(many) / len(candidates[0].venues):.0%} of the catalogue"
    return f"venues with {PHOTOS_PER_VENUE} photos or more are {catalogue}; of the first five {shares}"


if __name__ == "__main__":
    main()
