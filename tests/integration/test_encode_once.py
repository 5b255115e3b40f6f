"""A picture that many venues have is encoded once: in a batch, in a run, and in runs after it."""

import shutil
from pathlib import Path

import pytest

from ingest.encode_once import EncodeOnce
from tests.catalogues import paint, rows, run
from venuefinder.bootstrap import Services
from venuefinder.testing import FakeEncoder

VENUES = 7


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Venues with one photo of their own each, and one that all of them have. Batches have three."""
    paint(tmp_path / "stock.jpg", "yellow")
    for number in range(VENUES):
        folder = tmp_path / "venues" / f"v{number}"
        paint(folder / "own.jpg", "red", size=(240 + number, 180))
        shutil.copy(tmp_path / "stock.jpg", folder / "stock.jpg")
    return tmp_path / "venues"


def encoded(services: Services) -> int:
    encoder = services.encoder
    assert isinstance(encoder, FakeEncoder)
    return sum(encoder.image_batches)


def embeddings(services: Services) -> dict[tuple[str, str], str]:
    return {(venue, uri): embedding for venue, _, uri, *_, embedding in rows(services)}


def test_copies_are_encoded_once_and_each_has_its_embedding(services: Services, copies: Path) -> None:
    run(services, copies)
    stored = embeddings(services)
    assert encoded(services) == VENUES + 1
    assert (len(stored), None in stored.values()) == (2 * VENUES, False)
    assert len({stored[f"v{number}", "stock.jpg"] for number in range(VENUES)}) == 1
    assert stored["v0", "stock.jpg"] != stored["v0", "own.jpg"]


def test_what_is_stored_is_not_encoded_again_in_another_venue(services: Services, copies: Path, tmp_path: Path) -> None:
    run(services, copies)
    before = embeddings(services)
    other = tmp_path / "moved"
    for number in range(VENUES):
        shutil.copytree(copies / f"v{number}", other / f"w{number}")
    run(services, other)
    assert encoded(services) == VENUES + 1
    after = embeddings(services)
    assert {(name.replace("w", "v"), uri): one for (name, uri), one in after.items() if name[0] == "w"} == before


def test_another_space_has_embeddings_of_its_own(services: Services, copies: Path) -> None:
    run(services, copies)
    content = services.catalogue.require("v0").photos["own.jpg"].content.content_hash
    other = services.beside(FakeEncoder(weights="other"))
    known = services.photo_vectors.by_content([content, b"none".ljust(32)], space=services.catalogue.space)
    assert {one: vectors.shape for one, vectors in known.items()} == {content: (1, 16)}
    assert services.photo_vectors.by_content([content], space=other.catalogue.space) == {}


def test_a_photo_that_changed_is_encoded_though_its_old_content_is_known(services: Services, copies: Path) -> None:
    run(services, copies)
    paint(copies / "v3" / "own.jpg", "blue", size=(250, 190))
    run(services, copies)
    assert encoded(services) == VENUES + 2
    stored = embeddings(services)
    assert stored["v3", "own.jpg"] != stored["v2", "own.jpg"]


def test_what_is_remembered_is_bounded(services: Services, copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing remembered and nothing written yet, a batch encodes each content once and no more is lost."""
    monkeypatch.setattr("ingest.encode_once.REMEMBERED", 0)
    run(services, copies)
    assert VENUES + 1 <= encoded(services) <= 2 * VENUES
    assert len({embeddings(services)[f"v{number}", "stock.jpg"] for number in range(VENUES)}) == 1


def test_a_batch_of_known_contents_asks_nothing_of_the_encoder(services: Services, copies: Path) -> None:
    asked: list[int] = []

    class Watched(EncodeOnce):
        def __call__(self, photos):  # type: ignore[no-untyped-def]
            asked.append(len(photos))
            return super().__call__(photos)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.engines.EncodeOnce", Watched)
        run(services, copies)
    encoder = services.encoder
    assert isinstance(encoder, FakeEncoder)
    assert sum(asked) == 2 * VENUES
    assert 0 not in encoder.image_batches
