"""How full the spaces are: what has embeddings, what has none, and what that takes on disk."""

from sqlalchemy import Connection, select, text

from venuefinder.records import StoredSpace
from venuefinder.spaces.space_states import Missing, SpaceRole, SpaceState
from venuefinder.store.database import Database
from venuefinder.store.indexes import valid_kinds
from venuefinder.store.partitions import OWNERS, leaf_of
from venuefinder.store.spaces import stored_space
from venuefinder.store.tables import embedding_spaces

MISSING = """
SELECT (SELECT count(*) FROM photos p WHERE NOT EXISTS (
            SELECT FROM {photos} e WHERE e.space_id = {space} AND e.photo_id = p.id)) AS photos,
       (SELECT count(*) FROM venues v WHERE v.description <> '' AND NOT EXISTS (
            SELECT FROM {descriptions} d WHERE d.space_id = {space} AND d.venue_id = v.id)) AS descriptions
"""
HELD = """
SELECT (SELECT count(*) FROM {photos} WHERE view = 0) AS photos,
       (SELECT count(*) FROM {descriptions} WHERE chunk = 0) AS descriptions,
       pg_total_relation_size('{photos}') + pg_total_relation_size('{descriptions}') AS size
"""
ROLES = """
SELECT space_id, row_number() OVER (ORDER BY max(id) DESC) AS place FROM space_activations GROUP BY space_id
"""


class FillRepository:
    """Counts what the spaces of one database hold."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def missing(self, space: StoredSpace) -> Missing:
        """Count what has no embeddings in `space`. Raises SpaceGoneError for one that was dropped."""
        with self._database.connect() as connection:
            return count_missing(connection, space)

    def states(self) -> list[SpaceState]:
        """Return every space as it is now, oldest first."""
        with self._database.connect() as connection:
            roles = _roles(connection)
            rows = connection.execute(select(embedding_spaces).order_by(embedding_spaces.c.id)).all()
            return [_state(connection, stored_space(row), roles, row.created_at) for row in rows]


def count_missing(connection: Connection, space: StoredSpace) -> Missing:
    """Count what has no embeddings in `space`."""
    row = connection.execute(text(_of_leaves(MISSING, space))).one()
    return Missing(photos=row.photos, descriptions=row.descriptions)


def _state(connection: Connection, space: StoredSpace, roles: dict[int, SpaceRole], made_at: object) -> SpaceState:
    held = connection.execute(text(_of_leaves(HELD, space))).one()
    return SpaceState(
        stored=space,
        role=roles.get(space.id, "spare"),
        photos=held.photos,
        descriptions=held.descriptions,
        missing=count_missing(connection, space),
        indexes=tuple(sorted(valid_kinds(connection, space) - {"exact"})),
        size=held.size,
        made_at=made_at,  # type: ignore[arg-type] # a timestamp with time zone
    )


def _roles(connection: Connection) -> dict[int, SpaceRole]:
    """Return the roles of the spaces that ever served: places 1 and 2 by their newest activation have one."""
    named: dict[int, SpaceRole] = {1: "active", 2: "previous"}
    return {row.space_id: named.get(row.place, "spare") for row in connection.execute(text(ROLES))}


def _of_leaves(statement: str, space: StoredSpace) -> str:
    photos, descriptions = (leaf_of(table, space.id) for table in OWNERS)
    return statement.format(photos=photos, descriptions=descriptions, space=space.id)
