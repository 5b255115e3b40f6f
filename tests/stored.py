"""All that is stored of a catalogue, without ids and times: to compare two ways to the same end, row for row."""

import json
from pathlib import Path
from typing import Any

from tests.catalogues import paint
from venuefinder.store.database import Database
from venuefinder.testing import COLOURS

TABLES = {
    "venues": "SELECT to_jsonb(t) - '{id,created_at,updated_at}'::text[] FROM venues t",
    "rooms": "SELECT to_jsonb(t) - '{id,venue_id}'::text[] || jsonb_build_object('of', v.external_id) "
    "FROM rooms t JOIN venues v ON v.id = t.venue_id",
    "photos": "SELECT to_jsonb(t) - '{id,venue_id,duplicate_of,created_at}'::text[] "
    "|| jsonb_build_object('of', v.external_id, 'as', shown.uri) "
    "FROM photos t JOIN venues v ON v.id = t.venue_id LEFT JOIN photos shown ON shown.id = t.duplicate_of",
    "embeddings": "SELECT jsonb_build_array(v.external_id, p.uri, t.view, t.embedding::text) "
    "FROM photo_embeddings t JOIN photos p ON p.id = t.photo_id JOIN venues v ON v.id = t.venue_id",
    "chunks": "SELECT jsonb_build_array(v.external_id, t.chunk, t.content, t.embedding::text) "
    "FROM description_embeddings t JOIN venues v ON v.id = t.venue_id",
    "looks": "SELECT to_jsonb(t) FROM photo_looks t",
}
"""By name: a query of one JSON value a row."""


def stored(database: Database) -> dict[str, list[str]]:
    """Return every row of venues, photos and embeddings, sorted, by table."""
    with database.connect() as connection:
        return {
            name: sorted(str(row) for row in connection.exec_driver_sql(query).scalars())
            for name, query in TABLES.items()
        }


def write_venues(root: Path, *, venues: int, photos: int = 1) -> Path:
    """Write a folder of so many venues, some with descriptions, rooms and copies of a photo."""
    names = list(COLOURS)
    for number in range(venues):
        folder = root / f"v{number:04}"
        for photo in range(photos):
            paint(folder / f"{number}-{photo}.jpg", names[(number + photo) % len(names)], size=(48, 36))
        if number % 4 == 0:
            (folder / "copy.jpg").write_bytes((folder / f"{number}-0.jpg").read_bytes())
        venue: dict[str, Any] = {"name": f"Venue {number}", "city": f"City {number % 7}"}
        venue |= {"description": f"A {names[number % len(names)]} place, number {number}."} if number % 3 == 0 else {}
        venue |= {"rooms": [{"name": "Hall", "capacity": {"seated": number + 1}}]} if number % 5 == 0 else {}
        (folder / "venue.json").write_text(json.dumps(venue))
    return root
