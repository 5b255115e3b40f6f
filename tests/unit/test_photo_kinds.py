"""Kinds of photos: sure where a rule says so, guesses where something stands out, nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.test_zero_shot import WideEncoder, looking_like
from venuefinder.calibrating.evidence import SeenRule
from venuefinder.records import Tag
from venuefinder.testing import FakeEncoder
from venuefinder.vlm.photo_kinds import MOST_GUESSES, SURE, PhotoKinds

INDOORS = ("setting", "indoors")
BARN = ("room_types", "barn")
RULE = SeenRule(threshold=0.3, precision=0.95, recall=0.5, pairs=100, phrases=10, slope=10.0, intercept=0.0)


@pytest.fixture(scope="module")
def encoder() -> WideEncoder:
    return WideEncoder()


def photos(*vectors: np.ndarray) -> np.ndarray:
    return np.stack(vectors)[:, None].astype(np.float32)


def test_without_a_rule_what_stands_out_is_a_guess(encoder):
    barn, stage = looking_like(encoder, *BARN), looking_like(encoder, "amenities", "stage")
    assert PhotoKinds(encoder).of(photos(barn, stage)) == [(Tag("barn", None),), ()]


def test_with_a_rule_a_tag_has_its_probability(encoder):
    found = PhotoKinds(encoder, {INDOORS: RULE}).of(photos(looking_like(encoder, *INDOORS)))
    assert [tag.name for tag in found[0]] == ["indoors"]
    assert found[0][0].probability == pytest.approx(RULE.probability(1.0), abs=1e-3)


@pytest.mark.parametrize(
    "rule", [replace(RULE, threshold=1.1), replace(RULE, slope=0.1)], ids=["below its threshold", "unlikely"]
)
def test_a_rule_that_is_not_sure_says_nothing_and_is_no_guess(encoder, rule):
    assert rule.probability(1.0) < SURE or not rule.seen(1.0)
    assert PhotoKinds(encoder, {INDOORS: rule}).of(photos(looking_like(encoder, *INDOORS))) == [()]


def test_sure_ones_come_first_and_guesses_are_few_the_likeliest_first(encoder):
    rooms = ["barn", "chapel", "library"]
    guessed = sum(weight * looking_like(encoder, "room_types", it) for weight, it in zip((3, 5, 4), rooms, strict=True))
    found = PhotoKinds(encoder, {INDOORS: replace(RULE, slope=100.0, threshold=0.05)}).of(
        photos(guessed / np.linalg.norm(guessed) + 0.5 * looking_like(encoder, *INDOORS))
    )
    assert [(tag.name, tag.probability is None) for tag in found[0]] == [
        ("indoors", False),
        ("chapel", True),
        ("library", True),
    ]
    assert len(found[0]) == 1 + MOST_GUESSES


def test_styles_and_things_are_no_kinds(encoder):
    assert PhotoKinds(encoder).of(photos(looking_like(encoder, "style", "rustic"))) == [()]


def test_another_rule_is_another_version(encoder):
    versions = {
        PhotoKinds(encoder).version,
        PhotoKinds(encoder, {INDOORS: RULE}).version,
        PhotoKinds(encoder, {INDOORS: replace(RULE, threshold=0.4)}).version,
    }
    assert len(versions) == 3
    assert PhotoKinds(encoder).version == PhotoKinds(FakeEncoder()).version  # neither has rules


def test_views_count_together_and_photos_apart(encoder):
    barn, chapel = (looking_like(encoder, "room_types", it) for it in ("barn", "chapel"))
    both = PhotoKinds(encoder).of(np.stack([[barn, chapel], [barn, barn]]).astype(np.float32))
    assert [{tag.name for tag in tags} for tags in both] == [{"barn", "chapel"}, {"barn"}]
