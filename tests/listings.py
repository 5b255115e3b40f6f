"""Write and read small sources."""

import json
from pathlib import Path

from PIL import Image

from ingest.sources import Found, FoundVenue, Unreadable, open_source

LINE = {
    "external_id": "hall-1",
    "name": "Hall",
    "kind": "Ballroom",
    "city": "Bath",
    "country": "GB",
    "latitude": 51.38,
    "longitude": -2.36,
    "capacity": {"seated": 120},
    "price": {"amount": 4500, "currency": "GBP", "unit": "event", "minimum_hours": 4},
    "amenities": ["Parking", "parking "],
    "attributes": {"floor": 2},
    "rooms": [{"name": "Attic", "capacity": {"standing": 20}, "photos": ["attic.jpg"]}],
    "photos": ["a.jpg", {"uri": "b.jpg", "caption": "The stage"}],
}


def photo(path: Path) -> Path:
    """Write a small red photo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), "red").save(path)
    return path


def read(path: Path) -> list[Found]:
    """Return all that a source yields."""
    return list(open_source(path))


def only(path: Path) -> FoundVenue:
    """Return the one venue of a source."""
    (found,) = read(path)
    assert isinstance(found, FoundVenue), found
    return found


def failure(path: Path) -> Unreadable:
    """Return the one failure of a source."""
    (found,) = read(path)
    assert isinstance(found, Unreadable), found
    return found


def jsonl(tmp_path: Path, *lines: object) -> Path:
    """Write a manifest of these lines, text as it is."""
    path = tmp_path / "venues.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path
