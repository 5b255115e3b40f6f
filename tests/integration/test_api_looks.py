"""What callers see of copies, of photos that show little, and of kinds of photos: over HTTP, by uploads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.catalogues import paint
from tests.drawn_scenes import saved, scene
from tests.serving import photo
from venuefinder.bootstrap import Services
from venuefinder.protocols import Embeddings
from venuefinder.records import Tag
from venuefinder.testing import FakeEncoder
from venuefinder.upkeep.tagging import Tagging


class RedIsIndoors:
    """Says of red photos that they are surely indoors, and maybe a barn."""

    version = "one"

    def warm(self) -> None:
        pass

    def of(self, embeddings: Embeddings) -> list[tuple[Tag, ...]]:
        red = FakeEncoder().encode_texts(["red"])[0]
        known = (Tag("indoors", 0.93), Tag("barn", None))
        return [known if is_red else () for is_red in np.einsum("nvd,d->n", embeddings, red) > 0.9]


@pytest.fixture(scope="module", autouse=True)
def kinds(api_services: Services) -> None:
    """Have a fake tell kinds of photos: the fake encoder's have none."""
    api_services.tagging = Tagging(api_services.tags, RedIsIndoors(), api_services.catalogue.space)


def patched(colour: str, name: str = "one") -> Image.Image:
    """A photo of one colour in patches, which shows something; others for other names."""
    path = Path(f"{name}.jpg")
    paint(path, colour, size=(320, 240))
    return Image.open(path).convert("RGB")


def venue(api: httpx2.Client, external_id: str, *photos: bytes, **fields: Any) -> list[dict[str, Any]]:
    """Make a venue with photos, and return these as they are answered."""
    assert api.put(f"/v1/venues/{external_id}", json={"name": external_id} | fields).status_code == 201
    files = [("files", (f"{number}.jpg", content)) for number, content in enumerate(photos)]
    assert api.post(f"/v1/venues/{external_id}/photos", files=files).status_code == 201
    return list(api.get(f"/v1/venues/{external_id}/photos").json()["photos"])


def hits(api: httpx2.Client, query: str, kind: str) -> Sequence[dict[str, Any]]:
    found = api.post("/v1/search", json={"query": query, "filters": {"kind": kind}})
    return list(found.json()["results"])


def test_a_photo_says_why_it_shows_little(api: httpx2.Client) -> None:
    sharp = scene(1)
    blurred = sharp.filter(ImageFilter.GaussianBlur(6))
    shown = venue(
        api, "flagged", saved(sharp), saved(blurred), photo("red", size=(300, 200)), saved(sharp.resize((160, 120)))
    )
    assert [one["flags"] for one in shown] == [[], ["blurry"], ["placeholder"], ["tiny"]]


def test_the_cover_is_a_photo_that_shows_the_venue_though_one_that_does_not_matches_better(api: httpx2.Client) -> None:
    _, plain, good = venue(
        api, "cover", photo("red", size=(300, 200)), photo("blue", size=(300, 200)), saved(patched("red")), kind="cover"
    )
    assert (plain["flags"], good["flags"]) == (["placeholder"], [])
    for query in ("blue", "red"):
        assert hits(api, query, "cover")[0]["photo"]["id"] == good["id"]
    assert api.post("/v1/search", json={"filters": {"kind": "cover"}}).json()["results"][0]["photo"]["id"] == good["id"]


def test_a_venue_of_flagged_photos_alone_is_still_found_by_them(api: httpx2.Client) -> None:
    (only,) = venue(api, "plain", photo("blue", size=(300, 200)), kind="plain")
    (hit,) = hits(api, "blue", "plain")
    assert (hit["photo"]["id"], hit["photo"]["flags"]) == (only["id"], ["placeholder"])


def test_a_copy_names_the_photo_that_is_shown_instead_until_that_is_removed(api: httpx2.Client) -> None:
    large = patched("green", "large")
    copy, shown, other = venue(
        api, "copies", saved(large.resize((240, 180))), saved(large), saved(patched("green", "other")), kind="copies"
    )
    assert (copy["duplicate_of"], shown["duplicate_of"], other["duplicate_of"]) == (shown["id"], None, None)
    assert hits(api, "green", "copies")[0]["photo"]["id"] in (shown["id"], other["id"])

    assert api.delete(f"/v1/venues/copies/photos/{shown['id']}").status_code == 204
    assert [one["duplicate_of"] for one in api.get("/v1/venues/copies/photos").json()["photos"]] == [None, None]


def test_a_stock_photo_in_three_listings_ranks_one_of_them(api: httpx2.Client) -> None:
    """The others are ranked by photos of their own, and the page shows each picture once."""
    stock, listings = patched("yellow", "stock"), {"red": 90, "green": 85, "white": 80}
    stocks = {
        venue(api, f"stock-{own}", saved(stock, quality), saved(patched(own)), kind="stock")[0]["id"]
        for own, quality in listings.items()
    }
    found = hits(api, "yellow", "stock")
    contents = [api.get(hit["photo"]["url"]).content for hit in found]
    assert len(found) == len(set(contents)) == 3
    assert len(stocks & {hit["photo"]["id"] for hit in found}) == 1


def test_tags_and_guesses_are_told_apart_everywhere(api: httpx2.Client) -> None:
    red, green = venue(api, "tagged", saved(patched("red", "tagged")), saved(patched("green", "tagged")), kind="tagged")
    assert (red["tags"], red["guesses"]) == (["indoors"], ["barn"])
    assert (green["tags"], green["guesses"]) == ([], [])
    assert hits(api, "red", "tagged")[0]["photo"] == red
    assert api.get("/v1/venues/tagged").json()["photos"] == [red, green]
    assert api.put("/v1/venues/tagged", json={"name": "another"}).json()["photos"] == [red, green]
