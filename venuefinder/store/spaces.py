"""Embedding spaces and their partitions."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
from pgvector import HalfVector
from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, text, update

from venuefinder.calibrating.calibration import Background, Calibrator
from venuefinder.calibrating.evidence import SeenRule
from venuefinder.domain import EmbeddingSpace, ModelFacts
from venuefinder.errors import SpaceError
from venuefinder.protocols import Embeddings
from venuefinder.records import IndexKind, SpaceSample, StoredSpace, Tuning
from venuefinder.store.database import Database
from venuefinder.store.fusion_tables import rerank_fusions
from venuefinder.store.partitions import leaf_of, make_partitions
from venuefinder.store.tables import embedding_spaces, space_activations

logger = logging.getLogger(__name__)
SPACE_LOCK = 0x7370616365  # "space": one partition made at a time
COUNTED = 100_000
"""Photos up to which counting takes no longer than 20 ms; beyond, the server's statistics must do."""
PHOTO_SAMPLE = """
SELECT venue_id, embedding FROM photo_embeddings e JOIN (
    SELECT photo_id, hashint8(photo_id) AS place FROM photo_embeddings
    WHERE space_id = :space AND view = 0 ORDER BY place, photo_id LIMIT :photos) chosen USING (photo_id)
WHERE space_id = :space ORDER BY place, photo_id, view
"""
DESCRIPTION_SAMPLE = """
SELECT embedding FROM description_embeddings WHERE space_id = :space
ORDER BY hashint8(venue_id), venue_id, chunk LIMIT :photos
"""


