"""The other kinds of index in place of `hnsw`, over the same rows: what each costs to have and to search."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.catalogues import FILTERS, Fields
from benchmarks.exact_answers import Exact
from benchmarks.search_legs import PhotoLeg
from benchmarks.search_upkeep import print_nothing
from benchmarks.timing import by_turns
from venuefinder.bootstrap import Services
from venuefinder.records import IndexKind, StoredSpace

ASKED = ("none", "10 %")
KINDS: tuple[IndexKind, ...] = ("exact", "binary")


def measure(
    services: Services, space: StoredSpace, fields: Fields, right: Exact, texts: Sequence[str]
) -> dict[str, Any]:
    """Build, search and drop each kind; leave index and tuning as they were."""
    found = {kind: _measured(_with(services, kind), fields, right, texts) for kind in KINDS}
    services.indexes.drop(space, "binary")
    if space.tuned:
        services.spaces.remember_tuning(space, space.tuned)
    return found


def _with(services: Services, kind: IndexKind) -> Services:
    settings = services.settings.model_copy(update={"index": kind})
    return Services(settings, encoder=services.encoder, database=services.database)


def _measured(services: Services, fields: Fields, right: Exact, texts: Sequence[str]) -> Mapping[str, Any]:
    started = time.perf_counter()
    report = services.indexing.bring(services.catalogue.space, print_nothing)
    seconds = round(time.perf_counter() - started, 1)
    space = services.spaces.require(services.encoder.space)
    built: dict[str, Any] = {
        "build_seconds": round(report.seconds, 1) if report.seconds else None,
        "with_tuning_seconds": seconds,
        "index_bytes": report.facts.index_bytes,
        "ef_search": report.tuned.ef_search if report.tuned else None,
    }
    filters = {}
    for name in ASKED:
        leg = PhotoLeg(services, space, FILTERS[name])
        times, answers = by_turns({"photos": leg}, texts)
        recall = right.recall(answers["photos"], fields.passing(name))
        filters[name] = asdict(times["photos"]) | {"recall": round(recall, 4)}
    return built | {"filters": filters}
