"""The approximate indexes of a space: which there are, built, dropped and kept in shape while searches go on.

Every build works on both leaves of a space, concurrently with readers and writers, and so outside transactions: what
an interrupted one leaves behind is invalid, never used, and dropped by the next.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector
from sqlalchemy import Connection, text

from venuefinder.errors import InputError
from venuefinder.records import IndexFacts, IndexKind, StoredSpace
from venuefinder.store.database import Database
from venuefinder.store.embedded_settings import this_machine
from venuefinder.store.partitions import NEIGHBOURS, OWNERS, index_method, index_name, leaf_of

INDEX_LOCK = 0x696E646578  # "index": one process builds at a time
KINDS: tuple[IndexKind, ...] = get_args(IndexKind)
MB = 1024 * 1024
PAGE, PAGE_ROOM = 8192, 8160
BUILD_OVERHEAD = 800
"""Bytes that an element takes while the graph is built in memory, its vector apart: 2 m neighbours of 16 bytes, itself,
and what allocating costs."""
STATE = """
SELECT leaf.relname AS leaf, name.relname AS name, indisvalid AS valid
FROM pg_index JOIN pg_class leaf ON leaf.oid = indrelid JOIN pg_class name ON name.oid = indexrelid
WHERE indrelid = ANY(CAST(:leaves AS regclass[]))
"""
FACTS = """
SELECT greatest(coalesce(nullif(pg_stat_get_live_tuples(leaf.oid), 0), reltuples::bigint), 0) AS rows,
       pg_stat_get_dead_tuples(leaf.oid) AS dead,
       pg_table_size(leaf.oid) AS table_bytes, coalesce(pg_relation_size(to_regclass(:index)), 0) AS index_bytes,
       pg_relation_filenode(coalesce(to_regclass(:index), leaf.oid)) AS generation,
       pg_size_bytes(current_setting('shared_buffers')) AS shared_buffers
