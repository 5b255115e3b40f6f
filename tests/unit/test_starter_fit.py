"""The fit of the starter's projection, on small data whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from venuefinder.encoders.starter_fit.examples import Examples, first_sentence, read_examples
from venuefinder.encoders.starter_fit.recipe import Classes, Recipe, fit, ridge, whitening
from venuefinder.encoders.starter_fit.retrieval import Recall, assign_folds, measure, recall
from venuefinder.encoders.starter_projection import SHAPES, read_projection, unit
from venuefinder.errors import EncoderUnavailableError, ListingError

PHOTOS = 200


@pytest.fixture(scope="module")
def random():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def planted():
    """Photos and texts that both show the same 12 hidden numbers, and classes with names of their own."""
    random = np.random.default_rng(7)
    hidden = random.normal(size=(PHOTOS, 12))
    features = (1 + 0.1 * hidden @ random.normal(size=(12, 1280))).clip(0) ** 2
    texts = unit(hidden @ random.normal(size=(12, 384)) + 0.05 * random.normal(size=(PHOTOS, 384)) + 1)
    examples = Examples(
        features=features.astype(np.float32),
        probabilities=random.dirichlet(np.full(1000, 0.1), size=PHOTOS).astype(np.float32),
        texts=texts.astype(np.float32),
        sentences=texts.astype(np.float32),
        captions=texts.astype(np.float32),
        books=np.array([f"book {number % 20}" for number in range(PHOTOS)]),
        fingerprint="f" * 64,
    )
    classes = Classes(rows=random.normal(size=(1000, 1280)), names=unit(random.normal(size=(1000, 384))))
    return examples, classes


@pytest.fixture(scope="module")
def projection(planted):
    return fit(*planted, Recipe())


def test_ridge_recovers_a_planted_map(random):
    truth, inputs = random.normal(size=(6, 3)), random.normal(size=(50, 6))

    solved = ridge([inputs], [inputs @ truth], weights=[1], penalty=1e-9)

    np.testing.assert_allclose(solved, truth, atol=1e-6)


def test_ridge_weighs_its_pairs(random):
    inputs = random.normal(size=(50, 6))
    here, there = random.normal(size=(2, 6, 3))

    solved = ridge([inputs, inputs], [inputs @ here, inputs @ there], weights=[3, 1], penalty=1e-9)

    np.testing.assert_allclose(solved, (3 * here + there) / 4, atol=1e-6)


def test_a_penalty_as_large_as_the_data_halves_the_map():
    solved = ridge([np.eye(4)], [np.eye(4)], weights=[1], penalty=1)

    np.testing.assert_allclose(solved, np.eye(4) / 2)


def test_whitening_by_half_makes_covariance_round(random):
    texts = random.normal(size=(500, 5)) * [1, 2, 3, 4, 5] + 7

    mean, matrix = whitening(texts, power=0.5, floor=0)
    covariance = np.cov((texts - mean) @ matrix, rowvar=False)

    np.testing.assert_allclose(covariance, covariance[0, 0] * np.eye(5), atol=1e-9)
    np.testing.assert_allclose(np.linalg.eigvalsh(matrix).mean(), 1)


def test_whitening_by_zero_changes_nothing(random):
    _, matrix = whitening(random.normal(size=(50, 5)), power=0, floor=0.1)

    np.testing.assert_allclose(matrix, np.eye(5), atol=1e-12)


def test_a_fit_finds_photos_that_it_has_not_seen(planted):
    examples, classes = planted
    seen = np.arange(PHOTOS) < PHOTOS / 2

    figures = measure(fit(examples.where(seen), classes, Recipe()), examples.where(~seen))

    assert figures["text"][1] > 0.9  # by chance 0.05
    assert figures["text"][0] <= figures["text"][1] <= figures["text"][2]


def test_a_fit_on_photos_of_other_texts_finds_nothing(planted):
    examples, classes = planted
    shuffled = replace(examples, texts=examples.texts[::-1], sentences=examples.sentences[::-1])

    assert measure(fit(shuffled, classes, Recipe(caption_weight=0)), examples)["text"][1] < 0.3


def test_conse_alone_is_the_mean_of_class_names(planted):
    examples, classes = planted
    certain = np.eye(1000, dtype=np.float32)[:3]
    projection = fit(examples, classes, Recipe(conse_weight=1e9, conse_top=1, whitening_power=0))

    photos = projection.photos(examples.features[:3], certain)

    np.testing.assert_allclose(photos, unit(classes.names - classes.names.mean(axis=0))[:3], atol=1e-6)


def test_the_same_data_make_the_same_file(planted, projection):
    assert fit(*planted, Recipe()).file == projection.file
    assert len(projection.file) < 1_500_000


def test_a_file_gives_the_projection_back(planted, projection):
    examples, _ = planted
    restored = read_projection(projection.file)

    def photos(projected):
        return projected.photos(examples.features, examples.probabilities)

    assert restored.facts == projection.facts
    assert restored.facts.data == "f" * 64
    assert (photos(restored) * photos(projection)).sum(axis=1).min() > 0.999
    assert (restored.texts(examples.texts) * projection.texts(examples.texts)).sum(axis=1).min() > 0.999


def _without(name):
    return lambda arrays: arrays.pop(name)


def _shortened(name):
    return lambda arrays: arrays.update({name: arrays[name][:-1]})


def _spoiled(name):
    return lambda arrays: arrays.update({name: np.full_like(arrays[name], np.nan)})


@pytest.mark.parametrize("change", [_without("weights"), _shortened("text_mean"), _spoiled("whitening")])
def test_damaged_arrays_are_refused(projection, change):
    arrays = load(projection.file)
    change(arrays)
    facts = projection.file[8:].split(b'"facts":"', 1)[1].split(b'"}', 1)[0].decode().replace('\\"', '"')

    with pytest.raises(EncoderUnavailableError, match=r"my file: found .*; reinstall venuefinder, or fit it again"):
        read_projection(save(arrays, metadata={"facts": facts}), name="my file")


@pytest.mark.parametrize("data", [b"", b"\0" * 100, save({"weights": np.zeros(3)}), b"\xff" * 8 + b"{}"])
def test_other_files_are_refused(data):
    with pytest.raises(EncoderUnavailableError, match="found no starter projection"):
        read_projection(data)


def test_a_later_version_is_refused(projection):
    later = replace(projection, facts=replace(projection.facts, version=2))

    with pytest.raises(EncoderUnavailableError, match=r"found version 2, .* expected version 1"):
        read_projection(later.file)


def test_the_arrays_have_the_shapes_they_say(projection):
    assert {name: getattr(projection, name).shape for name in SHAPES} == SHAPES


def test_folds_divide_no_book_and_are_of_like_size():
    books = np.array([f"book {number}" for number in range(12) for _ in range(number + 1)])
    folds = assign_folds(books)

    assert all(len(set(folds[books == book])) == 1 for book in books)
    assert np.ptp(np.bincount(folds, minlength=5)) <= 3


def test_recall_is_that_of_galleries_drawn_at_random():
    random = np.random.default_rng(3)
    photos = unit(random.normal(size=(160, 16)))
    texts = unit(photos + 0.35 * random.normal(size=(160, 16)))
    scores = texts @ photos.T

    hits = []
    for _ in range(300):
        gallery = random.permutation(160)[:100]
        part = scores[np.ix_(gallery, gallery)]
        ahead = (part > np.diag(part)[:, None]).sum(axis=1)
        hits.append([(ahead < k).mean() for k in (1, 5, 10)])

    np.testing.assert_allclose(recall(photos, texts), np.mean(hits, axis=0), atol=0.005)


def test_a_perfect_encoder_has_recall_one_and_a_constant_one_none():
    alike = np.ones((120, 4)) / 2

    assert recall(np.eye(120), np.eye(120)).tolist() == [1, 1, 1]
    assert recall(alike, alike).tolist() == [0, 0, 0]
    assert recall(np.eye(3), np.roll(np.eye(3), 1, axis=0)).tolist() == [0, 1, 1]


def test_the_interval_is_students():
    spread = Recall(np.array([[0.5], [0.6], [0.7], [0.8], [0.9]]))

    assert spread.mean[0] == pytest.approx(0.7)
    assert spread.margin[0] == pytest.approx(2.776 * 0.15811 / 5**0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("A hall. It is large.", "A hall."),
        ("A hall", "A hall"),
        ("  Seats 1.5 m apart. “Yes”", "Seats 1.5 m apart."),
        ("Who? Me.", "Who?"),
        ("", ""),
    ],
)
def test_first_sentences(text, first):
    assert first_sentence(text) == first


def test_a_manifest_without_a_column_is_refused(tmp_path):
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("photo,words\na.jpg,a hall\n")

    with pytest.raises(
        ListingError, match=r"manifest\.csv:1: found no column text, source; expected photo, text, source"
    ):
        read_examples(manifest, towers=None)


def test_an_empty_field_is_named_by_photo(tmp_path):
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("photo,text,source\na.jpg,a hall,book@1\nb.jpg,,book@1\n")

    with pytest.raises(ListingError, match=r"photo 2: found no text"):
        read_examples(manifest, towers=None)
