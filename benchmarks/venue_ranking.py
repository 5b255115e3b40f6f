"""How well ways to score a venue, by its photos, description and words, answer judged queries over the sample venues.

    python -m benchmarks.venue_ranking [--samples FOLDER]

The samples are ingested with the configured encoder into a Postgres of their own, and what every venue is worth to
every query is read as search reads it; the ways differ only in what they make of these numbers. `venue_queries.json`
has the queries, `venue_judged.Query` says what their fields mean. What a sum takes of the photos, its weights, and how
legs are fused are chosen on the queries of split `dev`, by nDCG@10, and reported on `test`.
"""

import argparse
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.venue_judged import ALL, SHOWN, Judged, Query, judge, load_queries
from benchmarks.venue_metrics import interval, ndcg, recall, reciprocal_rank
from benchmarks.venue_requests import kinds, negations, over, pictures
from benchmarks.venue_variants import (
    FUSIONS,
    GRID,
    LEGS,
    PHOTOS,
    SHIPPED,
    TWO_LEGS,
    WEIGHTS,
    Candidates,
    Order,
    summed,
    tied_by_words,
)
from samples.build import CACHE, build
from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.searching.ranking import DESCRIPTION_WEIGHT, WORDS_WEIGHT
from venuefinder.settings import load_settings
from venuefinder.store.reading import PHOTOS_PER_VENUE

K = 10
WORD = re.compile(r"[a-zé]{4,}")


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
    queries = load_queries()
    with tempfile.TemporaryDirectory() as data:
        samples = arguments.samples or Path(data) / "samples"
        if build(samples, cache=CACHE, console=Console(stderr=True)) != "venues":
            raise InputError(f"{samples}: found stand-ins, expected the sample venues that the queries were judged on")
        settings = load_settings().model_copy(update={"data_dir": Path(data), "database_url": None})
        with Services(settings) as services:
            judged = judge(services, samples, queries)
            title = f"{len(judged.venues)} venues, {services.encoder.space.name}"
    console = Console(width=180)
    for shown in (*two_legs(judged, title), *three_legs(judged, title)):
        console.print(shown)
    for shown in (negations(judged), kinds(judged), pictures(judged)):
        console.print(shown)


def two_legs(judged: Judged, title: str) -> list[Table | str]:
    """Return the tables of docs/decisions/0006: photos and description alone."""
    places = [place for place, query in enumerate(judged.queries) if query.about in SHOWN]
    queries, candidates = [judged.queries[i] for i in places], [judged.candidates[i] for i in places]
    texts = {venue.external_id: venue.text for venue in judged.venues}
    measures = {name: measured([order(found) for found in candidates], queries) for name, order in LEGS.items()}
    control = measured([by_shared_words(query.query, texts) for query in queries], queries)
    sums = {key: measured([order(found) for found in candidates], queries).ndcg for key, order in GRID.items()}
    return [
        table(f"{len(queries)} queries, {title}", measures | {"shared words (control)": control}, queries),
        grid(sums),
        held_out(measures, sums, queries),
        overlap(queries, texts),
        lean(candidates),
    ]


def three_legs(judged: Judged, title: str) -> list[Table]:
    """Return the tables of docs/decisions/0008: each way of adding words at the setting that is best on dev."""
    queries = judged.queries
    dev = np.array([query.split == "dev" for query in queries])

    def gains(order: Order) -> NDArray[np.float64]:
        return measured([order(found) for found in judged.candidates], queries).ndcg

    rows = {TWO_LEGS: gains(summed(DESCRIPTION_WEIGHT)), "words break ties": gains(tied_by_words)}
    weights = Table("", "dev nDCG@10", "test nDCG@10", title="Settings")
    for name, settings in FUSIONS.items():
        tried = {setting: gains(order) for setting, order in settings.items()}
        best = max(tried, key=lambda setting: tried[setting][dev].mean())
        rows[f"{name}: {best}"] = tried[best]
        for setting, values in tried.items():
            weights.add_row(f"{name}: {setting}", f"{values[dev].mean():.3f}", f"{values[~dev].mean():.3f}")
    rows[f"{SHIPPED} (shipped)"] = gains(summed(DESCRIPTION_WEIGHT, WORDS_WEIGHT))
    return [fusion(f"{len(queries)} queries, {title}; settings chosen on dev", rows, queries), weights]


def fusion(title: str, rows: Mapping[str, NDArray[np.float64]], queries: Sequence[Query]) -> Table:
    dev = np.array([query.split == "dev" for query in queries])
    about = np.array([query.about for query in queries])
    columns = ("dev nDCG@10", "test nDCG@10", "test, over two legs", "test, over shipped")
    shown = Table("", *columns, *ALL, title=title)
    bases = [rows[TWO_LEGS], rows[f"{SHIPPED} (shipped)"]]
    for name, values in rows.items():
        by_kind = [f"{values[about == kind].mean():.3f}" for kind in ALL]
        compared = [over(values[~dev], base[~dev]) for base in bases]
        shown.add_row(name, f"{values[dev].mean():.3f}", with_interval(values[~dev]), *compared, *by_kind)
    return shown


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
    against = ("over best photo", f"over {TWO_LEGS}")
    shown = Table("", "nDCG@10", *against, "R@1", "R@5", "MRR", *(f"nDCG {kind}" for kind in SHOWN), title=title)
    bases = [measures[name].ndcg for name in ("photos: best", TWO_LEGS)]
    for name, found in measures.items():
        compared = [over(found.ndcg, base) for base in bases]
        means = [f"{values.mean():.3f}" for values in (found.recall_1, found.recall_5, found.reciprocal_rank)]
        by_kind = [f"{found.ndcg[about == kind].mean():.3f}" for kind in SHOWN]
        shown.add_row(name, with_interval(found.ndcg), *compared, *means, *by_kind)
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
    rows = {name: measures[name].ndcg for name in ("photos: best", "description", TWO_LEGS)} | chosen
    shown = Table("", "dev nDCG@10", "test nDCG@10", "test, over best photo", f"test, over {TWO_LEGS}")
    shown.title = f"{dev.sum()} dev and {(~dev).sum()} test queries"
    bases = [measures[name].ndcg[~dev] for name in ("photos: best", TWO_LEGS)]
    for name, found in rows.items():
        compared = [over(found[~dev], base) for base in bases]
        shown.add_row(name, f"{found[dev].mean():.3f}", with_interval(found[~dev]), *compared)
    return shown


def with_interval(values: NDArray[np.float64]) -> str:
    low, high = interval(values)
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


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
        first = [place for found in candidates for place in LEGS[name](found)[:5]]
        return f"{np.mean([place in many for place in first]):.0%} by {name}"

    shares = ", ".join(share(name) for name in ("photos: best", "photos: mean of 3", TWO_LEGS))
    catalogue = f"{len(many) / len(candidates[0].venues):.0%} of the catalogue"
    return f"venues with {PHOTOS_PER_VENUE} photos or more are {catalogue}; of the first five {shares}"


if __name__ == "__main__":
    main()
