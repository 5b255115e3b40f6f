"""Take over what was measured and fitted in a space of another catalogue, where nothing was measured here."""

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from venuefinder.carried import CarriedFusion, CarriedSpace
from venuefinder.records import StoredSpace
from venuefinder.store.database import Database
from venuefinder.store.fusion_tables import rerank_fusions
from venuefinder.store.fusions import fusion_columns
from venuefinder.store.spaces import (
    background_columns,
    calibrator_columns,
    seen_columns,
    stored_space,
    tuning_columns,
)
from venuefinder.store.tables import embedding_spaces
from venuefinder.store.vision_tables import vision_models


class AdoptionRepository:
    """The measurements of the spaces of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def adopt(self, carried: CarriedSpace, into: StoredSpace) -> bool:
        """Keep backgrounds, calibrator, rule for what is seen, tuning and fusions, all or none, in one transaction.

        Returns False, with nothing changed, where others were measured here: scores of this catalogue are compared
        with those.
        """
        chosen = embedding_spaces.c.id == into.id
        with self._database.begin() as connection:
            here = stored_space(connection.execute(select(embedding_spaces).where(chosen).with_for_update()).one())
            if _is_measured(here):
                return _backgrounds(here) == _backgrounds(carried.stored)
            connection.execute(update(embedding_spaces).where(chosen).values(_columns(carried.stored)))
            for fusion in carried.fusions:
                _keep(connection, fusion, into)
        return True


def _is_measured(space: StoredSpace) -> bool:
    return any(_backgrounds(space)) or bool(space.seen or space.tuned)


def _backgrounds(space: StoredSpace) -> tuple[object, ...]:
    return space.photo_background, space.text_background, space.image_background


def _columns(space: StoredSpace) -> dict[str, object]:
    values = {"background_photos": space.background_photos or None} | calibrator_columns(space.calibrator)
    legs = {"photo": space.photo_background, "text": space.text_background, "image": space.image_background}
    for leg, background in legs.items():
        values |= background_columns(leg, background) if background else {}
    values |= seen_columns(space.seen) if space.seen else {}
    return values | (tuning_columns(space.tuned) if space.tuned else {})


def _keep(connection: Connection, fusion: CarriedFusion, space: StoredSpace) -> None:
    model = {"key": fusion.key, "backend": fusion.backend, "model": fusion.model}
    connection.execute(upsert(vision_models).values(model).on_conflict_do_nothing())
    model_id = connection.scalar(select(vision_models.c.id).where(vision_models.c.key == fusion.key))
    of = {"space_id": space.id, "model_id": model_id, "photos": fusion.measured.photos}
    connection.execute(insert(rerank_fusions).values(of | fusion_columns(fusion.measured)))
