"""Pictures of photos: what is sent, what is not, and for how long it may be kept."""

import hashlib
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import ExifTags, Image

from tests.serving import photo, problem_of, served
from venuefinder.bootstrap import Services
from venuefinder.domain import Venue
from venuefinder.records import PhotoContent, PhotoDraft, PhotoFile, VenueDraft
from venuefinder.settings import Settings
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder
from venuefinder.variant_cache import VariantCache


def uploaded(api: httpx2.Client, venue: str, content: bytes) -> str:
    """Upload one photo and return its url."""
    api.put(f"/v1/venues/{venue}", json={"name": "A venue"})
    answer = api.post(f"/v1/venues/{venue}/photos", files=[("files", ("a.jpg", content))])
    return str(answer.json()["photos"][0]["url"])


def opened(response: httpx2.Response) -> Image.Image:
    assert response.status_code == 200
    return Image.open(BytesIO(response.content))


def with_metadata() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "SecretCamera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (51.0, 22.0, 48.0)
    return photo(size=(300, 200), exif=exif, comment=b"SecretComment")


@pytest.mark.parametrize("query", ["", "&width=160", "&format=webp", "&width=640&format=jpeg"])
def test_metadata_stays_here_and_the_photo_stands_upright(api: httpx2.Client, query: str) -> None:
    response = api.get(uploaded(api, "private", with_metadata()) + query)

    found = opened(response)
    assert found.width < found.height
    assert not found.getexif()
    assert b"Secret" not in response.content
    assert b"Exif" not in response.content


def test_a_picture_is_as_wide_as_asked_but_never_wider_than_the_photo(api: httpx2.Client) -> None:
    url = uploaded(api, "widths", photo(size=(900, 600)))

    sizes = [opened(api.get(f"{url}&width={width}")).size for width in (160, 320, 640, 1280, 1920)]
    assert sizes == [(160, 107), (320, 213), (640, 427), (900, 600), (900, 600)]
    assert opened(api.get(url)).size == (900, 600)


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "image/jpeg"),
        ("", "image/avif,image/webp,*/*", "image/webp"),
        ("", "text/html;q=0, IMAGE/WEBP;q=0.8", "image/webp"),
        ("", "image/jpeg, image/webp;q=0", "image/jpeg"),
        ("", "image/webp ; q=0.000", "image/jpeg"),
        ("", "image/webpx, ximage/webp", "image/jpeg"),
        ("&format=webp", "image/jpeg", "image/webp"),
        ("&format=jpeg", "image/webp", "image/jpeg"),
    ],
)
def test_the_format_is_negotiated(api: httpx2.Client, query: str, accept: str, media_type: str) -> None:
    response = api.get(uploaded(api, "formats", photo()) + query, headers={"accept": accept})

    assert response.headers["content-type"] == media_type
    assert f"image/{(opened(response).format or '').lower()}" == media_type
    assert response.headers.get("vary") == (None if query else "Accept")


def test_a_picture_opened_as_a_page_can_do_nothing(api: httpx2.Client) -> None:
    headers = api.get(uploaded(api, "strict", photo())).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_an_address_with_the_version_is_kept_for_ever_and_others_are_asked_again(api: httpx2.Client) -> None:
    url = uploaded(api, "versions", photo())
    unversioned = url.split("?")[0]

    assert api.get(url).headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in (unversioned, f"{unversioned}?v=0123456789abcdef"):
        assert api.get(other).headers["cache-control"] == "public, no-cache"


