"""How retrieval's score and a model's become one, by space, model and photos a venue."""

from collections.abc import Mapping

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from venuefinder.calibrating.fusion import Fusion, Lift, MeasuredFusion
from venuefinder.errors import SpaceError
from venuefinder.records import StoredSpace
from venuefinder.store.database import Database
from venuefinder.store.fusion_tables import rerank_fusions
from venuefinder.store.spaces import as_measured
from venuefinder.store.tables import embedding_spaces
from venuefinder.store.vision_tables import vision_models
from venuefinder.vision.photo_reading import ModelIdentity


class FusionRepository:
    """The fusions of one database. `SpaceRepository.remember_background` forgets those of a space."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_space(self, space_key: str, *, photos: int) -> Mapping[str, MeasuredFusion]:
        """Return the fusions of a space for so many photos a venue, by the model's key."""
        statement = (
            select(vision_models.c.key, rerank_fusions)
            .join_from(rerank_fusions, vision_models)
            .join(embedding_spaces, embedding_spaces.c.id == rerank_fusions.c.space_id)
            .where(embedding_spaces.c.key == space_key, rerank_fusions.c.photos == photos)
        )
        with self._database.connect() as connection:
            return {row.key: measured_fusion(row) for row in connection.execute(statement)}

    def remember(self, space: StoredSpace, model: ModelIdentity, measured: MeasuredFusion) -> None:
        """Store a fusion in place of one before.

        Raises SpaceError when the backgrounds it was fitted against, those of `space`, are no longer the stored ones.
        """
        known = insert(vision_models).values(key=model.key, backend=model.backend, model=model.model)
        of_model = select(vision_models.c.id).where(vision_models.c.key == model.key)
        with self._database.begin() as connection:
            same = select(embedding_spaces.c.id).where(*as_measured(space)).with_for_update()
            if connection.execute(same).one_or_none() is None:
                raise SpaceError(
                    f"space {space.space.name!r}: its backgrounds were measured anew meanwhile, and scores changed "
                    "with them; run venuefinder calibrate --rerank again"
                )
            connection.execute(known.on_conflict_do_nothing())
            ids = {"space_id": space.id, "model_id": connection.scalar(of_model), "photos": measured.photos}
            connection.execute(
                delete(rerank_fusions).where(*(rerank_fusions.c[name] == of for name, of in ids.items()))
            )
            connection.execute(insert(rerank_fusions).values(ids | fusion_columns(measured)))


def fusion_columns(measured: MeasuredFusion) -> dict[str, object]:
    """Return the columns of a fusion, those apart that say of what it is."""
    fusion, lift = measured.fusion, measured.lift
    return {
        "setting": measured.setting,
        "retrieval_slope": fusion.retrieval,
        "model_slope": fusion.model,
        "intercept": fusion.intercept,
        "pairs": measured.pairs,
        "queries": lift.queries,
        "ndcg_retrieval": lift.retrieval,
        "ndcg_model": lift.model,
        "ndcg_fused": lift.fused,
        "lift_error": lift.error,
    }


def measured_fusion(row: Row[tuple[object, ...]]) -> MeasuredFusion:
    """Return the fusion of a row of `rerank_fusions`."""
    values = row._mapping
    return MeasuredFusion(
        fusion=Fusion(retrieval=values["retrieval_slope"], model=values["model_slope"], intercept=values["intercept"]),
        lift=Lift(
            queries=values["queries"],
            retrieval=values["ndcg_retrieval"],
            model=values["ndcg_model"],
            fused=values["ndcg_fused"],
            error=values["lift_error"],
        ),
        pairs=values["pairs"],
        photos=values["photos"],
        setting=values["setting"],
    )
