"""A page of results, read in one statement: venues with their rooms, the photo that matched, and all captions."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row

from venuefinder.records import ShownVenue
from venuefinder.store.rows import PLAIN_COLUMNS, photo_from, venue_from
from venuefinder.store.tables import CAPACITY_COLUMNS, PRICE_COLUMNS

OFFER = (*CAPACITY_COLUMNS, *PRICE_COLUMNS)
PHOTO = (
    "uri", "location", "file_bytes", "file_mtime_ns", "copied", "content_hash", "width", "height", "format", "room",
    "caption", "position", "flags", "duplicate_of",
)  # fmt: skip
# Money leaves JSON as text: a float would not be what was stored.
ROOM = ", ".join(
    f"'{column}', r.{column}{'::text' if column in ('price_amount', 'price_minimum_spend') else ''}"
    for column in ("name", *OFFER)
)
PAGE = f"""
SELECT v.id, {", ".join(f"v.{column}" for column in (*PLAIN_COLUMNS, "amenities", "attributes", *OFFER))},
       (SELECT json_agg(json_build_object({ROOM}) ORDER BY r.position) FROM rooms r WHERE r.venue_id = v.id) AS rooms,
       (SELECT array_agg(c.caption ORDER BY c.position, c.id) FROM photos c
        WHERE c.venue_id = v.id AND c.caption <> '') AS captions,
       t.tags AS photo_tags, t.probabilities AS photo_probabilities, p.id AS photo_id,
       {", ".join(f"p.{column} AS photo_{column}" for column in PHOTO)}
FROM unnest(%(venues)s::bigint[], %(photos)s::bigint[]) AS hit (venue_id, photo_id)
JOIN venues v ON v.id = hit.venue_id
LEFT JOIN photos p ON p.venue_id = v.id AND p.id = coalesce(
    hit.photo_id, (SELECT f.id FROM photos f WHERE f.venue_id = v.id ORDER BY f.aside, f.position, f.id LIMIT 1))
LEFT JOIN photo_tags t ON t.space_id = %(space)s AND t.photo_id = p.id
"""  # noqa: S608 - columns of ours


def read_page(
    connection: psycopg.Connection[Any], photo_of: Mapping[int, int | None], *, space_id: int
) -> dict[int, ShownVenue]:
    """Return each venue, by row id, with the photo asked for, None: its first that is not aside.

    Photos have the tags of the space. Venues gone meanwhile are absent.
    """
    parameters = {"space": space_id, "venues": list(photo_of), "photos": list(photo_of.values())}
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["id"]: _shown(row) for row in cursor.execute(PAGE, parameters)}


def _shown(row: Mapping[str, Any]) -> ShownVenue:
    photo = {column: row[f"photo_{column}"] for column in (*PHOTO, "tags", "probabilities")} | {"id": row["photo_id"]}
    return ShownVenue(
        venue=venue_from(row, row["rooms"] or ()),
        photo=photo_from(photo) if row["photo_id"] is not None else None,
        captions=tuple(row["captions"] or ()),
    )
