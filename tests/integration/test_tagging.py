"""Tags of photos: made from stored embeddings, stored by space, forgotten with what they are of."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.catalogues import paint, run
from tests.serving import photo
from venuefinder.bootstrap import Services
from venuefinder.protocols import Embeddings
from venuefinder.records import Tag
from venuefinder.testing import FakeEncoder
from venuefinder.upkeep.tagging import Tagging

RED = (Tag("indoors", 0.93), Tag("barn", None))


class RedIsIndoors:
    """Says of red photos that they are surely indoors, and maybe a barn."""

    def __init__(self, version: str = "one") -> None:
        self.version = version
        self.told = 0

    def warm(self) -> None:
        pass

    def of(self, embeddings: Embeddings) -> list[tuple[Tag, ...]]:
        self.told += len(embeddings)
        red = FakeEncoder().encode_texts(["red"])[0]
        return [RED if is_red else () for is_red in np.einsum("nvd,d->n", embeddings, red) > 0.9]


@pytest.fixture
def kinds(services: Services) -> RedIsIndoors:
    """What tells kinds in these services."""
    kinds = RedIsIndoors()
    services.tagging = Tagging(services.tags, kinds, services.catalogue.space)
    return kinds


def tags(services: Services) -> dict[str, Sequence[str]]:
    known = services.catalogue.known(["red-barn", "blue-hall", "green-garden", "white-loft"])
    return {uri: it.tags + it.guesses for venue in known.values() for uri, it in venue.photos.items() if it.tags}


def count(services: Services) -> int:
    with services.database.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM photo_tags").scalar_one())


def test_an_ingestion_ends_with_every_photo_tagged(services: Services, kinds: RedIsIndoors, folder: Path) -> None:
    run(services, folder)
    assert tags(services) == {"front.jpg": ("indoors", "barn"), "roses.jpg": ("indoors", "barn")}
    assert (count(services), kinds.told) == (7, 7)
    run(services, folder)
    assert kinds.told == 7


def test_another_version_tags_anew_and_in_place_of_what_was(
    services: Services, kinds: RedIsIndoors, folder: Path
) -> None:
    run(services, folder)
    assert services.tags.count_untagged(services.catalogue.space, "one") == 0
    assert services.tags.count_untagged(services.catalogue.space, "two") == 7
    newer = Tagging(services.tags, RedIsIndoors("two"), services.catalogue.space)
    heard: list[int] = []
    assert (newer.tag(told=heard.append), heard, count(services)) == (7, [7], 7)
    assert services.tags.count_untagged(services.catalogue.space, "two") == 0


def test_pages_go_on_where_they_ended(
    services: Services, kinds: RedIsIndoors, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(services, folder)
    monkeypatch.setattr("venuefinder.upkeep.tagging.PAGE", 3)
    heard: list[int] = []
    kinds.version = "two"
    assert (services.tagging.tag(told=heard.append), heard) == (7, [3, 3, 1])


def test_a_photo_that_changed_loses_its_tags_until_it_is_tagged_anew(
    services: Services, kinds: RedIsIndoors, folder: Path
) -> None:
    run(services, folder)
    paint(folder / "red-barn" / "front.jpg", "blue", size=(260, 190))
    run(services, folder)
    assert list(tags(services)) == ["roses.jpg"]
    assert count(services) == 7


def test_a_photo_that_changes_meanwhile_is_left_for_the_next_run(
    services: Services, kinds: RedIsIndoors, folder: Path
) -> None:
    run(services, folder)
    space = services.catalogue.space
    (page, *_) = services.tags.untagged_after(0, space, "two", limit=1)
    assert services.tags.keep_tags(space, "two", {(page.id, b"other bytes".ljust(32)): RED}) == 0
    assert services.tags.keep_tags(space, "two", {(page.id, page.content_hash): RED}) == 1


def test_a_picture_of_no_place_gets_no_tag_whatever_its_embedding(services: Services, folder: Path) -> None:
    """The starter would say of a third of all documents that they are indoors or outdoors."""
    (folder / "red-barn" / "front.jpg").write_bytes(photo("red", size=(300, 200)))
    kinds = RedIsIndoors()
    services.tagging = Tagging(services.tags, kinds, services.catalogue.space)
    run(services, folder)
    assert services.catalogue.require("red-barn").photos["front.jpg"].flags == ("placeholder",)
    assert (list(tags(services)), count(services), kinds.told) == (["roses.jpg"], 7, 6)


def test_tags_are_those_of_the_space_that_is_asked(services: Services, kinds: RedIsIndoors, folder: Path) -> None:
    run(services, folder)
    other = services.beside(FakeEncoder(weights="other"))
    assert services.venues.known(["red-barn"], other.catalogue.space)["red-barn"].photos["front.jpg"].tags == ()