FROM pg_class leaf WHERE leaf.oid = CAST(:leaf AS regclass)
"""
"""Live rows as counted since the statistics were last lost, in a crash; then as counted by the last vacuum."""
COSINES = """
SELECT venue_id, -min((embedding::halfvec({dimension})) <#> :vector)
FROM {leaf} WHERE venue_id = ANY(:venues) GROUP BY venue_id
"""


class IndexRepository:
    """The approximate indexes of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def kinds(self, space: StoredSpace) -> frozenset[IndexKind]:
        """Return the kinds that both leaves have, valid; `exact`, which is none, is always among them."""
        with self._database.connect() as connection:
            return valid_kinds(connection, space)

    def half_built(self, space: StoredSpace) -> list[str]:
        """Return the names of indexes whose build was interrupted or is going on."""
        with self._database.connect() as connection:
            return sorted(name for _, name, valid in _state(connection, space) if not valid)

    def build(self, space: StoredSpace, kind: IndexKind) -> None:
        """Build what is missing of `kind` on both leaves. Raises InputError while another process builds."""
        with self._exclusively() as connection:
            present = _without_leftovers(connection, space)
            for leaf in _leaves(space):
                method, name = index_method(kind, space.space.dimension), index_name(leaf, kind)
                if method and name not in present:
                    with self._memory(connection, leaf, space):
                        connection.exec_driver_sql(f"CREATE INDEX CONCURRENTLY {name} ON {leaf} {method}")

    def drop(self, space: StoredSpace, kind: IndexKind) -> None:
        """Drop the indexes of `kind`. Raises InputError while another process builds."""
        with self._exclusively() as connection:
            for leaf in _leaves(space):
                connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {index_name(leaf, kind)}")

    def reindex(self, space: StoredSpace, kind: IndexKind) -> None:
        """Build the indexes of `kind` anew beside the old ones, which serve meanwhile. Raises as `build`."""
        with self._exclusively() as connection:
            present = _without_leftovers(connection, space)
            for leaf in _leaves(space):
                if (name := index_name(leaf, kind)) in present:
                    with self._memory(connection, leaf, space):
                        connection.exec_driver_sql(f"REINDEX INDEX CONCURRENTLY {name}")

    def vacuum(self, space: StoredSpace) -> None:
        """Free the space of deleted rows, mend the graphs around them, and refresh the planner's statistics.

        Filters are read from the venues' indexes alone only where their table is vacuumed.
        """
        with self._exclusively() as connection:
            for table in (*_leaves(space), "venues"):
                connection.exec_driver_sql(f"VACUUM (ANALYZE) {table}")

    def facts(self, space: StoredSpace, kind: IndexKind) -> IndexFacts:
        """Return the state of the photos' leaf and its index of `kind`."""
        leaf = leaf_of("photo_embeddings", space.id)
        with self._database.connect() as connection:
            row = connection.execute(text(FACTS), {"leaf": leaf, "index": index_name(leaf, kind)}).one()
        return IndexFacts(**row._mapping, fresh_bytes=_fresh_bytes(row.rows, space.space.dimension, kind))

    def best_cosines(
        self, space: StoredSpace, vector: NDArray[np.float32], venues: Collection[int]
    ) -> Mapping[int, float]:
        """Return the cosine of each venue's best photo with a unit vector `float32 [D]`, by venue id."""
        statement = COSINES.format(dimension=space.space.dimension, leaf=leaf_of("photo_embeddings", space.id))
        with self._database.connect() as connection:
            found = connection.execute(text(statement), {"vector": HalfVector(vector), "venues": list(venues)})
            return {row[0]: row[1] for row in found}

    @contextmanager
    def _exclusively(self) -> Iterator[Connection]:
        """Open a connection without transactions. Trying for the lock, not waiting: a build waits for who waits."""
        with self._database.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": INDEX_LOCK}):
                raise InputError(f"{self._database.where}: another process is at its indexes; wait for it, or stop it")
            try:
                yield connection
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": INDEX_LOCK})

    @contextmanager
    def _memory(self, connection: Connection, leaf: str, space: StoredSpace) -> Iterator[None]:
        """Let a build on the embedded server hold its graph in memory: what does not fit is built many times slower.

        The memory of another server is its administrator's to give.
        """
        if not self._database.embedded:
            yield
            return
        rows = connection.scalar(text(f"SELECT count(*) FROM {leaf}"))  # noqa: S608 - our name
        needed = int(rows or 0) * (2 * space.space.dimension + BUILD_OVERHEAD)
        given = int(connection.scalar(text("SELECT pg_size_bytes(current_setting('maintenance_work_mem'))")) or 0)
        shared = connection.scalar(text("SELECT current_setting('dynamic_shared_memory_type')")) != "mmap"
        memory = max(given, min(needed, _most_memory(shared=shared)))
        connection.exec_driver_sql(f"SET maintenance_work_mem = '{memory // MB}MB'")
        try:
            yield
        finally:
            connection.exec_driver_sql("RESET maintenance_work_mem")


def valid_kinds(connection: Connection, space: StoredSpace) -> frozenset[IndexKind]:
    """Return the kinds that both leaves of a space have, valid; `exact`, which is none, is always among them."""
    valid = {name for _, name, valid in _state(connection, space) if valid}
    return frozenset(
        kind for kind in KINDS if kind == "exact" or valid >= {index_name(leaf, kind) for leaf in _leaves(space)}
    )


def _most_memory(*, shared: bool) -> int:
    """Return the bytes a build may take of this machine; `shared`: from its shared memory."""
    machine = this_machine()
    most = machine.memory // 4
    return min(most, machine.shared_memory // 2) if shared and machine.shared_memory is not None else most


def _leaves(space: StoredSpace) -> list[str]:
    return [leaf_of(table, space.id) for table in OWNERS]


def _state(connection: Connection, space: StoredSpace) -> list[Any]:
    """Return our indexes on the leaves of a space, those that are being built or were (`…_ccnew`) among them."""
    ours = tuple(index_name(leaf, kind) for leaf in _leaves(space) for kind in KINDS)
    return [row for row in connection.execute(text(STATE), {"leaves": _leaves(space)}) if row.name.startswith(ours)]


def _without_leftovers(connection: Connection, space: StoredSpace) -> set[str]:
    """Drop what interrupted builds left on the leaves, and return the names of the indexes that are valid."""
    state = _state(connection, space)
    for _, name, valid in state:
        if not valid:
            connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    return {name for _, name, valid in state if valid}


def _fresh_bytes(rows: int, dimension: int, kind: IndexKind) -> int:
    """Return about how large an index of so many rows is when just built; 0 for `exact`.

    An element is 72 bytes and its vector, its neighbours 4 bytes and 6 for each of 2 m; both lie on one page, with a
    pointer of 4 bytes each (pgvector 0.8, src/hnsw.h: HnswElementTupleData, HnswNeighborTupleData).
    """
    if kind == "exact":
        return 0
    vector = 8 + (2 * dimension if kind == "hnsw" else dimension // 8)
    element = 72 + vector + 4 + 12 * NEIGHBOURS + 8
    return PAGE * (1 + -(-rows // max(1, PAGE_ROOM // element)))
