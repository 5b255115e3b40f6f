"""The leaves of a space: one table of photo embeddings and one of description embeddings, with their indexes."""

from sqlalchemy import Connection

from venuefinder.records import IndexKind

OWNERS = {"photo_embeddings": "photo_id, view", "description_embeddings": "venue_id, chunk"}
"""The partitioned tables, and what tells the rows of a leaf apart."""
NEIGHBOURS = 16
"""pgvector's `m`, its own default: an element has up to twice as many at the lowest level."""
BUILD_WIDTH = 128
"""`ef_construction`, twice pgvector's own: twice the time to build, and the same recall for a third less time of every
search (100,000 CLIP-like vectors: 0.9935 instead of 0.989 at ef_search 400)."""


def leaf_of(table: str, space_id: int) -> str:
    """Return the name of a space's leaf of a partitioned table."""
    return f"{table}_{space_id}"


def index_name(leaf: str, kind: IndexKind) -> str:
    """Return the name of a leaf's approximate index."""
    return f"{leaf}_{kind}"


def index_method(kind: IndexKind, dimension: int) -> str | None:
    """Return how an approximate index is made, from USING on; None for `exact`, which has none.

    Queries repeat the expression to the letter; without it, no index.
    """
    vector = f"embedding::halfvec({dimension})"
    columns = {
        "hnsw": f"({vector}) halfvec_ip_ops",
        "binary": f"(binary_quantize({vector})::bit({dimension})) bit_hamming_ops",
    }
    if kind == "exact":
        return None
    return f"USING hnsw ({columns[kind]}) WITH (m = {NEIGHBOURS}, ef_construction = {BUILD_WIDTH})"


def make_partitions(connection: Connection, space_id: int, dimension: int, kind: IndexKind) -> None:
    """Make both leaves of a space, each with its dimension check and index, and attach them."""
    for table, owner in OWNERS.items():
        _make_partition(connection, table, owner, (space_id, dimension, kind))


def _make_partition(connection: Connection, table: str, owner: str, of: tuple[int, int, IndexKind]) -> None:
    """Make a leaf, then attach it.

    PLAIN storage keeps vectors in the row: compressed or moved out, exact scans take three times as long.
    """
    space_id, dimension, kind = of
    leaf, method = leaf_of(table, space_id), index_method(kind, dimension)
    for statement in (
        f"CREATE TABLE {leaf} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"ALTER TABLE {leaf} ALTER embedding SET STORAGE PLAIN, "
        f"ADD CONSTRAINT {leaf}_dimension CHECK (vector_dims(embedding) = {dimension}), "
        f"ADD CONSTRAINT {leaf}_space CHECK (space_id = {space_id}), "
        f"ADD PRIMARY KEY (space_id, {owner})",
        *([f"CREATE INDEX {index_name(leaf, kind)} ON {leaf} {method}"] if method else []),
        f"CREATE INDEX {leaf}_venue ON {leaf} (venue_id)",
        f"ALTER TABLE {table} ATTACH PARTITION {leaf} FOR VALUES IN ({space_id})",
    ):
        connection.exec_driver_sql(statement)
