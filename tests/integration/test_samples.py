"""The sample venues, built for real: from npm where the cache or the network has the packages, and as stand-ins."""

import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from samples import folder, npm
from samples.build import CACHE, main
from samples.recipe import Sample, load_recipe
from samples.stand_ins import samples
from venuefinder.domain import Listing

ROOT = Path(__file__).parents[2]


def check(built: Path) -> list[Listing]:
    """Every folder is a listing whose photos are exactly its images, and they open."""
    listings = []
    for place in sorted(path for path in built.iterdir() if path.is_dir()):
        listing = Listing.model_validate(json.loads((place / "venue.json").read_text()))
        uris = {photo.uri for _, photo in listing.all_photos()}
        assert listing.external_id == place.name
        assert uris == {path.name for path in place.glob("*.jpg")}
        for uri in uris:
            with Image.open(place / uri) as image:
                image.load()
                assert image.mode == "RGB"
        listings.append(listing)
    return listings


def snapshot(built: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in built.rglob("*") if path.is_file())
    return {str(path.relative_to(built)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """An npm that reaches nothing: its registry is a closed port of this machine."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("PATH", "/nowhere")


def test_builds_the_venues_from_their_packages(tmp_path, capsys):
    """Needs the packages: from an earlier run's cache, or from the network, as in CI."""
    built = tmp_path / "samples"

    code = main([str(built), "--cache", str(ROOT / CACHE)])

    said = capsys.readouterr().err
    assert (code, folder.finished(built)) == (0, "venues"), f"the sample packages cannot be had: {said}"
    assert [listing.external_id for listing in check(built)] == sorted(
        recipe.venue.external_id for recipe in load_recipe()
    )


def test_stand_ins_say_that_they_are_not_venues(tmp_path):
    built = tmp_path / "samples"

    assert main([str(built), "--fallback"]) == 0

    listings = check(built)
    assert len(listings) >= 8
    for listing in listings:
        assert listing.name.startswith("Not a venue: ")
        assert "not a venue" in listing.description
        assert listing.attributes["photo_credit"]
        assert listing.capacity.largest() is None
        assert listing.price is None


def test_without_npm_it_says_so_and_builds_the_stand_ins(tmp_path, capsys, offline):
    built = tmp_path / "samples"

    assert main([str(built), "--cache", str(tmp_path / "cache")]) == 0

    said = capsys.readouterr().err
    assert "found no way to get it" in said
    assert "NOT venues" in said
    assert folder.finished(built) == "stand-ins"


def test_a_package_that_is_not_the_pinned_one_is_no_reason_for_stand_ins(tmp_path, capsys, monkeypatch):
    forger = (sys.executable, "-c", "open('forged.tgz', 'wb').write(b'forged')")
    monkeypatch.setattr(npm, "clients", lambda: [forger])
    built = tmp_path / "samples"

    assert main([str(built), "--cache", str(tmp_path / "cache")]) == 2

    assert "it was not opened" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_touches_nothing(tmp_path):
    built = tmp_path / "samples"
    main([str(built), "--fallback"])
    before = snapshot(built)

    assert main([str(built), "--fallback"]) == 0
    assert snapshot(built) == before


@pytest.mark.parametrize("damage", ["missing photo", "cut photo", "other recipe"])
def test_what_is_not_whole_is_built_again(tmp_path, damage):
    built = tmp_path / "samples"
    main([str(built), "--fallback"])
    whole = {name: data for name, (data, _) in snapshot(built).items()}
    if damage == "missing photo":
        next(built.glob("*/*.jpg")).unlink()
    elif damage == "cut photo":
        next(built.glob("*/*.jpg")).write_bytes(b"\xff\xd8")
    else:
        stamp = built / folder.STAMP
        stamp.write_text(stamp.read_text().replace(folder.recipe_hash(), "0" * 64))

    assert main([str(built), "--fallback"]) == 0
    assert {name: data for name, (data, _) in snapshot(built).items()} == whole


def test_an_interrupted_build_leaves_no_folder_and_spoils_no_older_one(tmp_path):
    def interrupted():
        yield next(samples())
        raise KeyboardInterrupt

    built = tmp_path / "samples"
    with pytest.raises(KeyboardInterrupt):
        folder.write(interrupted(), "stand-ins", built)
    assert list(tmp_path.iterdir()) == []

    main([str(built), "--fallback"])
    before = snapshot(built)
    with pytest.raises(KeyboardInterrupt):
        folder.write(interrupted(), "venues", built)
    assert snapshot(built) == before


def test_what_a_killed_build_left_aside_is_cleared_away(tmp_path):
    left = tmp_path / ".samples.building" / "half-a-venue"
    left.mkdir(parents=True)
    (left / "a.jpg").write_bytes(b"half a ph")

    assert main([str(tmp_path / "samples"), "--fallback"]) == 0

    assert [path.name for path in tmp_path.iterdir()] == ["samples"]
    assert "half-a-venue" not in {listing.external_id for listing in check(tmp_path / "samples")}


@pytest.mark.parametrize("made_before", [False, True])
def test_a_folder_with_files_of_others_is_left_alone(tmp_path, capsys, made_before):
    built = tmp_path / "samples"
    if made_before:
        folder.write([Sample(next(samples()).listing, {})], "venues", built)
    (built / "my-venue").mkdir(parents=True)
    (built / "my-venue" / "photo.jpg").write_bytes(b"mine")

    assert main([str(built), "--fallback"]) == 2

    assert "found 'my-venue/photo.jpg', which samples.build did not make" in capsys.readouterr().err
    assert (built / "my-venue" / "photo.jpg").read_bytes() == b"mine"
