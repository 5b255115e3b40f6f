"""Does an encoder do what its name promises? Judged on photos whose right text is known.

Random weights, a wrong tokenizer, forgotten padding or a broken batch give vectors of the right shape and norm. They
show only in what the vectors say.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from venuefinder.domain import EmbeddingSpace
from venuefinder.protocols import Embeddings, Encoder

Floats = NDArray[np.float64]

MIN_PHOTOS = 8
"""With fewer, random weights could pass."""
RIGHT_FIRST = 0.75
"""Share of photos whose own text must be first among all. By chance 12 of 16 come less than once in 10^11 times."""
TOLERANCES = {"float32": 1e-3, "float16": 1e-2, "bfloat16": 3e-2}
"""Largest difference of one value of a unit vector between batch and single, by dtype. float32 leaves room for TF32
convolutions (10 bits of mantissa), which CUDA uses by default."""
NORM_TOLERANCE = 1e-3
MIRROR_COSINE = 0.7
REPEATED = 4
"""Photos that are encoded again, alone and mirrored: enough to see, few enough for large models on a CPU."""
NAMED = 4
"""Missed photos that are named."""
FILLER = "a hall with tables and chairs "


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """An upright RGB photo and the text that describes it better than the other photos' texts do."""

    name: str
    image: Image.Image
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise, kept or not, with what was measured."""

    name: str
    passed: bool
    found: str
    remedy: str
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelReport:
    """All findings of one encoder."""

    space: EmbeddingSpace
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether every promise was kept."""
        return all(finding.passed for finding in self.findings)

    @property
    def figures(self) -> dict[str, float]:
        """Everything measured, by name."""
        return {name: value for finding in self.findings for name, value in finding.figures.items()}


@dataclass(frozen=True, slots=True)
class _Encoded:
    """The known photos `[N, V, D]` and texts `[N, D]`, each encoded in one batch."""

    encoder: Encoder
    photos: Sequence[KnownPhoto]
    images: Embeddings
    texts: Embeddings
    tolerance: float
    required: float

    def best_view(self, images: Embeddings, others: Embeddings) -> Floats:
        """Return the cosine `[N, M]` of each photo's best view with each of `others [M, D]`."""
        best: Floats = (images.astype(np.float64) @ others.astype(np.float64).T).max(axis=1)
        return best


def check_model(
    encoder: Encoder, photos: Sequence[KnownPhoto], *, dtype: str = "float32", required: float = RIGHT_FIRST
) -> ModelReport:
    """Run `encoder` on at least 8 photos whose texts differ.

    `dtype` is what it computes in; `required` the share, 0 to 1, of photos whose own text must be first.
    Raises ValueError for fewer photos, and whatever the encoder raises.
    """
    if len(photos) < MIN_PHOTOS:
        raise ValueError(f"known photos: found {len(photos)}, expected at least {MIN_PHOTOS}")
    encoded = _Encoded(
        encoder,
        photos,
        encoder.encode_images([photo.image for photo in photos]),
        encoder.encode_texts([photo.text for photo in photos]),
        TOLERANCES[dtype],
        required,
    )
    judges: tuple[Callable[[_Encoded], Finding], ...] = (
        _right_text_first,
        _unit_norm,
        _photos_alone,
        _texts_alone,
        _context,
        _mirrored,
    )
    return ModelReport(encoder.space, tuple(judge(encoded) for judge in judges))


def _right_text_first(encoded: _Encoded) -> Finding:
    scores = encoded.best_view(encoded.images, encoded.texts)
    right = np.diagonal(scores)
    text_rank, photo_rank = (scores > right[:, None]).sum(axis=1), (scores > right[None, :]).sum(axis=0)
    share, found_photos = float((text_rank == 0).mean()), float((photo_rank == 0).mean())
    missed = [photo.name for photo, rank in zip(encoded.photos, text_rank, strict=True) if rank]
    number = len(encoded.photos)
    found = f"for {share:.0%} of {number} photos (chance {1 / number:.0%}, required {encoded.required:.0%})"
    found += f"; the right photo first for {found_photos:.0%} of the texts"
    found += f"; missed: {', '.join(missed[:NAMED])}{', …' * (len(missed) > NAMED)}" if missed else ""
    return Finding(
        "right text first",
        share >= encoded.required,
        found,
        "these are not the weights this model was published with, or its preprocessing or tokenizer is another's; "
        "fetch the model again, complete",
        {"photos": number, "right_text_first": share, "right_photo_first": found_photos},
    )


