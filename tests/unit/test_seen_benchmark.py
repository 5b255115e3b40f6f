"""The benchmarks of what is seen and of the floor: labels of sample photos, scores and measures as stated."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.relevance_floor import NO_FIT, QUERIES, Answered, table, told_apart
from benchmarks.seen_scores import (
    WAYS,
    Vectors,
    above_both,
    above_photo,
    above_phrase,
    above_rival,
    cosine,
    share_beaten,
    standardised,
)
from benchmarks.seen_threshold import HIGHEST, LABELS, Judged, Pairs, answers_of, measures, pairs_of, write_csv
from samples.recipe import load_recipe
from venuefinder.calibrating.evidence import LEAST_PHRASES
from venuefinder.calibrating.labelled_pairs import read_labels

JUDGED = [Judged(**entry) for entry in json.loads(LABELS.read_text())]


def sample_photos() -> list[str]:
    listings = [recipe.listing() for recipe in load_recipe()]
    return sorted(f"{listing.external_id}/{photo.uri}" for listing in listings for _, photo in listing.all_photos())


def test_every_label_names_a_sample_photo_once() -> None:
    photos = set(sample_photos())
    for entry in JUDGED:
        named = [*entry.shown, *entry.unsure]
        assert len(set(named)) == len(named), entry.phrase
        assert set(named) <= photos, entry.phrase


def test_phrases_differ_and_some_are_shown_nowhere() -> None:
    assert len({entry.phrase.casefold() for entry in JUDGED}) == len(JUDGED) >= 60
    nowhere = [entry for entry in JUDGED if not entry.shown]
    assert LEAST_PHRASES < len(nowhere) < len(JUDGED) / 2


def test_the_labels_are_written_as_calibrate_reads_them(tmp_path: Path) -> None:
    names = sample_photos()
    write_csv(tmp_path / "labels.csv", JUDGED, names)

    photos = read_labels(tmp_path / "labels.csv").photos

    assert len(photos) == len(JUDGED) * len(names) - sum(len(entry.unsure) for entry in JUDGED)
    assert sum(pair.shown for pair in photos) == sum(len(entry.shown) for entry in JUDGED)
    with (tmp_path / "labels.csv").open() as file:
        assert next(csv.reader(file)) == ["phrase", "external_id", "uri", "shown"]


def test_unsure_photos_are_left_out() -> None:
    judged = [Judged("pool", ["v/a"], ["v/b"]), Judged("stage", [], [])]
    pairs = pairs_of(np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]), answers_of(judged, ["v/a", "v/b", "v/c"]))
    assert pairs.scores.tolist() == [0.1, 0.3, 0.4, 0.5, 0.6]
    assert pairs.shown.tolist() == [True, False, False, False, False]
    assert pairs.names() == ["0", "0", "1", "1", "1"]


VECTORS = Vectors(
    phrases=np.array([[1, 0], [0, 1]], dtype=np.float32),
    photos=np.array([[[1, 0], [0, 1]], [[0.6, 0.8], [0.8, 0.6]], [[0, 1], [0, 1]]], dtype=np.float32),
    unrelated=np.array([[-1, 0], [0, -1]], dtype=np.float32),
)
COSINES = np.array([[1, 0.8, 0], [1, 0.8, 1]])
UNRELATED = np.array([[0, -0.6, 0], [0, -0.6, -1]])


def test_scores_are_what_they_say() -> None:
    phrase, photo = COSINES.mean(axis=1)[:, None], UNRELATED.mean(axis=0)
    expected = {
        cosine: COSINES,
        above_phrase: COSINES - phrase,
        standardised: (COSINES - phrase) / COSINES.std(axis=1)[:, None],
        share_beaten: np.array([[2, 1, 0], [1, 0, 1]]) / 3,
        above_photo: COSINES - photo,
        above_both: COSINES - phrase - photo,
        above_rival: COSINES - np.array([0, -0.6, 0]) / 2,
    }
    assert set(expected) == set(WAYS.values())
    for way, scores in expected.items():
        np.testing.assert_allclose(way(VECTORS), scores, atol=1e-6)


def test_measures_count_pairs_as_often_as_they_were_drawn() -> None:
    right = np.array([True, False, True] + [False] * 97)
    once, twice = np.ones(100, dtype=np.int64), np.array([1, 2, 1] + [1] * 97)
    assert measures(right, once) == pytest.approx([(1 + 2 / 3) / 2, *(2 / count for count in HIGHEST)])
    average, *shares = measures(right, twice)
    assert average == pytest.approx((1 + 2 / 4) / 2)
    assert shares == pytest.approx([2 / count for count in HIGHEST])


def test_queries_that_nothing_answers_are_not_judged_ones() -> None:
    judged = {entry["query"] for entry in json.loads(QUERIES.read_text())}
    assert len(set(NO_FIT)) == len(NO_FIT) == 30
    assert not judged & set(NO_FIT)


def found(*hits: tuple[float, bool]) -> Answered:
    return Answered(np.array([score for score, _ in hits]), np.array([relevant for _, relevant in hits], dtype=bool))


def test_a_floor_is_judged_by_what_it_keeps_and_folds() -> None:
    fitting = [found((2.0, True), (0.2, False)), found((0.4, False), (0.3, True))]
    hopeless = [found((0.4, False)), found((1.0, False), (-1.0, False))]
    columns = [list(column.cells) for column in table("", fitting, hopeless).columns]
    rows = {row[0]: row[1:] for row in zip(*columns, strict=True)}

    def of(floor: str) -> list[float]:
        return [float(str(cell).split()[0]) for cell in rows[floor]]

    assert of("0.25") == [1.0, 0.5, 1.0, 0.33, 0.0]
    assert of("0.50") == [0.5, 1.0, 0.5, 0.67, 0.5]
    assert "in 50% of pairs" in told_apart(fitting, hopeless)


def test_a_search_without_hits_counts_as_nothing_found() -> None:
    assert "in 100% of pairs" in told_apart([found((0.1, True))], [found()])


def test_pairs_keep_the_phrase_of_each() -> None:
    assert Pairs(np.zeros(2), np.zeros(2, dtype=bool), np.array([3, 14])).names() == ["3", "14"]