class SpaceRepository:
    """The embedding spaces of one database. Every method is one transaction.

    index: what a space made here is indexed by.
    """

    def __init__(self, database: Database, *, index: IndexKind = "hnsw") -> None:
        self._database = database
        self._index = index

    def all(self) -> list[StoredSpace]:
        """Return every space, oldest first."""
        with self._database.connect() as connection:
            return [
                stored_space(row)
                for row in connection.execute(select(embedding_spaces).order_by(embedding_spaces.c.id))
            ]

    def find(self, space: EmbeddingSpace) -> StoredSpace | None:
        """Return the stored space of these vectors, or None when nothing was embedded in it yet."""
        with self._database.connect() as connection:
            return _find(connection, space)

    def require(self, space: EmbeddingSpace) -> StoredSpace:
        """Return the stored space, or raise SpaceError saying which spaces there are and how to go on."""
        if found := self.find(space):
            return found
        others = ", ".join(repr(stored.space.encoder) for stored in self.all())
        if not others:
            raise SpaceError(f"space {space.name!r}: nothing is embedded yet; run: venuefinder ingest PATH")
        raise SpaceError(
            f"space {space.name!r}: holds no embeddings; this catalogue was embedded with {others}; empty "
            "VENUEFINDER_ENCODER to search in the space that serves, or run: venuefinder spaces create "
            f"{space.encoder}, then venuefinder spaces backfill {space.name}"
        )

    def ensure(self, space: EmbeddingSpace, *, indexed: bool = True) -> StoredSpace:
        """Return the stored space, made with its partitions if need be, and their approximate indexes if `indexed`.

        The first space of a database serves from then on.
        """
        if found := self.find(space):
            return found
        with self._database.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SPACE_LOCK})
            return _find(connection, space) or _make(connection, space, self._index if indexed else "exact")

    def remember_background(
        self, space: StoredSpace, photo: Background | None, description: Background | None, *, photos: int
    ) -> StoredSpace:
        """Store how unrelated pairs score, measured when the space held `photos` photos.

        Forgets the calibrator, and the fusions with models: they were fitted to scores against the backgrounds that
        these replace.
        """
        values: dict[str, object] = {"background_photos": photos} | calibrator_columns(None)
        for leg, background in (("photo", photo), ("text", description)):
            values |= background_columns(leg, background) if background else {}
        with self._database.begin() as connection:
            connection.execute(update(embedding_spaces).where(embedding_spaces.c.id == space.id).values(values))
            forgotten = connection.execute(delete(rerank_fusions).where(rerank_fusions.c.space_id == space.id)).rowcount
        if forgotten:
            logger.warning(
                "space %r: its backgrounds are measured anew, and scores change with them; nothing is reranked unasked "
                "until you run venuefinder calibrate --rerank again",
                space.space.name,
            )
        return replace(
            space, photo_background=photo, text_background=description, background_photos=photos, calibrator=None
        )

    def remember_image_background(self, space: StoredSpace, background: Background) -> StoredSpace:
        """Store how photos of different venues score with each other. The calibrator stays: it is of worded queries."""
        self._remember(space, background_columns("image", background))
        return replace(space, image_background=background)

    def remember_tuning(self, space: StoredSpace, tuned: Tuning) -> StoredSpace:
        """Store how wide to search the space's approximate index."""
        self._remember(space, tuning_columns(tuned))
        return replace(space, tuned=tuned)

    def remember_calibrator(self, space: StoredSpace, calibrator: Calibrator) -> StoredSpace:
        """Store what turns this space's scores into probabilities, in place of any before.

        Raises SpaceError when it was fitted to another space, or when the backgrounds it was fitted against, those of
        `space`, are no longer the stored ones.
        """
        if calibrator.space_key != space.space.key:
            raise SpaceError(
                f"space {space.space.name!r}: the calibrator was fitted to space {calibrator.space_key[:8]!r}; fit one "
                "to the scores of this space"
            )
        values = calibrator_columns(calibrator)
        with self._database.begin() as connection:
            if not connection.execute(update(embedding_spaces).where(*as_measured(space)).values(values)).rowcount:
                raise SpaceError(
                    f"space {space.space.name!r}: its backgrounds were measured anew meanwhile, and scores changed "
                    "with them; run venuefinder calibrate again"
                )
        return replace(space, calibrator=calibrator)

    def remember_seen(self, space: StoredSpace, rule: SeenRule) -> StoredSpace:
        """Store from which cosine on photos are said to show a phrase. Other backgrounds do not change that."""
        self._remember(space, seen_columns(rule))
        return replace(space, seen=rule)

    def count(self, space: StoredSpace) -> int:
        """Return how many photos have embeddings in `space`."""
        statement = text("SELECT count(*) FROM photo_embeddings WHERE space_id = :space AND view = 0")
        with self._database.connect() as connection:
            return connection.scalar(statement, {"space": space.id}) or 0

    def roughly(self, space: StoredSpace) -> int:
        """Return about how many photos have embeddings in `space`, at once however many: exact up to `COUNTED`."""
        leaf = leaf_of("photo_embeddings", space.id)
        with self._database.connect() as connection:
            rows = connection.scalar(
                text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:leaf)"), {"leaf": leaf}
            )
        photos = round((rows or 0) / space.space.facts.views)
        return photos if photos > COUNTED else self.count(space)

    def holds_embeddings(self, space: StoredSpace) -> bool:
        """Return whether anything is embedded in `space`."""
        statement = text("SELECT EXISTS (SELECT FROM photo_embeddings WHERE space_id = :space)")
        with self._database.connect() as connection:
            has_photos = bool(connection.scalar(statement, {"space": space.id}))
        return has_photos or self.has_descriptions(space)

    def has_descriptions(self, space: StoredSpace) -> bool:
        """Return whether any description has embeddings in `space`."""
        statement = text("SELECT EXISTS (SELECT FROM description_embeddings WHERE space_id = :space)")
        with self._database.connect() as connection:
            return bool(connection.scalar(statement, {"space": space.id}))

    def sample(self, space: StoredSpace, *, photos: int) -> SpaceSample:
        """Return the embeddings of up to `photos` photos and as many descriptions.

        The same ones each time: the first by a hash of their id.
        """
        dimension, views = space.space.dimension, space.space.facts.views
        parameters = {"space": space.id, "photos": photos}
        with self._database.connect() as connection:
            rows = connection.execute(text(PHOTO_SAMPLE), parameters).all()
            descriptions = _matrix(connection.scalars(text(DESCRIPTION_SAMPLE), parameters), dimension)
        return SpaceSample(
            photos=_matrix((vector for _, vector in rows), dimension).reshape(-1, views, dimension),
            venues=np.array([venue_id for venue_id, _ in rows], dtype=np.int64)[::views],
            descriptions=descriptions,
        )

    def _remember(self, space: StoredSpace, values: Mapping[str, object]) -> None:
        with self._database.begin() as connection:
            connection.execute(update(embedding_spaces).where(embedding_spaces.c.id == space.id).values(dict(values)))


def _find(connection: Connection, space: EmbeddingSpace) -> StoredSpace | None:
    query = select(embedding_spaces).where(embedding_spaces.c.key == space.key)
    row = connection.execute(query).one_or_none()
    return stored_space(row) if row else None


