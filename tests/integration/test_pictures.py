"""Pictures to search with: kept as an embedding for an hour, found with the embeddings of stored photos."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import numpy as np
import pytest
from sqlalchemy import text

from tests.serving import photo
from venuefinder.bootstrap import Services
from venuefinder.decoding import SentFile
from venuefinder.domain import Venue
from venuefinder.errors import ImageError, InputError, QueryError, SpaceError
from venuefinder.pictures import KEPT_FOR, MAX_QUERY_PIXELS
from venuefinder.records import StoredSpace, VenueDraft
from venuefinder.request import ImageQuery
from venuefinder.settings import Settings
from venuefinder.store.pictures import MOST_FORGOTTEN
from venuefinder.testing import FakeEncoder
from venuefinder.uploads import Upload


def _never() -> bytes:
    raise AssertionError("read, although it is too large")


def sent(content: bytes, name: str = "a.jpg", kind: type[SentFile] = SentFile) -> SentFile:
    return kind(name=name, size=len(content), read=lambda: content)


@pytest.fixture
def space(services: Services) -> StoredSpace:
    """The space of a catalogue of one venue."""
    services.catalogue.upsert([VenueDraft(venue=Venue(external_id="barn", name="Barn"), source=None)])
    return services.spaces.require(services.encoder.space)


def rows(services: Services) -> int:
    with services.database.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM query_pictures")) or 0)


def age(services: Services, by: timedelta) -> None:
    with services.database.begin() as connection:
        connection.execute(text("UPDATE query_pictures SET created_at = created_at - :by"), {"by": by})


def test_uploads_and_photos_have_the_embeddings_of_their_pictures(services: Services, space: StoredSpace) -> None:
    upload = Upload(name="a.jpg", size=1, read=partial(photo, "blue"))
    stored = services.uploads.add("barn", [upload])[0]
    red, green = services.pictures.add([sent(photo("red", size=(40, 30))), sent(photo("green"))])

    asked = [ImageQuery(upload_id=green.upload_id), ImageQuery(photo_id=stored.id), ImageQuery(upload_id=red.upload_id)]
    found = services.pictures.vectors(asked, space)

    assert (red.width, red.height) == (40, 30)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    expected = services.encoder.encode_texts(["green", "blue", "red"])
    assert (found @ expected.T).argmax(axis=1).tolist() == [0, 1, 2]
    assert services.pictures.vectors([], space).shape == (0, space.space.dimension)


def test_a_photo_of_several_views_asks_by_its_first(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = FakeEncoder(views=2)
    first, second = encoder.encode_texts(["red", "blue"])
    monkeypatch.setattr(encoder, "encode_prepared", lambda _: np.stack([first, second])[None])
    several = Services(services.settings, encoder=encoder, database=services.database)
    several.catalogue.upsert([VenueDraft(venue=Venue(external_id="barn", name="Barn"), source=None)])
    stored = several.uploads.add("barn", [Upload(name="a.jpg", size=1, read=photo)])[0]
    upload = several.pictures.add([sent(photo())])[0]

    asked = [ImageQuery(photo_id=stored.id), ImageQuery(upload_id=upload.upload_id)]
    found = several.pictures.vectors(asked, several.spaces.require(encoder.space))

    np.testing.assert_allclose(found, np.stack([first, first]), atol=1e-3)


def test_an_upload_is_kept_an_hour_and_then_deleted(services: Services, space: StoredSpace) -> None:
    upload = services.pictures.add([sent(photo())])[0]
    asked = [ImageQuery(upload_id=upload.upload_id)]
    with services.database.connect() as connection:
        created_at = connection.scalar(text("SELECT created_at FROM query_pictures"))
    assert upload.expires_at == created_at + timedelta(hours=1)
    assert upload.expires_at.utcoffset() == timedelta(0)

    age(services, KEPT_FOR - timedelta(minutes=5))
    assert len(services.pictures.vectors(asked, space)) == 1
    age(services, timedelta(minutes=5))
    with pytest.raises(QueryError, match=rf"images\[0\]: no upload '{upload.upload_id}'; it may have expired"):
        services.pictures.vectors(asked, space)

    assert rows(services) == 1
    services.pictures.add([sent(photo())])
    assert rows(services) == 1
    age(services, KEPT_FOR)
    services.pictures.forget_expired()
    assert rows(services) == 0


def test_one_upload_deletes_a_bounded_number_of_expired_ones(services: Services, space: StoredSpace) -> None:
    old = """
    INSERT INTO query_pictures SELECT 'old' || n, :space, array_fill(0.25, ARRAY[16])::halfvec, now() - interval '2 h'
    FROM generate_series(1, :rows) n
    """
    with services.database.begin() as connection:
        connection.execute(text(old), {"space": space.id, "rows": MOST_FORGOTTEN + 7})

    services.pictures.add([sent(photo())])

    assert rows(services) == 8


def test_nothing_but_embeddings_is_kept(services: Services, space: StoredSpace) -> None:
    """Neither in the database nor in the data folder."""
    services.pictures.add([sent(photo(), name="secret-name.jpg")])

    with services.database.connect() as connection:
        columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'query_pictures'"
        assert set(connection.scalars(text(columns))) == {"id", "space_id", "embedding", "created_at"}
    assert not (services.settings.data_dir / "photos").exists()


def test_ids_cannot_be_guessed(services: Services, space: StoredSpace) -> None:
    ids = {upload.upload_id for upload in services.pictures.add([sent(photo())] * 8)}

    assert len(ids) == 8
    assert all(len(upload_id) == 22 for upload_id in ids)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (ImageQuery(photo_id=99), r"images\[1\]: no photo 99 embedded by this service's encoder; take the id"),
        (ImageQuery(upload_id="abc"), r"images\[1\]: no upload 'abc'; it may have expired .* upload it again"),
        (ImageQuery(upload_id="99"), r"images\[1\]: no upload '99'"),
    ],
)
def test_what_is_not_there_is_named(services: Services, space: StoredSpace, asked: ImageQuery, message: str) -> None:
    there = ImageQuery(upload_id=services.pictures.add([sent(photo())])[0].upload_id)

    with pytest.raises(QueryError, match=message):
        services.pictures.vectors([there, asked], space)


def test_embeddings_of_another_space_are_not_found(services: Services, space: StoredSpace) -> None:
    stored = services.uploads.add("barn", [Upload(name="a.jpg", size=1, read=photo)])[0]
    upload = services.pictures.add([sent(photo())])[0]
    other = services.spaces.ensure(FakeEncoder(weights="other").space)

    for asked in (ImageQuery(upload_id=upload.upload_id), ImageQuery(photo_id=stored.id)):
        with pytest.raises(QueryError, match=r"images\[0\]: no "):
            services.pictures.vectors([asked], other)


HUGE = (MAX_QUERY_PIXELS // 8_000 + 1, 8_000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda: b"%PDF-1.7 ...", "b.jpg: .*nothing of this upload was kept"),
        (lambda: photo()[:200], "b.jpg: .*nothing of this upload was kept"),
        (lambda: photo(size=(3, 3)), "b.jpg: .*nothing of this upload was kept"),
        (lambda: photo(size=HUGE, fmt="GIF"), r"b.jpg: 80.01 megapixels .*, at most 80 allowed"),
    ],
    ids=["a PDF", "cut short", "an icon", "too many pixels"],
)
def test_one_unusable_picture_refuses_all(
    services: Services, space: StoredSpace, content: Callable[[], bytes], message: str
) -> None:
    with pytest.raises(ImageError, match=message):
        services.pictures.add([sent(photo()), sent(content(), name="b.jpg")])

    assert rows(services) == 0


def test_a_lower_limit_of_the_service_holds_too(services: Services, space: StoredSpace) -> None:
    settings = Settings(_env_file=None, data_dir=services.settings.data_dir, max_pixels=1_000_000)
    small = Services(settings, encoder=services.encoder, database=services.database)

    with pytest.raises(ImageError, match="at most 1 allowed"):
        small.pictures.add([sent(photo(size=(1_001, 1_000)))])


def test_a_file_that_is_too_large_is_not_read(services: Services, space: StoredSpace) -> None:
    huge = SentFile(name="a.jpg", size=10**9, read=_never)

    with pytest.raises(ImageError, match=r"a.jpg: 1,000,000,000 bytes, at most 60,000,000 allowed"):
        services.pictures.add([huge])


@pytest.mark.parametrize("number", [0, 9])
def test_one_to_eight_pictures(services: Services, space: StoredSpace, number: int) -> None:
    with pytest.raises(InputError, match=f"files: found {number}, expected 1 to 8"):
        services.pictures.add([sent(photo())] * number)


def test_there_is_nothing_to_search_yet(services: Services) -> None:
    with pytest.raises(SpaceError, match="nothing is embedded yet"):
        services.pictures.add([sent(photo())])
