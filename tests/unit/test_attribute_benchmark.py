"""The benchmark of what embeddings alone tell: its labels are of the vocabulary, its measures as stated."""

import csv
import json

import numpy as np
import pytest

from benchmarks.attribute_phrases import PHRASES
from benchmarks.attributes import DIGITS, LABELS, PHOTO_LABELS, Pairs, _borne_out, _held_out, _surely
from samples.recipe import load_recipe
from venuefinder.describing.attribute_questions import VALUES

ROWS = list(csv.DictReader(LABELS.read_text(encoding="utf-8").splitlines()))


def pairs(scores, shown, *, groups: int = 40) -> Pairs:
    names = [f"group {number % groups}" for number in range(len(scores))]
    return Pairs(np.array(scores), np.array(shown), names, np.zeros(len(scores), dtype=bool))


def test_every_photo_is_labelled_once_with_words_of_the_vocabulary():
    assert len({row["photo"] for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert set(row["shown"].split(";")) <= set(VALUES[row["attribute"]])
        assert row["group"]


def test_a_place_is_either_indoors_or_outdoors():
    for row in (row for row in ROWS if row["attribute"] == "setting"):
        assert len({"indoors", "outdoors"} & set(row["shown"].split(";"))) == 1, row


def test_photos_are_named_by_digits_or_as_sample_photos():
    listings = [recipe.listing() for recipe in load_recipe()]
    samples = {f"{listing.external_id}/{photo.uri}" for listing in listings for _, photo in listing.all_photos()}
    named = {row["photo"] for row in ROWS if "/" in row["photo"]}

    assert named == samples
    assert {len(bytes.fromhex(row["photo"])) * 2 for row in ROWS if row["photo"] not in named} == {DIGITS}


def test_phrases_are_labelled():
    assert set(PHRASES.values()) <= {entry["phrase"] for entry in json.loads(PHOTO_LABELS.read_text())}


def test_a_rule_is_kept_only_where_held_out_photos_bear_it_out():
    separable = pairs(np.linspace(-1, 1, 400), np.linspace(-1, 1, 400) > 0)
    noise = pairs(np.random.default_rng(0).normal(size=400), np.arange(400) % 2 == 0)

    assert _borne_out(separable) is not None
    assert _borne_out(noise) is None
    assert _borne_out(pairs(np.zeros(10), np.zeros(10, dtype=bool))) is None


def test_what_is_held_out_is_judged_without_its_group():
    """A group whose photos all score high and show nothing is not told from others by its own labels."""
    scores, shown = np.linspace(-1, 1, 400), np.linspace(-1, 1, 400) > 0
    odd = pairs(np.append(scores, np.full(10, 0.9)), np.append(shown, np.zeros(10, dtype=bool)))
    odd.groups[400:] = ["odd"] * 10

    assert _held_out(odd)[400:].all()


def test_surely_is_the_lower_end_of_wilsons_interval():
    said = np.ones(100, dtype=bool)

    assert _surely(np.arange(100) < 95, said) == pytest.approx(0.8995, abs=2e-3)