def _make(connection: Connection, space: EmbeddingSpace, index: IndexKind) -> StoredSpace:
    values = {
        "key": space.key,
        "name": space.name,
        "encoder": space.encoder,
        "weights": space.weights,
        "dimension": space.dimension,
        "facts": asdict(space.facts),
    }
    space_id = connection.execute(insert(embedding_spaces).values(values).returning(embedding_spaces.c.id)).scalar_one()
    # Attaching a leaf locks the tables it refers to. Locked before, in the writers' order, nobody waits in a circle.
    connection.exec_driver_sql("LOCK TABLE venues, photos IN SHARE ROW EXCLUSIVE MODE")
    make_partitions(connection, space_id, space.dimension, index)
    first = select(space_activations.c.id).limit(1)
    if connection.scalar(first) is None:
        connection.execute(insert(space_activations).values(space_id=space_id))
    return StoredSpace(id=space_id, space=space)


def as_measured(space: StoredSpace) -> Iterator[ColumnElement[bool]]:
    """Yield what holds of a space's row while its backgrounds are those of `space`."""
    columns = embedding_spaces.c
    yield columns.id == space.id
    for leg, background in (("photo", space.photo_background), ("text", space.text_background)):
        yield columns[f"{leg}_mean"].is_not_distinct_from(background.mean if background else None)
        yield columns[f"{leg}_std"].is_not_distinct_from(background.std if background else None)


def background_columns(leg: str, background: Background) -> dict[str, object]:
    """Return the columns of a leg's background: of `photo`, `text` or `image`."""
    return {
        f"{leg}_quantiles": list(background.quantiles),
        f"{leg}_mean": background.mean,
        f"{leg}_std": background.std,
        f"{leg}_pairs": background.pairs,
    }


def calibrator_columns(calibrator: Calibrator | None) -> dict[str, object]:
    """Return the columns of a calibrator, empty ones for None."""
    return {
        "calibrator_slope": calibrator and calibrator.a,
        "calibrator_intercept": calibrator and calibrator.b,
        "calibrator_pairs": calibrator and calibrator.pairs,
    }


def seen_columns(rule: SeenRule) -> dict[str, object]:
    """Return the columns of a rule for what is seen."""
    return {f"seen_{name}": value for name, value in asdict(rule).items()}


def tuning_columns(tuned: Tuning) -> dict[str, object]:
    """Return the columns of a tuning."""
    return {"tuned_ef_search": tuned.ef_search, "tuned_recall": tuned.recall, "tuned_photos": tuned.photos}


def _matrix(vectors: Iterable[HalfVector], dimension: int) -> Embeddings:
    return np.asarray([vector.to_numpy() for vector in vectors], dtype=np.float32).reshape(-1, dimension)


def stored_space(row: Row[tuple[object, ...]]) -> StoredSpace:
    """Return the space of a row of `embedding_spaces`."""
    values: dict[str, Any] = dict(row._mapping)
    space = EmbeddingSpace(
        encoder=values["encoder"],
        weights=values["weights"],
        dimension=values["dimension"],
        facts=ModelFacts(**values["facts"]),
    )
    slope, intercept, pairs = (values[f"calibrator_{name}"] for name in ("slope", "intercept", "pairs"))
    return StoredSpace(
        id=values["id"],
        space=space,
        photo_background=_background(values, "photo"),
        text_background=_background(values, "text"),
        image_background=_background(values, "image"),
        background_photos=values["background_photos"] or 0,
        calibrator=Calibrator(slope, intercept, space.key, pairs) if pairs else None,
        seen=_seen(values),
        tuned=_tuning(values),
    )


def _background(values: Mapping[str, Any], leg: str) -> Background | None:
    quantiles, *rest = (values[f"{leg}_{name}"] for name in ("quantiles", "mean", "std", "pairs"))
    return Background(tuple(quantiles), *rest) if quantiles else None


def _seen(values: Mapping[str, Any]) -> SeenRule | None:
    found = {field.name: values[f"seen_{field.name}"] for field in fields(SeenRule)}
    return SeenRule(**found) if found["pairs"] else None


def _tuning(values: Mapping[str, Any]) -> Tuning | None:
    ef_search, recall, photos = (values[f"tuned_{name}"] for name in ("ef_search", "recall", "photos"))
    return Tuning(ef_search=ef_search, recall=recall, photos=photos) if ef_search else None
