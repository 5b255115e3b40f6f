"""The index of the encoder's space: is it there, in shape, tuned, and does it fit the server's memory."""

from collections.abc import Callable
from functools import partial

from venuefinder.bootstrap import Services
from venuefinder.doctor.check import Step, Verdict, ok, warning
from venuefinder.records import IndexFacts, IndexKind, StoredSpace
from venuefinder.spaces.indexing import bloated
from venuefinder.spaces.tuning import LEAST_PHOTOS, outgrown

MB = 1e6
DEAD_SHARE, DEAD_ROWS = 0.2, 50
"""PostgreSQL vacuums by itself beyond these (autovacuum_vacuum_scale_factor and _threshold); more means it does not."""
INDEX = "run: venuefinder index"
NOTHING = "nothing is embedded yet"


def steps(services: Services) -> list[Step]:
    """Return what to look at of the index."""
    needs = ("encoder", "database", "pgvector", "schema")
    looks = {"index": _index, "dead rows": _dead_rows, "index tuning": _tuning, "index memory": _memory}
    return [Step(name, partial(_looked_at, services, look), INDEX, needs=needs) for name, look in looks.items()]


def _looked_at(services: Services, look: Callable[["_Looked"], Verdict]) -> Verdict:
    return look(_Looked(services))


class _Looked:
    """What the checks look at; `space` is None before anything was embedded."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.kind: IndexKind = services.settings.index
        self.space: StoredSpace | None = services.spaces.find(services.encoder.space)

    def facts(self, space: StoredSpace) -> IndexFacts:
        return self.services.indexes.facts(space, self.kind)


def _index(looked: _Looked) -> Verdict:
    if looked.space is None:
        return ok(NOTHING)
    kinds, facts = looked.services.indexes.kinds(looked.space), looked.facts(looked.space)
    others = sorted(kinds - {looked.kind, "exact"})
    also = f"; also {', '.join(others)}" if others else ""
    if looked.kind not in kinds:
        half = looked.services.indexes.half_built(looked.space)
        left = f" ({', '.join(half)}: half built)" if half else ""
        return warning(f"none of the kind {looked.kind!r}{left}{also}; every photo is read instead", INDEX)
    if looked.kind == "exact":
        return ok(f"none wanted: every photo is read{also}")
    size = f"{looked.kind}, {facts.index_bytes / MB:,.1f} MB{also}"
    if bloated(facts):
        fresh = f"expected about {facts.fresh_bytes / MB:,.1f} MB for {facts.rows:,} embeddings"
        return warning(f"{size}, {fresh}: rows that are gone left holes", f"{INDEX}; it builds the index anew")
    return ok(size)


def _dead_rows(looked: _Looked) -> Verdict:
    if looked.space is None:
        return ok(NOTHING)
    facts = looked.facts(looked.space)
    share = facts.dead / max(facts.rows + facts.dead, 1)
    found = f"{facts.dead:,} beside {facts.rows:,} live ones ({share:.0%})"
    if share > DEAD_SHARE and facts.dead > DEAD_ROWS:
        remedy = f"{INDEX}; it runs VACUUM. If they come back, see whether autovacuum is on"
        return warning(f"{found}, expected at most {DEAD_SHARE:.0%}: searches wade through them", remedy)
    return ok(found)


def _tuning(looked: _Looked) -> Verdict:
    if looked.space is None:
        return ok(NOTHING)
    if looked.kind == "exact":
        return ok("not needed: every photo is read")
    photos, tuned = looked.services.spaces.count(looked.space), looked.space.tuned
    if photos <= LEAST_PHOTOS:
        return ok(f"not needed for {photos:,} photos")
    if tuned is None:
        return warning(f"never tuned, with {photos:,} photos; the recall of searches is not known", INDEX)
    found = f"ef_search {tuned.ef_search}, recall {tuned.recall:.2%}, found when there were {tuned.photos:,} photos"
    if outgrown(looked.space, photos):
        return warning(f"{found}; now there are {photos:,}", INDEX)
    target = looked.services.settings.target_recall
    if tuned.recall < target:
        return warning(f"{found}; expected {target:.1%}", "set VENUEFINDER_INDEX=exact to find all, more slowly")
    return ok(found)


def _memory(looked: _Looked) -> Verdict:
    if looked.space is None:
        return ok(NOTHING)
    facts = looked.facts(looked.space)
    read = facts.table_bytes if looked.kind == "exact" else facts.index_bytes
    found = f"searches read {read / MB:,.0f} MB, shared_buffers is {facts.shared_buffers / MB:,.0f} MB"
    if read <= facts.shared_buffers or looked.services.unchecked_database.embedded:
        return ok(found)
    return warning(found, f"in postgresql.conf set shared_buffers to {read / MB:.0f}MB or more, and restart the server")
