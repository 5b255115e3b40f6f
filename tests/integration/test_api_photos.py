"""Uploading, listing and removing photos over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.integration.conftest import MAX_PHOTO_BYTES
from tests.serving import exchanged, photo, problem_of
from venuefinder.bootstrap import Services


def upload(api: httpx2.Client, external_id: str, *contents: bytes, **data: Any) -> httpx2.Response:
    files = [("files", (f"photo-{number}.jpg", content)) for number, content in enumerate(contents, start=1)]
    return api.post(f"/v1/venues/{external_id}/photos", files=files, data=data)


def made(api: httpx2.Client, external_id: str, **fields: Any) -> str:
    assert api.put(f"/v1/venues/{external_id}", json={"name": "A venue"} | fields).status_code == 201
    return external_id


def photos_of(api: httpx2.Client, external_id: str) -> list[dict[str, Any]]:
    return list(api.get(f"/v1/venues/{external_id}/photos").json()["photos"])


def originals(services: Services) -> list[Path]:
    return [path for path in (services.settings.data_dir / "photos").rglob("*") if path.is_file()]


def test_photos_are_uploaded_listed_and_removed(api: httpx2.Client) -> None:
    venue = made(api, "story", rooms=[{"name": "Loft"}])
    sent = upload(api, venue, photo("red"), photo("blue", fmt="PNG"), captions=["Dusk", ""], room="Loft")

    assert sent.status_code == 201
    first, second = sent.json()["photos"]
    assert (first["caption"], first["room"], first["width"], first["height"]) == ("Dusk", "Loft", 64, 48)
    assert second["caption"] is None
    assert first["uri"].startswith("upload/")
    assert (first["uri"][-4:], second["uri"][-4:]) == (".jpg", ".png")
    assert photos_of(api, venue) == [first, second] == api.get(f"/v1/venues/{venue}").json()["photos"]

    removed = api.delete(f"/v1/venues/{venue}/photos/{first['id']}")
    assert (removed.status_code, removed.content) == (204, b"")
    assert photos_of(api, venue) == [second]
    problem_of(api.delete(f"/v1/venues/{venue}/photos/{first['id']}"), 404, "not-found")
    problem_of(api.get(first["url"]), 404, "not-found")


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF"])
def test_formats(api: httpx2.Client, fmt: str) -> None:
    found = upload(api, made(api, f"format-{fmt}"), photo(fmt=fmt)).json()["photos"][0]

    assert api.get(found["url"]).headers["content-type"] == "image/jpeg"


def test_the_same_bytes_are_the_same_photo(api: httpx2.Client) -> None:
    venue = made(api, "same-bytes")
    first = upload(api, venue, photo("green"), photo("green"), captions=["one", "two"]).json()["photos"]
    again = upload(api, venue, photo("green"), captions=["three"]).json()["photos"]

    assert len(first) == 1
    assert first[0]["caption"] == "two"
    assert again[0] == first[0] | {"caption": "three"}
    assert len(photos_of(api, venue)) == 1


def test_later_photos_come_after_earlier_ones(api: httpx2.Client) -> None:
    venue = made(api, "order")
    for colour in ("red", "white", "black"):
        upload(api, venue, photo(colour), photo(colour, size=(32, 32)))

    assert [shown["width"] for shown in photos_of(api, venue)] == [64, 32] * 3


HOSTILE = {
    "a PDF": b"%PDF-1.7 ...",
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "HTML": b"<html><script>alert(1)</script></html>",
    "cut": photo(size=(400, 400), fmt="PNG")[:200],
    "nothing": b"",
    "an archive": b"PK\x03\x04" + bytes(100),
    "an icon": photo(size=(8, 8)),
    "many pixels": photo(size=(2000, 1001), fmt="PNG"),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_one_bad_file_refuses_the_whole_upload_and_is_named(
    api: httpx2.Client, api_services: Services, content: bytes, request: pytest.FixtureRequest
) -> None:
    venue = made(api, f"hostile-{abs(hash(request.node.callspec.id))}")
    before = len(originals(api_services))

    found = problem_of(upload(api, venue, photo("yellow"), content), 422, "unusable-photo")

    assert found["detail"].startswith("file 2 ('photo-2.jpg'): ")
    assert photos_of(api, venue) == []
    assert len(originals(api_services)) == before


def test_names_of_files_are_only_names(api: httpx2.Client, api_services: Services) -> None:
    venue = made(api, "names")
    for name in ("../../../../tmp/evil.jpg", "/etc/passwd", "a\\..\\b.jpg", "\U0001f389.jpg", "x" * 3000 + ".jpg"):
        answer = api.post(f"/v1/venues/{venue}/photos", files=[("files", (name, photo("white", size=(40, 40))))])
        assert answer.status_code == 201
    long = api.post(f"/v1/venues/{venue}/photos", files=[("files", ("x" * 3000, b"no"))])

    assert len(photos_of(api, venue)) == 1
    assert len(long.content) < 1000
    assert all(len(path.name) == 64 for path in originals(api_services))


def test_a_file_above_the_limit(api: httpx2.Client) -> None:
    venue = made(api, "large-file")
    large = photo() + bytes(MAX_PHOTO_BYTES)

    found = problem_of(upload(api, venue, large), 422, "unusable-photo")

    assert f"at most {MAX_PHOTO_BYTES:,} allowed" in found["detail"]


def test_an_upload_above_the_limit_ends_while_it_streams(api: httpx2.Client) -> None:
    venue = made(api, "large-upload")
    sent = 0

    def endless() -> Any:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        while sent < 100 * MAX_PHOTO_BYTES:
            sent += 100_000
            yield bytes(100_000)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    try:
        response = api.post(f"/v1/venues/{venue}/photos", content=endless(), headers=headers)
    except httpx2.TransportError:  # the server hung up on a client that was still sending
        response = None

    assert sent < 20 * MAX_PHOTO_BYTES
    if response is not None:
        problem_of(response, 413, "too-large")
    assert photos_of(api, venue) == []


def test_an_upload_announced_above_the_limit_is_refused_unread(api: httpx2.Client) -> None:
    venue = made(api, "announced")
    head = f"POST /v1/venues/{venue}/photos HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10**12}\r\n\r\n"

    answer = exchanged(api, head.encode())

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in answer.lower()
    assert b"urn:venuefinder:problem:too-large" in answer


def test_too_many_files(api: httpx2.Client) -> None:
    found = problem_of(upload(api, made(api, "many"), *[photo()] * 33), 400, "malformed-request")

    assert "32" in found["detail"]


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        ({"captions": ["one", "two"]}, "unusable-input", "captions: found 2, expected one for each of the 1 files"),
        ({"room": "Attic"}, "unusable-input", "found 'Attic', expected a room of venue"),
        ({"captions": ["x" * 2001]}, "invalid-request", "body.captions.0"),
        ({"captions": ["a\x00b"]}, "invalid-request", "body.captions.0"),
        ({"room": "x" * 501}, "invalid-request", "body.room"),
    ],
)
def test_bad_captions_and_rooms(api: httpx2.Client, data: dict[str, Any], name: str, says: str) -> None:
    api.put("/v1/venues/fields", json={"name": "A"})

    assert says in problem_of(upload(api, "fields", photo(), **data), 422, name)["detail"]
    assert photos_of(api, "fields") == []


def test_requests_that_are_no_upload(api: httpx2.Client) -> None:
    path = f"/v1/venues/{made(api, 'no-upload')}/photos"
    broken = {"content-type": "multipart/form-data; boundary=x"}

    problem_of(api.post(path), 422, "invalid-request")
    told = problem_of(api.post(path, json={"files": ["/etc/passwd"]}), 422, "invalid-request")["detail"]
    assert told.startswith('header.content-type: found "application/json"; expected multipart/form-data')
    problem_of(api.post(path, data={"files": "/etc/passwd"}), 422, "invalid-request")
    problem_of(api.post(path, content=b"--y", headers=broken), 400, "malformed-request")
    problem_of(api.post(path, content=b"", headers={"content-type": "multipart/form-data"}), 400, "malformed-request")


PART = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n%s\r\n'


@pytest.mark.parametrize("cut", [0, 1, 300])
def test_a_form_that_was_cut_short_is_refused_whole(api: httpx2.Client, cut: int) -> None:
    """The parser drops the part that was cut, and the parts before it were once stored."""
    path = f"/v1/venues/{made(api, f'cut-{cut}')}/photos"
    form = PART % photo("red") + PART % photo("blue") + (b"--x--" if cut == 1 else b"")
    headers = {"content-type": "multipart/form-data; boundary=x"}

    found = problem_of(api.post(path, content=form[: len(form) - cut], headers=headers), 400, "malformed-request")

    assert "cut short" in found["detail"]
    assert photos_of(api, f"cut-{cut}") == []
    assert api.post(path, content=PART % photo("red") + b"--x--\r\n", headers=headers).status_code == 201


def test_a_field_that_an_upload_does_not_have(api: httpx2.Client) -> None:
    """`caption` for `captions` was once dropped in silence."""
    venue = made(api, "misspelt")
    found = problem_of(upload(api, venue, photo(), caption="Dusk"), 422, "invalid-request")
    files = [("files", ("a.jpg", photo())), ("file", ("b.jpg", photo("blue")))]
    other = problem_of(api.post(f"/v1/venues/{venue}/photos", files=files), 422, "invalid-request")

    assert found["detail"] == 'body.caption: found "Dusk"; there is no such field; expected files, captions, room'
    assert other["errors"][0]["field"] == "body.file"
    assert photos_of(api, venue) == []


def test_files_and_texts_that_were_mixed_up(api: httpx2.Client) -> None:
    path = f"/v1/venues/{made(api, 'mixed-up')}/photos"
    text = problem_of(api.post(path, files=[("files", (None, b"text"))]), 422, "invalid-request")
    file = problem_of(
        api.post(path, files=[("files", ("a.jpg", photo())), ("captions", ("a.txt", b"Dusk"))]), 422, "invalid-request"
    )

    assert text["detail"] == "body.files.0: found text; a file is expected: a part with a filename"
    assert file["detail"] == "body.captions.0: found a file; text is expected: a part without a filename"


def test_a_venue_that_is_not_there(api: httpx2.Client, api_services: Services) -> None:
    before = len(originals(api_services))

    problem_of(upload(api, "absent", photo("black")), 404, "not-found")
    problem_of(api.get("/v1/venues/absent/photos"), 404, "not-found")
    problem_of(api.delete("/v1/venues/absent/photos/1"), 404, "not-found")
    assert len(originals(api_services)) == before


@pytest.mark.parametrize("photo_id", ["0", "-1", "x", "1.5", str(2**63), "9" * 5000])
def test_photo_ids_that_are_none(api: httpx2.Client, photo_id: str) -> None:
    found = problem_of(api.get(f"/v1/photos/{photo_id}/image"), 422, "invalid-request")

    assert found["errors"][0]["field"] == "path.photo_id"


def test_a_photo_of_another_venue_is_not_removed(api: httpx2.Client) -> None:
    own = upload(api, made(api, "owner"), photo("red", size=(50, 50))).json()["photos"][0]
    made(api, "stranger")

    problem_of(api.delete(f"/v1/venues/stranger/photos/{own['id']}"), 404, "not-found")
    assert photos_of(api, "owner") == [own]


def test_an_original_goes_with_its_last_photo_and_not_before(api: httpx2.Client, api_services: Services) -> None:
    content = photo("blue", size=(77, 77))
    first = upload(api, made(api, "shares-1"), content).json()["photos"][0]
    second = upload(api, made(api, "shares-2"), content).json()["photos"][0]
    before = set(originals(api_services))
    assert api.get(first["url"]).status_code == 200

    api.delete(f"/v1/venues/shares-1/photos/{first['id']}")
    assert set(originals(api_services)) == before
    assert api.get(second["url"]).status_code == 200
    api.delete("/v1/venues/shares-2")

    gone = before - set(originals(api_services))
    assert len(gone) == 1
    kept = (api_services.settings.data_dir / "cache" / "variants").rglob(f"{gone.pop().name}-*")
    assert list(kept) == []


def test_uploads_and_puts_at_once_lose_nothing(api: httpx2.Client) -> None:
    """An upload once wrote back the venue as it had read it, over what a PUT had changed meanwhile."""
    venue = made(api, "busy")

    def act(number: int) -> int:
        if number % 2:
            return api.put(f"/v1/venues/{venue}", json={"name": "Renamed"}).status_code
        return upload(api, venue, photo(size=(100 + number, 50))).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(act, range(20)))

    found = api.get(f"/v1/venues/{venue}").json()
    assert statuses == [201, 200] * 10
    assert found["venue"]["name"] == "Renamed"
    assert sorted(shown["width"] for shown in found["photos"]) == [100 + number for number in range(0, 20, 2)]
