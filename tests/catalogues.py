"""Small catalogues of coloured photos on disk, which FakeEncoder understands."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ingest.options import RunOptions
from ingest.progress import Quiet
from ingest.report import Report
from ingest.runner import ingest
from ingest.sources import open_source
from venuefinder.bootstrap import Services
from venuefinder.testing import COLOURS

SHADE = 12
"""Steps of 255: with none a photo is taken for a placeholder, with many for text."""
VENUES: Mapping[str, Mapping[str, Any]] = {
    "red-barn": {
        "name": "Red Barn",
        "kind": "barn",
        "city": "Bath",
        "country": "GB",
        "description": "A barn with beams. Parking at the door.",
        "capacity": {"seated": 120, "standing": 200},
        "price": {"amount": 4500, "currency": "GBP"},
        "amenities": ["parking", "bar"],
        "photos": {"front.jpg": "red", "yard.jpg": "green"},
    },
    "blue-hall": {
        "name": "Blue Hall",
        "kind": "hall",
        "city": "Bath",
        "capacity": {"seated": 40},
        "price": {"amount": 60, "currency": "GBP", "unit": "head", "minimum_spend": 3000},
        "amenities": ["parking"],
        "photos": {"hall.jpg": "blue"},
        "rooms": [{"name": "Cellar", "capacity": {"standing": 300}, "photos": ["cellar.jpg"]}],
        "room_photos": {"cellar.jpg": "black"},
    },
    "green-garden": {
        "name": "Green Garden",
        "kind": "garden",
        "city": "Amsterdam",
        "country": "NL",
        "description": "Lawns and old trees.",
        "price": {"amount": 900, "currency": "EUR", "unit": "day"},
        "photos": {"lawn.jpg": "green", "roses.jpg": "red"},
    },
    "white-loft": {"name": "White Loft", "photos": {"loft.jpg": "white"}},
}


def paint(path: Path, colour: str, *, size: tuple[int, int] = (240, 180)) -> None:
    """Write a photo of one colour, in patches of light and shade, elsewhere for another name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(list(f"{colour} {path.name}".encode()))
    shades = random.integers(-SHADE, SHADE, (12, 16, 1)).repeat(3, axis=2) + np.array(COLOURS[colour])
    patches = Image.fromarray(np.clip(shades, 0, 255).astype(np.uint8))
    patches.resize(size, Image.Resampling.NEAREST).save(path, quality=95)


def write_folder(root: Path, venues: Mapping[str, Mapping[str, Any]] = VENUES) -> Path:
    """Write one sub-folder a venue."""
    for external_id, venue in venues.items():
        fields = {name: value for name, value in venue.items() if name not in ("photos", "room_photos")}
        for uri, colour in {**venue["photos"], **venue.get("room_photos", {})}.items():
            paint(root / external_id / uri, colour)
        (root / external_id / "venue.json").write_text(json.dumps(fields))
    return root


def write_manifest(path: Path, venues: Mapping[str, Mapping[str, Any]] = VENUES) -> Path:
    """Write a JSONL manifest, photos beside it in a folder a venue."""
    lines = []
    for external_id, venue in venues.items():
        line = {name: value for name, value in venue.items() if name not in ("photos", "room_photos")}
        line["rooms"] = [
            room | {"photos": [f"{external_id}/{uri}" for uri in room["photos"]]} for room in venue.get("rooms", [])
        ]
        line |= {"external_id": external_id, "photos": [f"{external_id}/{uri}" for uri in venue["photos"]]}
        lines.append(json.dumps(line))
        for uri, colour in {**venue["photos"], **venue.get("room_photos", {})}.items():
            paint(path.parent / external_id / uri, colour)
    path.write_text("\n".join(lines) + "\n")
    return path


def run(services: Services, path: Path, *, verify: bool = False, prune: bool = False) -> Report:
    """Ingest a path quietly."""
    return ingest(open_source(path), services, Quiet(), RunOptions(verify=verify, prune=prune))


def write_many(path: Path, *, venues: int) -> Path:
    """Write a JSONL manifest of venues with a photo each, no two alike, in a folder beside it."""
    lines = []
    (path.parent / "many").mkdir(parents=True)
    for number in range(venues):
        colour = (number % 256, number // 256, 40)
        Image.new("RGB", (24, 18), colour).save(path.parent / "many" / f"{number}.png")
        lines.append(json.dumps({"external_id": f"v{number}", "name": f"V {number}", "photos": [f"many/{number}.png"]}))
    path.write_text("\n".join(lines) + "\n")
    return path


ROWS = """
SELECT v.external_id, v.name, p.uri, p.content_hash, p.width, p.position, e.view, e.embedding::text
FROM venues v LEFT JOIN photos p ON p.venue_id = v.id LEFT JOIN photo_embeddings e ON e.photo_id = p.id
ORDER BY 1, 3, 7
"""


def rows(services: Services) -> list[tuple[Any, ...]]:
    """Return everything stored of venues and photos, without ids."""
    with services.database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(ROWS)]
