"""Kill an ingestion at a point, run it again, and see whether anything tells the two from one undisturbed run."""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.stored import stored
from tests.tripped import Ended, Plan, run_tripped
from tests.tripwire import Step
from venuefinder.store.database import Database, open_database

SEED = 20_261


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A source and what one run makes of it."""

    source: Path
    rows: dict[str, list[str]]
    steps: dict[str, int]

    def points(self, steps: Sequence[Step], seed: int = SEED) -> list[tuple[Step, int]]:
        """Choose one of the many times that each step was taken."""
        chance = random.Random(seed)  # noqa: S311 - points to repeat, no secret
        return [(step, chance.randint(1, self.steps[step])) for step in steps]


def ingested(source: Path, database_url: str, plan: Plan | None = None, *options: str) -> Ended:
    """Run `venuefinder ingest` on a source, with a data folder of its own: nothing kept there spares a step."""
    settings = {"DATABASE_URL": database_url, "VENUEFINDER_DATA_DIR": f"data-{os.urandom(8).hex()}"}
    return run_tripped(plan or Plan(), source.parent, "ingest", str(source), "--json", *options, **settings)


def undisturbed(source: Path, database_url: str) -> Undisturbed:
    """Ingest a source in one run."""
    ended = ingested(source, database_url)
    assert ended.code == 0, ended.stderr
    with open_database(database_url, source.parent) as database:
        return Undisturbed(source, stored(database), ended.counts)


def resumed(one: Undisturbed, database_url: str, database: Database) -> int:
    """Run again what was ended early, check that it comes to the same, and return how many photos were left to do."""
    kept = stored(database)
    assert set(kept["embeddings"]) <= set(one.rows["embeddings"])
    again = ingested(one.source, database_url)
    assert again.code == 0, again.stderr
    left = len(one.rows["photos"]) - len(kept["photos"])
    assert again.report["photos"]["new"] == left
    assert again.counts["decode"] == left  # what was stored is not so much as read
    assert stored(database) == one.rows
    return left
