"""Tell a statement that failed because its space was dropped from all other failures."""

import re

import psycopg

from venuefinder.errors import SpaceGoneError

LEAF = re.compile(r'"(photo|description)_embeddings(_\d+)?"')
OF_SPACE = re.compile(r"_space_id_fkey$")
GONE = (
    "the embedding space it is about was dropped meanwhile; ask again, and the space that serves now answers (see "
    "venuefinder spaces list)"
)


def space_gone(reason: BaseException | None, where: str) -> SpaceGoneError | None:
    """Return the error to raise instead, None where `reason` is about something else.

    Reading names a leaf that is no table any more; writing finds no leaf for its rows, or no row of the space.
    """
    if not isinstance(reason, psycopg.Error):
        return None
    said = reason.diag.message_primary or ""
    lost = isinstance(reason, psycopg.errors.UndefinedTable | psycopg.errors.CheckViolation) and LEAF.search(said)
    kept = isinstance(reason, psycopg.errors.ForeignKeyViolation)
    of_space = kept and OF_SPACE.search(reason.diag.constraint_name or "")
    no_leaf = "no partition" in said or isinstance(reason, psycopg.errors.UndefinedTable)
    return SpaceGoneError(f"{where}: {GONE}") if (lost and no_leaf) or of_space else None
