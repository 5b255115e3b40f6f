"""From which score on a photo may be said to show a phrase: judged phrases over the sample photos.

    python -m benchmarks.seen_threshold [--samples FOLDER] [--csv FILE]

`photo_labels.json` has, for phrases as venue seekers use them, every sample photo that shows it; those on which people
might differ are `unsure` and left out. About a third of the phrases are shown by no photo. The labels were made by one
judge, by eye, before any score was looked at. Each way to score is fitted as `venuefinder calibrate` does, and judged
on phrases that its threshold was not fitted on; intervals are 95 % bootstrap intervals over phrases. `--csv` writes the
labels as `venuefinder calibrate` reads them.
"""

import argparse
import csv
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.seen_scores import WAYS, Vectors
from samples.build import CACHE, build
from venuefinder.bootstrap import Services
from venuefinder.calibrating.background_queries import BACKGROUND_QUERIES
from venuefinder.calibrating.evidence import PRECISION, Labels, seen_threshold
from venuefinder.calibrating.reliability import (
    brier_score,
    expected_calibration_error,
    held_out_probabilities,
    held_out_seen,
)
from venuefinder.errors import InputError
from venuefinder.images import decode_photo
from venuefinder.settings import load_settings

LABELS = Path(__file__).with_name("photo_labels.json")
PROMPTS = ("{}", "a photo of {}")
HIGHEST = (10, 25, 50, 100)
RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A phrase, the photos that show it and those on which people might differ, each as `venue/uri`."""

    phrase: str
    shown: Sequence[str]
    unsure: Sequence[str]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Judged pairs: each one's score, whether the photo shows the phrase, and the phrase's number."""

    scores: NDArray[np.float64]
    shown: Labels
    phrases: NDArray[np.int64]

    def names(self) -> list[str]:
        """Return each pair's phrase as a name."""
        return [str(number) for number in self.phrases]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, help="a folder that samples.build made; made anew by default")
    parser.add_argument("--csv", type=Path, help="write the labels here, for venuefinder calibrate")
    arguments = parser.parse_args()
    judged = [Judged(**entry) for entry in json.loads(LABELS.read_text())]
    console = Console(width=180)
    with tempfile.TemporaryDirectory() as data:
        folder = arguments.samples or Path(data) / "samples"
        if build(folder, cache=CACHE, console=Console(stderr=True)) != "venues":
            raise InputError(f"{folder}: found stand-ins, expected the sample venues that the labels are of")
        photos = sorted(folder.glob("*/*.jpg"))
        names = [f"{photo.parent.name}/{photo.name}" for photo in photos]
        if arguments.csv:
            write_csv(arguments.csv, judged, names)
        with Services(load_settings().model_copy(update={"data_dir": Path(data)})) as services:
            vectors = {prompt: encoded(services, prompt, judged, photos) for prompt in PROMPTS}
            title = f"{len(judged)} phrases, {len(names)} photos, {services.encoder.space.name}"
    answers = answers_of(judged, names)
    console.print(summary(answers))
    ways = {
        (name, prompt): pairs_of(score(vectors[prompt]), answers) for prompt in PROMPTS for name, score in WAYS.items()
    }
    console.print(table(title, ways))
    console.print(probabilities({prompt: ways["cosine", prompt] for prompt in PROMPTS}))


def write_csv(path: Path, judged: Sequence[Judged], names: Sequence[str]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("phrase", "external_id", "uri", "shown"))
        for entry in judged:
            for name in sorted(set(names) - set(entry.unsure)):
                writer.writerow((entry.phrase, *name.split("/"), int(name in entry.shown)))


def encoded(services: Services, prompt: str, judged: Sequence[Judged], photos: Sequence[Path]) -> Vectors:
    """Encode as ingestion and search do."""
    phrases = services.queries.encode_all([prompt.format(entry.phrase) for entry in judged])
    unrelated = services.queries.encode_all([prompt.format(query) for query in BACKGROUND_QUERIES])
    limit, size = services.settings.max_pixels, services.encoder.space.facts.image_size
    images = (decode_photo(photo.read_bytes(), max_pixels=limit, draft=size).image for photo in photos)
    return Vectors(
        phrases=np.stack([phrase.vector for phrase in phrases]),
        photos=np.concatenate([services.encoder.encode_images([image]) for image in images]),
        unrelated=np.stack([query.vector for query in unrelated]),
    )


