"""Fakes for the model seams, for our tests and for those of code that builds on VenueFinder. They record calls."""

import hashlib
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

import numpy as np
from PIL import Image

from venuefinder.domain import EmbeddingSpace, ModelFacts
from venuefinder.encoders.checked import checked
from venuefinder.errors import ImageError, VisionUnavailableError
from venuefinder.protocols import Embeddings, Pixels
from venuefinder.vision.photo_reading import (
    Capabilities,
    ModelIdentity,
    PhotoInput,
    PhotoReport,
    Unread,
    Verdict,
    YesNo,
)

Found = TypeVar("Found")

COLOURS = {
    "red": (220, 30, 30),
    "green": (30, 180, 30),
    "blue": (30, 30, 220),
    "yellow": (220, 220, 30),
    "white": (245, 245, 245),
    "black": (10, 10, 10),
}


class FakeEncoder:
    """Understands colours: a text naming a colour is near photos of that colour. Deterministic, no torch."""

    def __init__(self, *, views: int = 1, weights: str = "fake", spec: str = "fake") -> None:
        facts = ModelFacts(image_size=8, resize_mode="squash", views=views, context_length=32, pads_text=False)
        digest = hashlib.sha256(weights.encode()).hexdigest()
        self.space = EmbeddingSpace(encoder=spec, weights=digest, dimension=16, facts=facts)
        self.device = "cpu"
        self.prepared = 0
        self.image_batches: list[int] = []
        self.texts: list[str] = []

    def prepare(self, image: Image.Image) -> Pixels:
        """Squash to 8 x 8: `uint8 [1, 8, 8, 3]`."""
        self.prepared += 1
        return np.asarray(image.convert("RGB").resize((8, 8)), dtype=np.uint8)[None]

    def encode_prepared(self, prepared: Sequence[Pixels]) -> Embeddings:
        """Encode the mean colour: `float32 [N, V, 16]`."""
        self.image_batches.append(len(prepared))
        rows = [self._from_colour(pixels.reshape(-1, 3).mean(axis=0)) for pixels in prepared]
        vectors = np.array(rows, dtype=np.float32).reshape(len(rows), 1, self.space.dimension)
        return checked(np.repeat(vectors, self.space.facts.views, axis=1), self.space, what=f"{len(rows)} photos")

    def encode_images(self, images: Sequence[Image.Image]) -> Embeddings:
        """Prepare, then encode: `float32 [N, V, 16]`."""
        return self.encode_prepared([self.prepare(image) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Embeddings:
        """Encode the colours a text names; other texts get a fixed direction of their own: `float32 [N, 16]`."""
        self.texts.extend(texts)
        rows = [self._from_text(self._cut(text)) for text in texts]
        vectors = np.array(rows, dtype=np.float32).reshape(len(rows), self.space.dimension)
        return checked(vectors, self.space, what=f"{len(rows)} texts")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words, plus a start and an end."""
        return [len(text.split()) + 2 for text in texts]

    def _cut(self, text: str) -> str:
        words = text.split()
        room = self.space.facts.context_length - 2
        return text if len(words) <= room else " ".join(words[:room])

    def _from_colour(self, colour: np.ndarray) -> np.ndarray:
        vector = np.zeros(self.space.dimension)
        vector[:3] = (colour - 127.5) / 127.5
        vector[3] = 0.1
        return vector / np.linalg.norm(vector)

    def _from_text(self, text: str) -> np.ndarray:
        named = [np.array(rgb, dtype=float) for name, rgb in COLOURS.items() if name in text.casefold()]
        if named:
            return self._from_colour(np.mean(named, axis=0))
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).normal(size=self.space.dimension)
        return vector / np.linalg.norm(vector)


class FakeVisionLanguageModel:
    """Sees the mean colour of a photo: reports its name as a thing, and says yes to phrases that name it. No torch."""

    def __init__(self, *, model: str = "fake", has_probabilities: bool = True) -> None:
        key = hashlib.sha256(f"{model}{has_probabilities}".encode()).hexdigest()
        can = Capabilities(logprobs=has_probabilities, json_schema=True, images=True)
        self.identity = ModelIdentity(backend="openai", model=model, key=key, can=can)
        self.reported: list[int] = []
        """Photos read, in order."""
        self.asked: list[tuple[int, str]] = []
        """Photos and questions asked, in order."""
        self.down = False
        """Whether the model does not answer at all."""
        self.closed = False

    def report(self, photos: Sequence[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        """Report each photo's colour among its amenities: N reports."""
        return [self._each(photo, until, self._report) for photo in photos]

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Say yes where a question names the photo's colour, with probability 0.95, else 0.05: N lists.

        Without probabilities graded questions get 0.9 and 0.1.
        """
        return [self._each(photo, until, lambda it: self._verdicts(it, questions)) for photo in photos]

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _each(self, photo: PhotoInput, until: float | None, read: Callable[[PhotoInput], Found]) -> Found | Unread:
        if self.down:
            raise VisionUnavailableError("the fake model is down")
        if until is not None and monotonic() >= until:
            return Unread("not begun in time")
        try:
            return read(photo)
        except ImageError as error:
            return Unread(str(error))

    def _report(self, photo: PhotoInput) -> PhotoReport:
        self.reported.append(photo.photo_id)
        return PhotoReport(setting=("indoors",), amenities=(f"{self._colour(photo)} wall",))

    def _verdicts(self, photo: PhotoInput, questions: Sequence[YesNo]) -> list[Verdict]:
        colour = self._colour(photo)
        self.asked += [(photo.photo_id, question.text) for question in questions]
        right = [colour in question.text.casefold() for question in questions]
        if not self.identity.has_probabilities:
            return [_in_words(yes, question) for yes, question in zip(right, questions, strict=True)]
        return [Verdict(yes, 0.95 if yes else 0.05) for yes in right]

    @staticmethod
    def _colour(photo: PhotoInput) -> str:
        mean = np.asarray(photo.open(10_000).resize((8, 8)), dtype=float).reshape(-1, 3).mean(axis=0)
        return min(COLOURS, key=lambda name: float(np.abs(np.array(COLOURS[name]) - mean).sum()))


def _in_words(yes: bool, question: YesNo) -> Verdict:
    return Verdict(yes, grade=(0.9 if yes else 0.1) if question.graded else None)
