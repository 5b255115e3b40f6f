"""Below which score a hit is too weak to show unasked: judged queries, and queries that no sample venue answers.

    python -m benchmarks.relevance_floor [--samples FOLDER]

The samples are ingested with the configured encoder into a Postgres of their own and searched as users search. For each
floor: which of the first ten hits of the judged queries of `venue_queries.json` it keeps and folds away, and what it
leaves of the answers to `NO_FIT`. A floor that only folded away what is wrong would keep all relevant hits and leave
nothing of those. Intervals are 95 % bootstrap intervals over queries.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.venue_metrics import interval
from ingest.options import RunOptions
from ingest.runner import ingest
from ingest.sources import open_source
from ingest.terminal import TerminalProgress
from samples.build import CACHE, build
from venuefinder.bootstrap import Services
from venuefinder.errors import InputError
from venuefinder.request import SearchRequest
from venuefinder.settings import load_settings
from venuefinder.store.schema import upgrade

QUERIES = Path(__file__).with_name("venue_queries.json")
FIRST = 10
FLOORS = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5)
NO_FIT = (
    "submarine engine room",
    "ice hockey rink",
    "data centre with server racks",
    "operating theatre in a hospital",
    "airport runway",
    "underground car park",
    "prison cell",
    "nuclear power station",
    "ski slope with a chairlift",
    "roller coaster",
    "aquarium tunnel with sharks",
    "horse racing track",
    "bowling alley",
    "wind tunnel",
    "coal mine",
    "petrol station",
    "dentist's surgery",
    "swimming lanes of an Olympic pool",
    "church organ and pews",
    "cactus desert",
    "igloo made of snow",
    "camel market",
    "steam locomotive in a station",
    "space rocket launch pad",
    "fish market stalls",
    "rugby stadium full of spectators",
    "butcher's counter",
    "trampoline park",
    "nursery with cots for babies",
    "vineyard cellar with oak barrels",
)
"""Written before any of them was searched. Some look like a sample venue: an engine room like a machine laboratory."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The first hits of a query, best first: their scores, and whether each is relevant."""

    scores: NDArray[np.float64]
    relevant: NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, help="a folder that samples.build made; made anew by default")
    arguments = parser.parse_args()
    judged = {entry["query"]: entry["relevant"] for entry in json.loads(QUERIES.read_text())}
    with tempfile.TemporaryDirectory() as data:
        samples = arguments.samples or Path(data) / "samples"
        if build(samples, cache=CACHE, console=Console(stderr=True)) != "venues":
            raise InputError(f"{samples}: found stand-ins, expected the sample venues that the queries were judged on")
        settings = load_settings().model_copy(update={"data_dir": Path(data), "database_url": None})
        with Services(settings) as services:
            fill(services, samples)
            fitting = [answered(services, query, relevant) for query, relevant in judged.items()]
            hopeless = [answered(services, query, {}) for query in NO_FIT]
            space = services.encoder.space.name
    console = Console(width=180)
    console.print(
        table(f"{len(fitting)} judged queries, {len(hopeless)} that nothing answers, {space}", fitting, hopeless)
    )
    console.print(told_apart(fitting, hopeless))


def fill(services: Services, samples: Path) -> None:
    upgrade(services.unchecked_database)
    source = open_source(samples)
    with TerminalProgress(source) as progress:
        ingest(source, services, progress, RunOptions())


def answered(services: Services, query: str, relevant: Mapping[str, int]) -> Answered:
    hits = services.search.answer(SearchRequest(query=query, limit=FIRST)).results
    scores = np.array([hit.score for hit in hits], dtype=np.float64)
    return Answered(scores, np.array([hit.venue.external_id in relevant for hit in hits], dtype=bool))


def table(title: str, fitting: Sequence[Answered], hopeless: Sequence[Answered]) -> Table:
    columns = ("relevant hits kept", "other hits folded", "queries left with a relevant hit")
    nothing = ("hits folded, nothing fits", "left with no hit, nothing fits")
    shown = Table("floor", *columns, *nothing, title=title)
    right = np.concatenate([found.scores[found.relevant] for found in fitting])
    wrong = np.concatenate([found.scores[~found.relevant] for found in fitting])
    vain = np.concatenate([found.scores for found in hopeless])
    for floor in FLOORS:
        shown.add_row(
            f"{floor:.2f}",
            f"{np.mean(right >= floor):.2f}",
            f"{np.mean(wrong < floor):.2f}",
            _with_interval([(found.relevant & (found.scores >= floor)).any() for found in fitting]),
            f"{np.mean(vain < floor):.2f}",
            _with_interval([(found.scores < floor).all() for found in hopeless]),
        )
    shown.caption = f"of the first {FIRST} hits a query"
    return shown


def told_apart(fitting: Sequence[Answered], hopeless: Sequence[Answered]) -> str:
    """Say how often a judged query's best hit scores higher than that of a query that nothing answers."""
    best, vain = (np.array([found.scores.max(initial=-np.inf) for found in answers]) for answers in (fitting, hopeless))
    higher = (best[:, None] > vain[None, :]).mean()
    return f"the best hit of a judged query scores higher than that of a query nothing answers in {higher:.0%} of pairs"


def _with_interval(values: Sequence[np.bool_]) -> str:
    low, high = interval(np.array(values, dtype=np.float64))
    return f"{np.mean(values):.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