def answers_of(judged: Sequence[Judged], names: Sequence[str]) -> NDArray[np.float64]:
    """Return `[P, N]`: 1 where the photo shows the phrase, 0 where not, NaN where unsure."""
    answers = np.array([[name in entry.shown for name in names] for entry in judged], dtype=np.float64)
    answers[np.array([[name in entry.unsure for name in names] for entry in judged])] = np.nan
    return answers


def pairs_of(scores: NDArray[np.float64], answers: NDArray[np.float64]) -> Pairs:
    sure = ~np.isnan(answers)
    return Pairs(scores[sure], answers[sure] == 1, np.nonzero(sure)[0])


def summary(answers: NDArray[np.float64]) -> str:
    sure, shown = ~np.isnan(answers), answers == 1
    return (
        f"{sure.sum():,} pairs, {shown.sum()} of them shown, {(~sure).sum()} more unsure and left out; "
        f"{(~shown.any(axis=1)).sum()} of {len(answers)} phrases are shown by no photo"
    )


def table(title: str, ways: dict[tuple[str, str], Pairs]) -> Table:
    highest = [f"of the highest {count}" for count in HIGHEST]
    shown = Table("score", "phrase as", "average precision", *highest, "fitted", "held out", title=title)
    for (name, prompt), pairs in ways.items():
        shown.add_row(name, prompt, *with_intervals(pairs), fitted(pairs), held_out(pairs))
    shown.caption = f"share shown; fitted: a threshold from which on a share of {PRECISION} is sure"
    return shown


def with_intervals(pairs: Pairs) -> list[str]:
    """Return the measures of a score as found, and their 95 % intervals over phrases drawn anew."""
    order = np.argsort(-pairs.scores, kind="stable")
    right, phrases = pairs.shown[order], pairs.phrases[order]
    random, number = np.random.default_rng(0), phrases.max() + 1
    drawn = (np.bincount(random.integers(0, number, number), minlength=number) for _ in range(RESAMPLES))
    values = [measures(right, times[phrases]) for times in drawn]
    found = measures(right, np.ones(len(right), dtype=np.int64))
    low, high = np.percentile(values, [2.5, 97.5], axis=0)
    return [f"{value:.2f} ({least:.2f} to {most:.2f})" for value, least, most in zip(found, low, high, strict=True)]


def measures(right: Labels, times: NDArray[np.int64]) -> list[float]:
    """Return average precision (Buckley and Voorhees 2000) and the shares shown of the highest pairs.

    right: whether each pair is shown, highest score first; times: how often it counts.
    """
    counted, hits = np.cumsum(times), np.cumsum(times * right)
    precisions = hits / np.maximum(counted, 1)
    places = np.searchsorted(counted, HIGHEST)
    return [float(np.average(precisions, weights=times * right)), *precisions[places]]


def fitted(pairs: Pairs) -> str:
    threshold = seen_threshold(pairs.scores, pairs.shown, pairs.names())
    if threshold is None:
        return "none"
    seen = pairs.scores >= threshold
    return f"{threshold:.3f}: {pairs.shown[seen].sum()} of {seen.sum()}, recall {seen[pairs.shown].mean():.3f}"


def held_out(pairs: Pairs) -> str:
    seen = held_out_seen(pairs.scores, pairs.shown, pairs.names())
    if not seen.any():
        return "nothing is seen"
    return f"{pairs.shown[seen].sum()} of {seen.sum()}, recall {seen[pairs.shown].mean():.3f}"


def probabilities(pairs_as: dict[str, Pairs]) -> Table:
    """Show how far Platt's probabilities of the cosine can be trusted on phrases held out."""
    shown = Table("phrase as", "Brier score", "of always saying the share shown", "expected calibration error")
    for prompt, pairs in pairs_as.items():
        found = held_out_probabilities(pairs.scores, pairs.shown, pairs.names())
        share = pairs.shown.mean()
        errors = (brier_score(found, pairs.shown), share * (1 - share), expected_calibration_error(found, pairs.shown))
        shown.add_row(prompt, *(f"{error:.4f}" for error in errors))
    return shown


if __name__ == "__main__":
    main()
