"""Venues, photos and vectors as rows of Parquet files: what comes back is what went in, whatever it was."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from venuefinder.carried import ListedPhoto, ListedVenue
from venuefinder.domain import LAYOUTS, EmbeddingSpace, PhotoLook, Venue
from venuefinder.errors import InputError
from venuefinder.records import PhotoContent, PhotoDraft, PhotoFile
from venuefinder.testing import FakeEncoder
from venuefinder.transfer import layout, tables
from venuefinder.transfer.listings import photo_of, photo_row, venue_of, venue_row
from venuefinder.transfer.locations import Move, check_location, moved
from venuefinder.transfer.manifest import FileFacts
from venuefinder.transfer.tables import ByVenue, read_rows, read_vectors

words = some.text(
    some.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\xad"), min_size=1, max_size=30
).filter(str.strip)
capacities = some.fixed_dictionaries({}, optional=dict.fromkeys(LAYOUTS, some.integers(1, 1_000_000)))
money = some.decimals(0, 9_999_999_999, places=2)
prices = some.fixed_dictionaries(
    {"amount": money, "currency": some.sampled_from(["GBP", "EUR"]), "unit": some.sampled_from(["event", "head"])},
    optional={"minimum_spend": money, "minimum_hours": some.floats(0.5, 8760)},
)
attributes = some.dictionaries(
    words,
    some.none()
    | some.booleans()
    | some.integers(-(2**53), 2**53)
    | some.floats(allow_nan=False, allow_infinity=False)
    | words,
    max_size=3,
)
rooms = some.lists(
    some.fixed_dictionaries({"name": words}, optional={"capacity": capacities, "price": prices}),
    unique_by=lambda room: room["name"].strip(),
    max_size=3,
)
venues = some.fixed_dictionaries(
    {"external_id": some.from_regex(r"[A-Za-z0-9._~-]{1,40}", fullmatch=True), "name": words},
    optional={
        "description": words,
        "kind": words,
        "url": some.just("https://example.org/a?b=c"),
        "city": words,
        "country": some.just("GB"),
        "capacity": capacities,
        "price": prices,
        "amenities": some.lists(words, max_size=4),
        "attributes": attributes,
        "rooms": rooms,
    },
).map(Venue.model_validate)
photos = some.builds(
    PhotoDraft,
    uri=words,
    file=some.builds(
        PhotoFile,
        location=words.filter(lambda text: "/" not in text).map(lambda text: f"/photos/{text}.jpg"),
        size=some.integers(1, 2**62),
        mtime_ns=some.none() | some.integers(-(2**62), 2**62),
        copied=some.booleans(),
    ),
    room=some.none() | words.map(str.strip),
    caption=some.none() | words.map(str.strip),
    position=some.integers(0, 10_000),
    content=some.builds(
        PhotoContent,
        content_hash=some.binary(min_size=32, max_size=32),
        width=some.integers(1, 65_500),
        height=some.integers(1, 65_500),
        format=some.sampled_from(["JPEG", "PNG", "HEIF"]),
        look=some.none()
        | some.builds(
            PhotoLook,
            perceptual_hash=some.integers(0, 2**64 - 1),
            sharpness=some.floats(0, 100, width=32),
            flags=some.sampled_from([(), ("blurry",), ("tiny", "text")]),
        ),
    ),
)


def through_parquet(path: Path, rows: list[dict[str, object]], schema: pa.Schema) -> list[dict[str, object]]:
    pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return list(read_rows(path, schema, FileFacts.of(path, len(rows))))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows") / "table.parquet"


@settings(max_examples=30)
@given(some.lists(venues, min_size=1, max_size=4), some.none() | words)
def test_venues_come_back(path, listed, source):
    rows = [ListedVenue(number=number, venue=venue, source=source) for number, venue in enumerate(listed)]

    back = through_parquet(path, [venue_row(row) for row in rows], layout.VENUE_COLUMNS)

    assert [venue_of(row, "here") for row in back] == rows


@settings(max_examples=50)
@given(some.lists(photos, min_size=1, max_size=4))
def test_photos_come_back(path, drafts):
    rows = [
        ListedPhoto(number=number, venue=7, external_id="v", draft=draft, duplicate_of=None)
        for number, draft in enumerate(drafts)
    ]

    back = through_parquet(path, [photo_row(row) for row in rows], layout.PHOTO_COLUMNS)

    assert [photo_of(row, "here") for row in back] == rows


@settings(max_examples=50)
@given(some.integers(0, 2**32 - 1), some.integers(1, 40))
def test_vectors_come_back_to_the_bit(path, seed, rows):
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(rows, 16))
    halves = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    columns = layout.photo_vector_columns(16)
    embeddings = pa.FixedSizeListArray.from_arrays(pa.array(halves.reshape(-1)), 16)
    numbers = np.arange(rows)
    arrays = [pa.array(numbers), pa.array(numbers), pa.array(np.zeros(rows, dtype=np.int16)), embeddings]
    pq.write_table(pa.Table.from_arrays(arrays, schema=columns), path)

    back = list(read_vectors(path, columns, FileFacts.of(path, rows), space()))

    assert [number for number, _ in back] == numbers.tolist()
    assert np.stack([row.embedding for _, row in back]).tobytes() == halves.tobytes()


def space() -> EmbeddingSpace:
    return FakeEncoder().space


def test_rows_are_taken_by_venue():
    table = ByVenue(iter([(1, "a"), (1, "b"), (3, "c")]), Path("photos.parquet"))

    assert [table.take(venue) for venue in (1, 2, 3)] == [["a", "b"], [], ["c"]]
    table.end()


def test_rows_of_venues_that_are_not_there():
    table = ByVenue(iter([(1, "a"), (2, "b")]), Path("photos.parquet"))

    with pytest.raises(InputError, match=r"photos\.parquet: found rows of venue 1 out of place"):
        table.take(2)
    with pytest.raises(InputError, match="out of place"):
        table.end()


@pytest.mark.parametrize(
    ("root", "place", "lies_at"),
    [
        ("/a=/b", "/a/x.jpg", "/b/x.jpg"),
        ("/a/=/b/", "/a/x.jpg", "/b/x.jpg"),
        ("/a=/b", "/ab/x.jpg", "/ab/x.jpg"),
        ("/a=/b", "/a", "/b"),
        ("/=/b", "/x.jpg", "/b/x.jpg"),
        ("/a=/", "/a/x.jpg", "/x.jpg"),
        ("s3://old=s3://new/photos", "s3://old/x.jpg", "s3://new/photos/x.jpg"),
        ("/a=/b", "tar:0:10:/a/1.tar", "tar:0:10:/b/1.tar"),
        ("/a=/b", "upload:00", "upload:00"),
    ],
)
def test_what_moved_is_renamed(root, place, lies_at):
    move = Move.parsed(root)

    assert moved(place, [move]) == lies_at
    assert move.moved == (place != lies_at)


@pytest.mark.parametrize("root", ["", "/a", "=", "/a=", "a=b", "/a=../b", "/a/../c=/b"])
def test_a_root_that_is_none(root):
    with pytest.raises(InputError, match="expected OLD=NEW"):
        Move.parsed(root)


@pytest.mark.parametrize(
    "location",
    [
        "/photos/x.jpg",
        "C:\\photos\\x.jpg",
        "https://example.org/x.jpg",
        "s3://bucket/x.jpg",
        f"upload:{'ab' * 32}",
        f"inline:{'ab' * 32}",
        "tar:512:900:/shards/0.tar",
        "tar:512:900:s3://bucket/0.tar",
    ],
)
def test_places_where_photos_are(location):
    check_location(location, bytes.fromhex("ab" * 32))


def test_values_that_rows_repeat_count_for_each_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file may have one large text that a thousand rows name."""
    schema = pa.schema([("external_id", pa.string())])
    facts = FileFacts(sha256="0" * 64, bytes=0, rows=1000)
    pq.write_table(pa.table({"external_id": ["x" * 10_000] * 1000}, schema), tmp_path / "t.parquet", compression="zstd")
    monkeypatch.setattr(tables, "BATCH_BYTES", 1_000_000)
    sizes = [batch.num_rows for batch in tables.read_batches(tmp_path / "t.parquet", schema, facts)]
    assert (tmp_path / "t.parquet").stat().st_size < 2_000
    assert sum(sizes) == 1000
    assert max(sizes) <= 100
