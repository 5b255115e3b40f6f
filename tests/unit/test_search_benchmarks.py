"""The search benchmarks' own parts: the vectors' geometry, the right answers, how peers are asked and compared."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks import peers
from benchmarks.catalogues import FILTERS, VectorEncoder, all_fields, descriptions, query_texts
from benchmarks.clip_like import ClipLike
from benchmarks.exact_answers import PLACES, Exact, exact
from benchmarks.filling import packed
from benchmarks.peer import WHERE, Photos, Query, ten_venues
from benchmarks.search_growth import drawn, lines_of
from benchmarks.timing import Times, by_turns

VENUES = 1_000


@pytest.fixture(scope="module")
def world() -> ClipLike:
    return ClipLike()


@pytest.fixture(scope="module")
def photos(world: ClipLike) -> np.ndarray:
    """Photos of venues, `[V, P, D]`."""
    return np.concatenate([block.photos for block in world.blocks(VENUES)]).astype(np.float32)


def test_photos_lie_in_a_cone_and_gather_by_venue(photos: np.ndarray) -> None:
    unrelated = np.einsum("vd,vd->v", photos[::2, 0], photos[1::2, 0])
    of_one_venue = np.einsum("vd,vd->v", photos[:, 0], photos[:, 1])
    assert np.median(unrelated) == pytest.approx(0.5, abs=0.03)
    assert np.median(of_one_venue) == pytest.approx(0.75, abs=0.03)


def test_texts_lie_apart_from_photos(world: ClipLike, photos: np.ndarray) -> None:
    texts = VectorEncoder(world).encode_texts(query_texts(50))
    cosines = texts @ photos.reshape(-1, photos.shape[-1]).T
    assert 0.05 < np.median(cosines) < 0.15
    assert 0.2 < np.median(cosines.max(axis=1)) < 0.45


def test_vectors_are_unit_in_half_precision(photos: np.ndarray) -> None:
    assert np.abs(np.linalg.norm(photos, axis=-1) - 1).max() < 1e-3
    assert (photos == photos.astype(np.float16)).all()


def test_a_small_catalogue_is_the_beginning_of_a_large_one(world: ClipLike, photos: np.ndarray) -> None:
    few = next(iter(ClipLike().blocks(7)))
    assert (few.photos.astype(np.float32) == photos[:7]).all()
    assert descriptions(few)[0]
    assert not descriptions(few)[1]


def test_as_many_venues_pass_as_a_filter_is_named_for(world: ClipLike) -> None:
    fields = all_fields(world, 5_000)
    for name in FILTERS:
        share = 1.0 if name == "none" else float(name.split(" ")[0]) / 100
        assert fields.passing(name).mean() == pytest.approx(share, rel=0.6)


def test_right_answers_are_those_of_a_plain_loop(world: ClipLike, photos: np.ndarray) -> None:
    queries = VectorEncoder(world).encode_texts(query_texts(3))
    right = exact(queries, world.blocks(VENUES))
    passing = np.arange(VENUES) % 3 == 0
    for number, query in enumerate(queries):
        plain = sorted((venue for venue in range(0, VENUES, 3)), key=lambda venue: -max(photos[venue] @ query))
        assert right.recall([[]] * number + [plain[:PLACES]], passing) == pytest.approx(1 / (number + 1))
        assert right.recall([[]] * number + [plain[-PLACES:]], passing) == 0


def test_a_venue_that_does_not_pass_is_no_right_answer() -> None:
    right = Exact(np.array([[0.9, 0.8, 0.1]], dtype=np.float32))
    assert right.recall([[0, 1]], np.array([False, True, True])) == 0.5


def test_packed_rows_are_postgres_binary_format() -> None:
    vectors = np.full((1, 512), 0.5, dtype=np.float16)
    row = packed(venue_id=np.array([258]), vectors=vectors)
    assert row[:2] == b"\x00\x02"
    assert row[2:14] == b"\x00\x00\x00\x08" + (258).to_bytes(8, "big")
    assert row[14:22] == (4 + 1024).to_bytes(4, "big") + b"\x02\x00\x00\x00"
    assert row[22:] == b"\x38\x00" * 512


def test_more_photos_are_asked_for_until_there_are_ten_venues() -> None:
    asked: list[int] = []

    def nearest(count: int) -> np.ndarray:
        asked.append(count)
        return np.arange(100)[:count]

    assert ten_venues(nearest, 20) == list(range(10))
    assert asked == [20, 40, 80]


def test_fewer_venues_are_taken_when_no_more_pass() -> None:
    assert ten_venues(lambda count: np.arange(5)[:count], 20) == [0]


class Bookworm:
    """A peer that knows all by heart, but pretends not to until it is asked to make an effort."""

    name, packages, is_database = "Bookworm", ("numpy",), True
    efforts: Sequence[int] = (20, 40, 80)
    depths: Sequence[int] = (20,)

    def __init__(self, folder: Path) -> None:
        self.effort, self.folder = 0, folder

    def build(self, photos: Photos) -> None:
        self.photos = photos

    def widen(self, effort: int) -> None:
        self.effort = effort

    def venues(self, query: Query, where: str, depth: int) -> Sequence[int]:
        cosines = self.photos.vectors @ query.vector
        if column := WHERE[where]:
            cosines[self.photos.columns[column[0]] != column[1]] = -1
        if self.effort < 40:
            cosines = -cosines
        order = np.argsort(-cosines)
        return ten_venues(lambda count: order[: min(count, (cosines > -1).sum())], depth)


def test_the_least_setting_that_reaches_the_target_is_taken() -> None:
    found = peers.one(Bookworm, 4_000, 4)
    assert found["database"]
    assert {
        where: (one["effort"], one["recall"], one["full"]) for where, one in found["filters"].items()
    } == dict.fromkeys(WHERE, (40, 1.0, True))


def test_a_peer_that_is_not_installed_is_named_as_missing() -> None:
    class Missing(Bookworm):
        packages = ("no-such-distribution-at-all",)

    assert peers.one(Missing, 4_000, 1) == {"missing": "not installed: no-such-distribution-at-all"}


def test_databases_are_ahead_when_they_are_faster_at_the_target() -> None:
    def peer(p50: float, *, database: bool = True, reached: bool = True) -> dict[str, Any]:
        return {"database": database, "filters": {"none": {"p50": p50, "reached": reached}}}

    results = {
        peers.OURS: peer(2.0),
        "fast": peer(1.0),
        "slow": peer(3.0),
        "sloppy": peer(0.5, reached=False),
        "library": peer(0.1, database=False),
        "gone": {"missing": "not installed"},
    }
    assert peers.ahead(results, "none") == ["fast"]


def test_actions_take_turns() -> None:
    done: list[str] = []
    actions = {name: lambda one, name=name: done.append(f"{name}{one}") for name in ("a", "b")}
    times, answers = by_turns(actions, [1, 2])
    assert done == ["a1", "b1", "a2", "b2"]
    assert set(times) == {"a", "b"}
    assert len(answers["a"]) == 2


def test_times_are_percentiles() -> None:
    assert Times.of([1.0, 2.0, 3.0]) == Times(p50=2.0, p95=2.9, qps=500.0)


def test_the_growth_figure_has_a_curve_for_every_filter_and_the_bare_statement() -> None:
    runs = [
        {
            "photos": 10**power,
            "filters": {name: {"search": {"p50": power + place}} for place, name in enumerate(FILTERS)},
            "ratios": {"bare": {"p50": 1.0}},
        }
        for power in (4, 5, 6)
    ]
    figure = ElementTree.fromstring(drawn(lines_of(runs)))  # noqa: S314 - our own text
    curves = [path for path in figure.iter("{http://www.w3.org/2000/svg}path") if path.get("fill") == "none"]
    points = list(figure.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(curves) == len(FILTERS) + 1
    assert len(points) == 3 * len(curves)
