"""Databases of vectors that come as packages and run in the caller's process, each with its columns indexed."""

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peer import DEPTHS, EFFORTS, WHERE, Numbers, Photos, Query, ten_venues

THREADS = 2


class LanceDB:
    """IVF over full vectors, with bitmap indexes of the columns."""

    name, packages, is_database = "LanceDB IVF_FLAT", ("lancedb",), True
    efforts: Sequence[int] = (2, 4, 8, 12, 16, 24, 32, 48, 64, 128)
    depths: Sequence[int] = DEPTHS

    def __init__(self, folder: Path) -> None:
        import lancedb

        self._database = lancedb.connect(folder)
        self._effort = 1

    def build(self, photos: Photos) -> None:
        """Store as Arrow, then index."""
        self._table = self._database.create_table("photos", data=_arrow(photos))
        self._index()
        for name in photos.columns:
            self._table.create_scalar_index(name, index_type="BITMAP")

    def widen(self, effort: int) -> None:
        """Set how many partitions are searched."""
        self._effort = effort

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:
        """Search, the filter first."""
        column = WHERE[where]

        def nearest(photos: int) -> Numbers:
            asked = self._table.search(query.vector).distance_type("dot").limit(photos)
            asked = self._wide(asked, photos).select(["id", "_distance"])
            if column:
                asked = asked.where(f"{column[0]} = {column[1]}", prefilter=True)
            return np.asarray(asked.to_arrow()["id"])

        return ten_venues(nearest, depth)

    def _index(self) -> None:
        self._table.create_index(metric="dot", vector_column_name="vector", index_type="IVF_FLAT")

    def _wide(self, asked: Any, photos: int) -> Any:  # noqa: ARG002 - the number found does not matter
        return asked.nprobes(self._effort)


class LanceGraph(LanceDB):
    """One HNSW of scalar-quantised vectors; twice as many photos are compared in full."""

    name = "LanceDB HNSW_SQ"
    efforts = EFFORTS

    def _index(self) -> None:
        self._table.create_index(metric="dot", vector_column_name="vector", index_type="IVF_HNSW_SQ", num_partitions=1)

    def _wide(self, asked: Any, photos: int) -> Any:
        return asked.ef(max(self._effort, 2 * photos)).refine_factor(2)


class Chroma:
    """A collection on disk, with its defaults."""

    name, packages, is_database = "Chroma", ("chromadb",), True
    efforts: Sequence[int] = EFFORTS
    depths: Sequence[int] = DEPTHS

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open()

    def build(self, photos: Photos) -> None:
        """Store with metadata."""
        configuration = {"hnsw": {"space": "ip"}}
        self._collection = self._client.create_collection(
            "photos", configuration=configuration, embedding_function=None
        )
        for start, end in photos.batches():
            self._collection.add(
                ids=[str(number) for number in range(start, end)],
                embeddings=photos.vectors[start:end],
                metadatas=[_columns(photos, number) for number in range(start, end)],
            )

    def widen(self, effort: int) -> None:
        """Change the collection's `ef_search`, and open it anew: an index in memory keeps its own."""
        from chromadb.api.shared_system_client import SharedSystemClient

        self._collection.modify(configuration={"hnsw": {"ef_search": effort}})
        self._client.close()
        SharedSystemClient.clear_system_cache()
        self._open()
        self._collection = self._client.get_collection("photos", embedding_function=None)

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:
        """Search."""
        column = WHERE[where]
        asked = {"where": {column[0]: column[1]}} if column else {}

        def nearest(photos: int) -> Numbers:
            found = self._collection.query(query_embeddings=[query.vector], n_results=photos, include=[], **asked)
            return np.array([int(number) for number in found["ids"][0]], dtype=np.int64)

        return ten_venues(nearest, depth)

    def _open(self) -> None:
        import chromadb
        from chromadb.config import Settings

        self._client = chromadb.PersistentClient(str(self._folder), settings=Settings(anonymized_telemetry=False))


