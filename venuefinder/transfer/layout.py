"""The files of an exported catalogue, and the columns of each.

All are in the order of `venue`, a number of the venue within this export; `photo` is one of the photo. Readers join by
them. Another meaning of a column, or another column, is another `VERSION`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import pyarrow as pa

from venuefinder.domain import LAYOUTS

FORMAT: Final = "venuefinder catalogue"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SPACES: Final = "spaces.json"
VENUES: Final = "venues.parquet"
PHOTOS: Final = "photos.parquet"
KEY_PATTERN: Final = r"^[0-9a-f]{64}$"
Columns = pa.Schema
_KEY: Final = re.compile(KEY_PATTERN)

_money = pa.decimal128(12, 2)
_offer = [
    ("capacity", pa.struct([(layout, pa.int32()) for layout in LAYOUTS])),
    (
        "price",
        pa.struct(
            [
                ("amount", _money),
                ("currency", pa.string()),
                ("unit", pa.string()),
                ("minimum_spend", _money),
                ("minimum_hours", pa.float64()),
            ]
        ),
    ),
]
VENUE_COLUMNS: Final = pa.schema(
    [
        ("venue", pa.int64()),
        *((name, pa.string()) for name in ("external_id", "name", "description", "kind", "url", "address")),
        *((name, pa.string()) for name in ("city", "country")),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
        *_offer,
        ("amenities", pa.list_(pa.string())),
        ("attributes", pa.string()),
        ("rooms", pa.list_(pa.struct([("name", pa.string()), *_offer]))),
        ("source", pa.string()),
    ]
)
"""A listing as manifests have it; `attributes` is JSON."""
PHOTO_COLUMNS: Final = pa.schema(
    [
        ("venue", pa.int64()),
        ("photo", pa.int64()),
        ("external_id", pa.string()),
        ("uri", pa.string()),
        ("room", pa.string()),
        ("position", pa.int32()),
        ("caption", pa.string()),
        ("location", pa.string()),
        ("copied", pa.bool_()),
        ("content_hash", pa.binary(32)),
        ("file_bytes", pa.int64()),
        ("file_mtime_ns", pa.int64()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("format", pa.string()),
        ("look_version", pa.int16()),
        ("perceptual_hash", pa.uint64()),
        ("sharpness", pa.float32()),
        ("flags", pa.list_(pa.string())),
        ("duplicate_of", pa.int64()),
    ]
)
"""`duplicate_of` is for readers: an import links copies anew."""
TAG_COLUMNS: Final = pa.schema(
    [
        ("venue", pa.int64()),
        ("photo", pa.int64()),
        ("version", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("probabilities", pa.list_(pa.float32())),
    ]
)


def photo_vector_columns(dimension: int) -> pa.Schema:
    """Return the columns of embeddings of photos, a row a view."""
    numbers = [("venue", pa.int64()), ("photo", pa.int64()), ("view", pa.int16())]
    return pa.schema([*numbers, ("embedding", pa.list_(pa.float16(), dimension))])


def description_vector_columns(dimension: int) -> pa.Schema:
    """Return the columns of embeddings of descriptions, a row a chunk."""
    numbers = [("venue", pa.int64()), ("chunk", pa.int16()), ("content", pa.string())]
    return pa.schema([*numbers, ("embedding", pa.list_(pa.float16(), dimension))])


def of_space(key: str, name: str) -> str:
    """Return the path of a file of a space within the export."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"key {key!r}: expected 64 hexadecimal digits")
    return f"spaces/{key}/{name}.parquet"


def files(dimensions: Mapping[str, int]) -> dict[str, pa.Schema | None]:
    """Return every file of an export beside its manifest, with its columns; None: JSON. dimensions: by space key."""
    found: dict[str, pa.Schema | None] = {SPACES: None, VENUES: VENUE_COLUMNS, PHOTOS: PHOTO_COLUMNS}
    for key, dimension in dimensions.items():
        found[of_space(key, "photos")] = photo_vector_columns(dimension)
        found[of_space(key, "descriptions")] = description_vector_columns(dimension)
        found[of_space(key, "tags")] = TAG_COLUMNS
    return found


def names(keys: Iterable[str]) -> set[str]:
    """Return the names of the files of an export of these spaces, the manifest's apart."""
    return set(files(dict.fromkeys(keys, 1)))
