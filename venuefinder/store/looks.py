"""What photos look like, kept by their content: flags for searches, and copies linked within their venue.

The functions work inside a transaction of the caller's, on psycopg's connection.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import psycopg
from psycopg.rows import dict_row

from venuefinder.domain import LOOK_VERSION, PhotoLook
from venuefinder.upkeep.linking import Picture, doubtful, links

Connection = psycopg.Connection[Any]
KEEP = """
INSERT INTO photo_looks (content_hash, version, perceptual_hash, sharpness, flags)
SELECT content_hash, %(version)s, perceptual_hash, sharpness, string_to_array(flags, ',')
FROM unnest(%(contents)s::bytea[], %(hashes)s::bigint[], %(sharpness)s::real[], %(flags)s::text[])
     AS given (content_hash, perceptual_hash, sharpness, flags)
ORDER BY content_hash
ON CONFLICT (content_hash) DO UPDATE SET version = excluded.version, perceptual_hash = excluded.perceptual_hash,
    sharpness = excluded.sharpness, flags = excluded.flags
WHERE photo_looks.version <> excluded.version
"""
LOCK = "SELECT FROM venues WHERE id = ANY(%(venues)s) ORDER BY external_id FOR UPDATE"
FLAG = """
UPDATE photos SET flags = due.flags
FROM (SELECT p.id, coalesce(l.flags, '{}') AS flags
      FROM photos p LEFT JOIN photo_looks l ON l.content_hash = p.content_hash
      WHERE p.venue_id = ANY(%(venues)s) AND p.flags <> coalesce(l.flags, '{}')) due
WHERE photos.id = due.id RETURNING photos.id
"""
FORGET_TAGS = "DELETE FROM photo_tags WHERE photo_id = ANY(%s)"
PICTURES = """
SELECT p.venue_id, p.duplicate_of, p.id, p.uri, p.position, p.width::bigint * p.height AS pixels,
       p.content_hash, l.perceptual_hash, p.flags <> '{}' AS flagged
FROM photos p LEFT JOIN photo_looks l ON l.content_hash = p.content_hash
WHERE p.venue_id = ANY(%(venues)s) ORDER BY p.venue_id
"""
VECTORS = """
SELECT photo_id, space_id, embedding FROM photo_embeddings WHERE photo_id = ANY(%(photos)s) AND view = 0
"""
LINK = """
UPDATE photos SET duplicate_of = given.duplicate_of
FROM unnest(%(photos)s::bigint[], %(shown)s::bigint[]) AS given (id, duplicate_of) WHERE photos.id = given.id
"""
SWEEP = """
DELETE FROM photo_looks l WHERE (%(contents)s::bytea[] IS NULL OR l.content_hash = ANY(%(contents)s))
    AND NOT EXISTS (SELECT FROM photos p WHERE p.content_hash = l.content_hash)
"""
_SIGN = 1 << 63


def named_rows(connection: Connection) -> psycopg.Cursor[dict[str, Any]]:
    """Return a cursor whose rows are by the names of their columns."""
    return connection.cursor(row_factory=dict_row)


def keep(connection: Connection, looks: Mapping[bytes, PhotoLook]) -> None:
    """Store looks by content hash, in place of those of another version."""
    if not looks:
        return
    parameters = {
        "version": LOOK_VERSION,
        "contents": list(looks),
        "hashes": [_signed(look.perceptual_hash) for look in looks.values()],
        "sharpness": [look.sharpness for look in looks.values()],
        "flags": [",".join(look.flags) for look in looks.values()],
    }
    connection.execute(KEEP, parameters)


def settle(connection: Connection, venue_ids: Collection[int]) -> int:
    """Bring the flags and the links of these venues' photos to what their looks say; return how many links changed.

    The venues stay locked until the transaction ends.
    """
    venues = {"venues": list(venue_ids)}
    connection.execute(LOCK, venues)
    flagged = [row[0] for row in connection.execute(FLAG, venues)]
    forget_tags(connection, flagged)
    return _link(connection, venues)


def forget_tags(connection: Connection, photo_ids: Collection[int]) -> None:
    """Delete what photos were said to be, in every space."""
    if photo_ids:
        connection.execute(FORGET_TAGS, [list(photo_ids)])


def sweep(connection: Connection, contents: Collection[bytes] | None = None) -> int:
    """Delete the looks of these contents, None: of any, that no photo has any more; return how many."""
    if contents is not None and not contents:
        return 0
    return connection.execute(SWEEP, {"contents": None if contents is None else list(contents)}).rowcount


def _link(connection: Connection, venues: Mapping[str, Any]) -> int:
    of_venues: dict[int, list[Picture]] = {}
    stored: dict[int, int | None] = {}
    with named_rows(connection) as cursor:
        for row in cursor.execute(PICTURES, venues):
            of_venues.setdefault(row["venue_id"], []).append(_picture(row))
            stored[row["id"]] = row["duplicate_of"]
    vectors = _vectors(connection, {photo for pictures in of_venues.values() for photo in doubtful(pictures)})
    due = {photo: shown for pictures in of_venues.values() for photo, shown in links(pictures, vectors).items()}
    changed = {photo: shown for photo, shown in due.items() if stored[photo] != shown}
    if changed:
        connection.execute(LINK, {"photos": list(changed), "shown": list(changed.values())})
    return len(changed)


def _vectors(connection: Connection, photos: Collection[int]) -> Mapping[int, Mapping[int, Any]]:
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    rows = connection.execute(VECTORS, {"photos": list(photos)}) if photos else ()
    for photo_id, space_id, embedding in rows:
        found[photo_id][space_id] = embedding.to_numpy().astype(np.float32)
    return found


def _picture(row: Mapping[str, Any]) -> Picture:
    known = row["perceptual_hash"]
    return Picture(
        id=row["id"],
        uri=row["uri"],
        position=row["position"],
        pixels=row["pixels"],
        content_hash=bytes(row["content_hash"]),
        perceptual_hash=None if known is None else known % (2 * _SIGN),
        flagged=row["flagged"],
    )


def _signed(unsigned: int) -> int:
    """Return 64 bits as the database keeps them."""
    return unsigned - 2 * _SIGN if unsigned >= _SIGN else unsigned