class MilvusLite:
    """A collection in a file: HNSW, inverted indexes of the columns."""

    name, packages, is_database = "Milvus Lite", ("milvus-lite", "pymilvus"), True
    efforts: Sequence[int] = EFFORTS
    depths: Sequence[int] = DEPTHS

    def __init__(self, folder: Path) -> None:
        import milvus_lite  # noqa: F401 - pymilvus starts it
        from pymilvus import DataType, MilvusClient

        self._types = DataType
        self._client = MilvusClient(str(folder / "photos.db"))
        self._effort = 0

    def build(self, photos: Photos) -> None:
        """Store, then index and load."""
        schema = self._client.create_schema(auto_id=False)
        schema.add_field("id", self._types.INT64, is_primary=True)
        schema.add_field("vector", self._types.FLOAT_VECTOR, dim=photos.vectors.shape[1])
        indexes = self._client.prepare_index_params()
        hnsw = {"M": 16, "efConstruction": 200}
        indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=hnsw)
        for name in photos.columns:
            schema.add_field(name, self._types.INT64)
            indexes.add_index(name, index_type="INVERTED")
        self._client.create_collection("photos", schema=schema)
        for start, end in photos.batches():
            rows = ({"id": n, "vector": photos.vectors[n]} | _columns(photos, n) for n in range(start, end))
            self._client.insert("photos", list(rows))
        self._client.flush("photos")
        self._client.create_index("photos", indexes)
        self._client.load_collection("photos")

    def widen(self, effort: int) -> None:
        """Set `ef`."""
        self._effort = effort

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:
        """Search."""
        column = WHERE[where]

        def nearest(photos: int) -> Numbers:
            found = self._client.search(
                "photos",
                data=[query.vector],
                limit=photos,
                filter=f"{column[0]} == {column[1]}" if column else "",
                search_params={"metric_type": "IP", "params": {"ef": max(self._effort, photos)}},
            )
            return np.array([hit["id"] for hit in found[0]], dtype=np.int64)

        return ten_venues(nearest, depth)


class QdrantEdge:
    """A shard in a folder: HNSW with more links for filters, integer indexes of the columns."""

    name, packages, is_database = "Qdrant Edge", ("qdrant-edge-py",), True
    efforts: Sequence[int] = EFFORTS
    depths: Sequence[int] = DEPTHS

    def __init__(self, folder: Path) -> None:
        import qdrant_edge

        self._edge, self._folder = qdrant_edge, folder
        self._effort = 0

    def build(self, photos: Photos) -> None:
        """Store with payloads, then optimise into one segment."""
        edge = self._edge
        hnsw = edge.HnswIndexConfig(m=16, ef_construct=100, full_scan_threshold=10_000, max_indexing_threads=THREADS)
        vectors = edge.EdgeVectorParams(size=photos.vectors.shape[1], distance=edge.Distance.Dot, hnsw_config=hnsw)
        optimizers = edge.EdgeOptimizersConfig(default_segment_number=1, indexing_threshold=1_000)
        config = edge.EdgeConfig(vectors=vectors, hnsw_config=hnsw, optimizers=optimizers)
        self._shard = edge.EdgeShard.create(str(self._folder), config)
        for name in photos.columns:
            self._shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Integer))
        for start, end in photos.batches():
            points = [edge.Point(n, photos.vectors[n].tolist(), _columns(photos, n)) for n in range(start, end)]
            self._shard.update(edge.UpdateOperation.upsert_points(points))
        gc.collect()
        while self._shard.optimize():
            pass
        self._shard.flush()

    def widen(self, effort: int) -> None:
        """Set `hnsw_ef`."""
        self._effort = effort

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:
        """Search."""
        edge, column, vector = self._edge, WHERE[where], query.vector.tolist()
        chosen = [edge.FieldCondition(column[0], match=edge.MatchValue(column[1]))] if column else []

        def nearest(photos: int) -> Numbers:
            request = edge.SearchRequest(
                edge.Query.Nearest(vector),
                limit=photos,
                filter=edge.Filter(must=chosen) if chosen else None,
                params=edge.SearchParams(hnsw_ef=max(self._effort, photos)),
            )
            return np.array([point.id for point in self._shard.search(request)], dtype=np.int64)

        return ten_venues(nearest, depth)


def _arrow(photos: Photos) -> Iterator[Any]:
    import pyarrow

    for start, end in photos.batches():
        flat = pyarrow.array(photos.vectors[start:end].reshape(-1))
        columns = {name: pyarrow.array(values[start:end]) for name, values in photos.columns.items()}
        vectors = pyarrow.FixedSizeListArray.from_arrays(flat, photos.vectors.shape[1])
        yield pyarrow.RecordBatch.from_pydict(columns | {"id": pyarrow.array(range(start, end)), "vector": vectors})


def _columns(photos: Photos, number: int) -> dict[str, int]:
    return {name: int(values[number]) for name, values in photos.columns.items()}