def _unit_norm(encoded: _Encoded) -> Finding:
    norms = [np.linalg.norm(vectors.astype(np.float64), axis=-1) for vectors in (encoded.images, encoded.texts)]
    off = max(float(np.abs(norm - 1).max()) for norm in norms)
    return Finding(
        "unit norm",
        off <= NORM_TOLERANCE,
        f"off by {off:.1e} at most (allowed {NORM_TOLERANCE:.0e})",
        "set VENUEFINDER_DTYPE=float32",
        {"norm_error": off},
    )


def _photos_alone(encoded: _Encoded) -> Finding:
    alone, seconds = _each(lambda photo: encoded.encoder.encode_images([photo.image])[0], encoded.photos[:REPEATED])
    finding = _same("photos alone and in a batch", alone, encoded.images[:REPEATED], encoded.tolerance)
    return _with_time(finding, "photo", seconds)


def _texts_alone(encoded: _Encoded) -> Finding:
    """Texts of other lengths are padded to another length in the batch: what a mask must undo."""
    alone, seconds = _each(lambda photo: encoded.encoder.encode_texts([photo.text])[0], encoded.photos)
    finding = _same("texts alone and in a batch", alone, encoded.texts, encoded.tolerance)
    return _with_time(finding, "text", seconds)


def _context(encoded: _Encoded) -> Finding:
    """What is beyond the context is cut: it changes nothing, and takes nothing else with it."""
    encoder, facts = encoded.encoder, encoded.encoder.space.facts
    beyond = FILLER * facts.context_length
    counts = encoder.count_tokens(["hall", beyond])
    short, *long = encoder.encode_texts(["hall", beyond + "in red", beyond + "in blue"])
    off = _difference(np.stack(long[:1]), np.stack(long[1:]))
    alone = _difference(encoder.encode_texts(["hall"]), short[None])
    counted = counts[0] <= facts.context_length < counts[1]
    return Finding(
        "context",
        counted and max(off, alone) <= encoded.tolerance,
        f"{facts.context_length} tokens, {'padded to it' if facts.pads_text else 'not padded'}; words beyond it move a "
        f"text by {off:.1e}, a long neighbour moves a short one by {alone:.1e} (allowed {encoded.tolerance:.0e}); "
        f"counted {counts[0]} and {counts[1]} tokens",
        "the tokenizer is another model's; fetch the model's own",
        {"beyond_context": off, "beside_long_text": alone},
    )


def _mirrored(encoded: _Encoded) -> Finding:
    """A photo and its mirror image show the same: nearer to each other than to any other photo."""
    flipped = [photo.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for photo in encoded.photos[:REPEATED]]
    vectors = encoded.encoder.encode_images(flipped)
    own = np.array([encoded.best_view(vectors[[i]], encoded.images[i]).max() for i in range(len(flipped))])
    others = [
        max(encoded.best_view(vectors[[i]], images).max() for j, images in enumerate(encoded.images) if j != i)
        for i in range(len(flipped))
    ]
    nearest, lowest = float((own > np.array(others)).mean()), float(own.min())
    return Finding(
        "mirrored photos",
        nearest == 1 and lowest >= MIRROR_COSINE,
        f"cosine {lowest:.3f} at least with the original (required {MIRROR_COSINE}); nearest to it for {nearest:.0%}",
        "these are not the weights this model was published with, or its preprocessing is another's",
        {"mirror_cosine": lowest},
    )


def _same(name: str, alone: Embeddings, batch: Embeddings, tolerance: float) -> Finding:
    off = _difference(alone, batch)
    return Finding(
        name,
        off <= tolerance,
        f"differ by {off:.1e} at most (allowed {tolerance:.0e})",
        "set VENUEFINDER_DTYPE=float32; if it stays, the model mixes the inputs of a batch and cannot be used",
        {f"batch_error_{name.split()[0]}": off},
    )


def _with_time(finding: Finding, what: str, seconds: float) -> Finding:
    found = f"{finding.found}; {seconds * 1000:,.0f} ms a {what}"
    figures = {**finding.figures, f"ms_a_{what}": seconds * 1000}
    return Finding(finding.name, finding.passed, found, finding.remedy, figures)


def _each(encode: Callable[[KnownPhoto], Embeddings], photos: Sequence[KnownPhoto]) -> tuple[Embeddings, float]:
    """Encode one at a time; return the vectors and the median seconds."""
    vectors, seconds = [], []
    for photo in photos:
        started = time.perf_counter()
        vectors.append(encode(photo))
        seconds.append(time.perf_counter() - started)
    return np.stack(vectors), float(np.median(seconds))


def _difference(left: Embeddings, right: Embeddings) -> float:
    return float(np.abs(left.astype(np.float64) - right.astype(np.float64)).max())
