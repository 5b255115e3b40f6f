"""The model check finds what is wrong with an encoder, and nothing where nothing is."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from tests.checkpoints import write_clip, write_siglip
from venuefinder.doctor.known_photos import DRAWN, SAMPLES, known_photos
from venuefinder.encoders.registry import load_encoder
from venuefinder.model_check import Finding, KnownPhoto, ModelReport, check_model
from venuefinder.protocols import Embeddings, Pixels
from venuefinder.testing import COLOURS, FakeEncoder

PAIRS = [("red", "green"), ("red", "blue"), ("green", "blue"), ("black", "red")]


def mixed(*names: str) -> KnownPhoto:
    colour = np.mean([COLOURS[name] for name in names], axis=0)
    pixels = np.broadcast_to(colour.astype(np.uint8), (40, 60, 3))
    return KnownPhoto("+".join(names), Image.fromarray(pixels), f"a room in {' and '.join(names)}")


PHOTOS = [mixed(name) for name in COLOURS] + [mixed(*pair) for pair in PAIRS]


def failed(report: ModelReport) -> list[str]:
    return [finding.name for finding in report.findings if not finding.passed]


def finding(report: ModelReport, name: str) -> Finding:
    return next(finding for finding in report.findings if finding.name == name)


def test_an_encoder_that_knows_its_photos_passes_with_figures():
    report = check_model(FakeEncoder(views=2), PHOTOS)

    assert failed(report) == []
    assert report.passed
    assert report.figures["right_text_first"] == 1
    assert report.figures["batch_error_photos"] == 0
    assert {"ms_a_photo", "ms_a_text", "norm_error", "mirror_cosine", "beyond_context"} <= report.figures.keys()


def test_texts_that_belong_to_other_photos_fail():
    shifted = [
        KnownPhoto(photo.name, photo.image, other.text)
        for photo, other in zip(PHOTOS, PHOTOS[1:] + PHOTOS[:1], strict=True)
    ]
    report = check_model(FakeEncoder(), shifted)

    assert failed(report) == ["right text first"]
    assert "for 0% of 10 photos (chance 10%, required 75%)" in finding(report, "right text first").found
    assert "fetch the model again" in finding(report, "right text first").remedy


class MixesPhotos(FakeEncoder):
    """Lets each photo of a batch lean towards the others, as a batch norm in training mode does."""

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        vectors = super().encode_prepared(prepared)
        leaning = vectors + 0.1 * vectors.mean(axis=0)
        return leaning / np.linalg.norm(leaning, axis=-1, keepdims=True)


class SeesPadding(FakeEncoder):
    """Lets a text depend on the longest of its batch, as a forgotten attention mask does."""

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        vectors = super().encode_texts(texts).copy()
        vectors[:, 5] += max(len(text) for text in texts) / 100
        return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


class ForgetsNorm(FakeEncoder):
    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        return super().encode_texts(texts) * 3


class ReadsOn(FakeEncoder):
    """Does not cut where its space says."""

    def _cut(self, text: str) -> str:
        return text


class MistakesMirrors(FakeEncoder):
    """Takes a photo whose left is darker than its right for another one."""

    def prepare(self, image: Image.Image) -> Pixels:
        pixels = super().prepare(image)
        return 255 - pixels if pixels[0, :, 0].mean() < pixels[0, :, -1].mean() else pixels


def shaded(photo: KnownPhoto) -> KnownPhoto:
    """The photo with a darker right edge."""
    pixels = np.array(photo.image)
    pixels[:, 45:] = pixels[:, 45:] * 0.9
    return KnownPhoto(photo.name, Image.fromarray(pixels), photo.text)


@pytest.mark.parametrize(
    ("broken", "name", "remedy"),
    [
        (MixesPhotos, "photos alone and in a batch", "mixes the inputs of a batch"),
        (SeesPadding, "texts alone and in a batch", "mixes the inputs of a batch"),
        (ForgetsNorm, "unit norm", "VENUEFINDER_DTYPE=float32"),
        (ReadsOn, "context", "tokenizer"),
        (MistakesMirrors, "mirrored photos", "preprocessing"),
    ],
)
def test_each_broken_promise_is_found(broken, name, remedy):
    report = check_model(broken(), [shaded(photo) for photo in PHOTOS])

    assert name in failed(report)
    assert remedy in finding(report, name).remedy
    assert re.search(r"\d", finding(report, name).found)
    assert not report.passed


def test_half_precision_is_allowed_to_round():
    class Rounds(FakeEncoder):
        def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
            return super().encode_prepared(prepared) + np.float32(0.004 if len(prepared) == 1 else 0)

    assert "photos alone and in a batch" in failed(check_model(Rounds(), PHOTOS))
    assert "photos alone and in a batch" not in failed(check_model(Rounds(), PHOTOS, dtype="float16"))


def test_too_few_photos_prove_nothing():
    with pytest.raises(ValueError, match="found 3, expected at least 8"):
        check_model(FakeEncoder(), PHOTOS[:3])


@pytest.mark.parametrize("write", [write_clip, write_siglip])
def test_random_weights_fail(write, tmp_path):
    """Right shapes, unit norm, batch equals single: only the photos tell that this model was never trained."""
    encoder = load_encoder(f"open_clip:local-dir:{write(tmp_path)}", device="cpu")
    known = known_photos(tmp_path / "no samples")

    report = check_model(encoder, known.photos)

    assert known.kind == "photographs of scikit-image"
    assert failed(report)[0] == "right text first"
    assert report.figures["right_text_first"] < 0.5
    assert {"unit norm", "photos alone and in a batch", "texts alone and in a batch"}.isdisjoint(failed(report))


def test_known_photos_prefer_the_sample_venues(tmp_path):
    for number, name in enumerate(SAMPLES):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (64, 64), (number, 0, 0)).save(tmp_path / name)
    (tmp_path / next(iter(SAMPLES))).write_bytes(b"not a photo")

    known = known_photos(tmp_path)

    assert known.kind == "photos of the sample venues"
    assert [photo.name for photo in known.photos] == list(SAMPLES)[1:]


def test_known_photos_never_leave_the_samples_folder(tmp_path):
    outside = tmp_path / "outside.png"
    Image.new("RGB", (64, 64)).save(outside)
    samples = tmp_path / "samples"
    for name in SAMPLES:
        (samples / name).parent.mkdir(parents=True, exist_ok=True)
        (samples / name).symlink_to(outside)

    assert known_photos(samples).kind != "photos of the sample venues"


def test_without_any_photographs_pictures_are_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr("venuefinder.doctor.known_photos.find_spec", {}.get)

    known = known_photos(tmp_path)

    assert not known.are_photographs
    assert [photo.text for photo in known.photos] == list(DRAWN.values())
    assert len({photo.image.tobytes() for photo in known.photos}) == len(DRAWN)


def test_the_sample_recipe_still_has_the_known_photos():
    from samples.recipe import load_recipe

    files = {
        f"{venue.venue.external_id}/{photo.uri}" for venue in load_recipe() for _, photo in venue.listing().all_photos()
    }

    assert files >= SAMPLES.keys()