def test_who_has_the_picture_is_not_sent_it_again(api: httpx2.Client) -> None:
    url = uploaded(api, "again", photo())
    first = api.get(url)
    tag = first.headers["etag"]

    for known in (tag, f'"other", W/{tag}', "*"):
        again = api.get(url, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert again.headers["vary"] == "Accept"
    assert api.get(url, headers={"if-none-match": '"other"'}).status_code == 200
    assert api.get(f"{url}&width=160", headers={"if-none-match": tag}).status_code == 200
    assert api.get(url, headers={"if-none-match": tag, "accept": "image/webp"}).status_code == 200


def test_head(api: httpx2.Client) -> None:
    url = uploaded(api, "head", photo())
    got, head = api.get(url), api.head(url)

    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    "query", ["width=161", "width=0", "width=-160", "width=1e9", "format=png", "size=160", "v=" + 65 * "x"]
)
def test_other_pictures_are_not_made(api: httpx2.Client, query: str) -> None:
    url = uploaded(api, "others", photo()).split("?")[0]

    problem_of(api.get(f"{url}?{query}"), 422, "invalid-request")


@pytest.fixture
def ingested(database: Database, tmp_path: Path) -> tuple[Services, Path]:
    """A venue whose photo lies in a folder of the user's, as ingestion leaves it."""
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    services = Services(settings, encoder=FakeEncoder(), database=database)
    path = tmp_path / "secret-folder" / "a.jpg"
    path.parent.mkdir()
    path.write_bytes(photo())
    return services, path


def store(services: Services, path: Path) -> None:
    data = path.read_bytes()
    content = PhotoContent(content_hash=hashlib.sha256(data).digest(), width=64, height=48, format="JPEG")
    file = PhotoFile(location=str(path), size=len(data), mtime_ns=path.stat().st_mtime_ns)
    drafted = PhotoDraft(uri="a.jpg", file=file, content=content)
    services.catalogue.upsert([VenueDraft(venue=Venue(external_id="a", name="A"), source="s", photos=(drafted,))])


SPOILED: dict[str, Any] = {
    "gone": Path.unlink,
    "another photo by now": lambda path: path.write_bytes(photo("blue")),
    "no photo by now": lambda path: path.write_bytes(b"root:x:0:0"),
    "in what is no folder by now": lambda path: (
        path.parent.rename(path.parent.with_name("moved")),
        path.parent.write_text("no folder"),
    ),
    "a link by now": lambda path: (path.unlink(), path.symlink_to("/etc/passwd")),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_an_original_that_is_not_what_was_ingested_is_not_found(ingested: tuple[Services, Path], spoil: Any) -> None:
    services, path = ingested
    store(services, path)
    with served(services) as api:
        url = api.get("/v1/venues/a").json()["photos"][0]["url"]
        spoil(path)
        response = api.get(url)

    detail = problem_of(response, 404, "not-found")["detail"]
    assert detail.startswith("photo ")
    assert "run venuefinder" in detail
    assert "secret-folder" not in response.text


def test_ingested_originals_are_served_never_deleted_and_their_paths_not_told(ingested: tuple[Services, Path]) -> None:
    services, path = ingested
    store(services, path)
    with served(services) as api:
        listed = api.get("/v1/venues/a")
        assert opened(api.get(listed.json()["photos"][0]["url"])).size == (64, 48)
        assert api.delete("/v1/venues/a").status_code == 204

    assert "secret-folder" not in listed.text
    assert path.exists()


def test_pictures_are_rendered_once(ingested: tuple[Services, Path]) -> None:
    services, path = ingested
    store(services, path)
    with served(services) as api:
        url = api.get("/v1/venues/a").json()["photos"][0]["url"]
        first = api.get(url).content
        path.unlink()
        assert api.get(url).content == first


def test_the_kept_pictures_stay_within_their_limit_and_the_unused_go_first(tmp_path: Path) -> None:
    cache = VariantCache(tmp_path, max_bytes=1000)
    for number in range(10):
        name = f"{number:02}-a"
        cache.put(name, bytes(100))
        os.utime(tmp_path / name[:2] / name, (number, number))
    assert cache.get("00-a") is not None
    cache.put("10-a", bytes(100))

    kept = [number for number in range(11) if cache.get(f"{number:02}-a") is not None]
    assert kept == [0, 4, 5, 6, 7, 8, 9, 10]


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = VariantCache(tmp_path / "file")

    cache.put("00-a", b"x")

    assert cache.get("00-a") is None
