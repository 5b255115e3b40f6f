"""What the `zero-shot` backend says of photos, against photos labelled by eye: precision, recall, coverage.

    python -m benchmarks.attributes [--samples FOLDER] [--photos FOLDER ...] [--manifest MANIFEST] [--write]

`attribute_labels.csv` has photos by the first 16 digits of their file's SHA-256, sample photos by name; `shown` lists
every value of the attribute that the photo shows, and `group` what it comes from: photos of one group are alike, so no
rule is judged on a group that it was fitted on. Labelled by one judge, by eye, before any score was looked at; photos
that people might judge differently were left out. Other attributes are judged by `photo_labels.json`, on sample photos.

MANIFEST is the one that the starter's projection was fitted on: its photos are embedded by projections fitted without
their book. `--photos` are folders of others. `--write` stores the rules that held out photos bear out.
"""

import argparse
import csv
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.attribute_phrases import PHRASES
from samples.build import CACHE, build
from venuefinder.calibrating.evidence import PRECISION, Labels, SeenRule, fit_seen_rule, lower_bound
from venuefinder.calibrating.reliability import held_out_probabilities, held_out_seen
from venuefinder.encoders.starter import StarterEncoder, load_starter, load_towers
from venuefinder.encoders.starter_fit.classes import imagenet_classes
from venuefinder.encoders.starter_fit.examples import read_examples
from venuefinder.encoders.starter_fit.recipe import Recipe, fit
from venuefinder.encoders.starter_fit.retrieval import assign_folds
from venuefinder.encoders.starter_projection import read_projection
from venuefinder.errors import InputError
from venuefinder.images import decode_photo
from venuefinder.vlm import attribute_rules
from venuefinder.vlm.attribute_scores import VALUES, AttributeScores, Named, Scores, prompt_version
from venuefinder.vlm.zero_shot import STANDS_OUT

LABELS = Path(__file__).with_name("attribute_labels.csv")
PHOTO_LABELS = Path(__file__).with_name("photo_labels.json")
RULES = Path(attribute_rules.__file__).with_name(attribute_rules.FILE)
SEEN = 0.8
"""VENUEFINDER_VLM_SEEN's default."""
RIDGE = 12
"""The shipped projection's."""
DIGITS = 16
MAX_PIXELS = 100_000_000


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labelled photos of one value: scores, whether they show it, their groups, and which are of places to hire."""

    scores: Scores
    shown: Labels
    groups: list[str]
    samples: Labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=Path, help="a folder that samples.build made; made anew by default")
    parser.add_argument("--photos", type=Path, nargs="*", default=[])
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--write", action="store_true", help="store the rules")
    arguments = parser.parse_args()
    console = Console(width=150)
    encoder = load_starter(device="cpu")
    with tempfile.TemporaryDirectory() as made:
        samples = arguments.samples or Path(made) / "samples"
        if build(samples, cache=CACHE, console=Console(stderr=True)) != "venues":
            raise InputError(f"{samples}: found stand-ins, expected the sample venues that the labels are of")
        scores = dict(_scored(encoder, {f"{it.parent.name}/{it.name}": it for it in samples.glob("*/*.jpg")}))
    for folder in arguments.photos:
        scores |= _scored(encoder, {_digits(it.read_bytes()): it for it in folder.glob("*.jpg")})
    if arguments.manifest:
        scores |= _scored_without_their_book(arguments.manifest)
    labelled = [*_judged(scores), *_judged_phrases(scores)]
    rules = {named: rule for named, pairs in labelled if (rule := _borne_out(pairs)) is not None}
    console.print(_table(labelled, rules))
    if arguments.write:
        _write(encoder.space.key, rules)


def _scored(encoder: StarterEncoder, photos: dict[str, Path]) -> Iterator[tuple[str, Scores]]:
    scores = AttributeScores(encoder)
    for name, path in photos.items():
        image = decode_photo(path.read_bytes(), max_pixels=MAX_PIXELS).image
        yield name, scores.of(encoder.encode_images([image])[0])


def _scored_without_their_book(manifest: Path) -> dict[str, Scores]:
    towers = load_towers(device="cpu")
    examples, classes = read_examples(manifest, towers), imagenet_classes(towers)
    with manifest.open(encoding="utf-8", newline="") as lines:
        names = [_digits((manifest.parent / row["photo"]).read_bytes()) for row in csv.DictReader(lines)]
    folds, scored = assign_folds(examples.books), {}
    for fold in np.unique(folds):
        projection = read_projection(fit(examples.where(folds != fold), classes, Recipe(ridge=RIDGE)).file)
        scores = AttributeScores(StarterEncoder(towers, projection))
        inside = folds == fold
        photos = projection.photos(examples.features[inside], examples.probabilities[inside]).astype(np.float32)
        for place, photo in zip(np.flatnonzero(inside), photos, strict=True):
            scored[names[place]] = scores.of(photo[None])
    return scored


def _digits(data: bytes) -> str:
    return sha256(data).hexdigest()[:DIGITS]


def _judged(scores: dict[str, Scores]) -> Iterator[tuple[Named, Pairs]]:
    """Yield what the CSV labels. Pictures of no place say nothing of a setting, and are left out of it."""
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["photo"] in scores]
    shown = {row["photo"]: set(row["shown"].split(";")) for row in rows}
    for named in VALUES:
        asked = [row for row in rows if row["attribute"] == named[0] or named[0] == "warnings"]
        if any(named[1] in shown[row["photo"]] and row["attribute"] == named[0] for row in asked):
            yield named, _pairs(named, scores, {row["photo"]: named[1] in shown[row["photo"]] for row in asked}, rows)


def _judged_phrases(scores: dict[str, Scores]) -> Iterator[tuple[Named, Pairs]]:
    """Yield what the phrases of the search's labels tell of other attributes, of the sample photos alone."""
    labels = {entry["phrase"]: entry for entry in json.loads(PHOTO_LABELS.read_text(encoding="utf-8"))}
    for named, phrase in PHRASES.items():
        entry = labels[phrase]
        sure = [name for name in scores if "/" in name and name not in entry["unsure"]]
        yield named, _pairs(named, scores, {name: name in entry["shown"] for name in sure}, [])


def _pairs(named: Named, scores: dict[str, Scores], shown: dict[str, bool], rows: list[dict[str, str]]) -> Pairs:
    groups = {row["photo"]: row["group"] for row in rows}
    return Pairs(
        scores=np.array([scores[photo][VALUES.index(named)] for photo in shown]),
        shown=np.array(list(shown.values())),
        groups=[groups.get(photo) or photo.partition("/")[0] for photo in shown],
        samples=np.array(["/" in photo for photo in shown]),
    )


def _held_out(pairs: Pairs) -> NDArray[np.bool_]:
    """Return which photos are said to show the value by rules that did not see their group."""
    likely = held_out_probabilities(pairs.scores, pairs.shown, pairs.groups) >= SEEN
    return held_out_seen(pairs.scores, pairs.shown, pairs.groups) & likely


def _borne_out(pairs: Pairs) -> SeenRule | None:
    """Return the rule of all the pairs, where held out ones are surely right often enough."""
    try:
        rule, seen = fit_seen_rule(pairs.scores, pairs.shown, pairs.groups), _held_out(pairs)
    except InputError:  # too few, or of one kind
        return None
    return rule if rule is not None and seen.any() and _surely(seen & pairs.shown, seen) >= PRECISION else None


def _surely(right: Labels, said: Labels) -> float:
    """Return the lower end of the precision's Wilson interval, one-sided, 95 %."""
    return float(lower_bound(np.array([right.sum()]), np.array([said.sum()]))[0])


def _table(labelled: list[tuple[Named, Pairs]], rules: dict[Named, SeenRule]) -> Table:
    table = Table(title=f"reported: a score of {STANDS_OUT:g} or a rule; seen: by rules of other groups, held out")
    for column in ("value", "shown", "AUC", "reported right", "recall", "seen right", "surely", "recall", "coverage"):
        table.add_column(column, justify="left" if column == "value" else "right")
    table.add_column("seen right, of sample photos", justify="right")
    for named, pairs in labelled:
        table.add_row(*_row(named, pairs, has_rule=named in rules))
    for attribute in dict.fromkeys(named[0] for named, _ in labelled):
        table.add_row(*_total(attribute, [pairs for named, pairs in labelled if named[0] == attribute]))
    return table


def _row(named: Named, pairs: Pairs, *, has_rule: bool) -> list[str]:
    seen = _held_out(pairs) if has_rule else np.zeros(len(pairs.shown), dtype=bool)
    said = seen if has_rule else pairs.scores >= STANDS_OUT
    right, samples = seen & pairs.shown, seen & pairs.samples
    row = [f"{named[0]}: {named[1]}", f"{pairs.shown.sum()}/{len(pairs.shown)}", _auc(pairs)]
    row += [_share(said & pairs.shown, said), _recall(said, pairs.shown)]
    if not has_rule:
        return [*row, "never", "", "", "", ""]
    return [
        *row,
        _share(right, seen),
        f"{_surely(right, seen):.3f}",
        _recall(seen, pairs.shown),
        f"{seen.mean():.0%}",
        _share(samples & pairs.shown, samples),
    ]


def _total(attribute: str, of_values: list[Pairs]) -> list[str]:
    shown = np.concatenate([pairs.shown for pairs in of_values])
    said = np.concatenate([pairs.scores for pairs in of_values]) >= STANDS_OUT
    total = f"{shown.sum()}/{len(shown)}"
    return [f"all of {attribute} by score alone", total, "", _share(said & shown, said), _recall(said, shown)]


def _share(right: Labels, said: Labels) -> str:
    return f"{right.sum()}/{said.sum()}" + (f" {right.sum() / said.sum():.2f}" if said.any() else "")


def _recall(said: Labels, shown: Labels) -> str:
    return f"{(said & shown).sum() / shown.sum():.2f}" if shown.any() else ""


def _auc(pairs: Pairs) -> str:
    """Return the chance that a photo which shows the value scores higher than one which does not."""
    higher, lower = pairs.scores[pairs.shown], pairs.scores[~pairs.shown]
    return f"{np.mean(higher[:, None] > lower[None]):.2f}" if higher.size and lower.size else ""


def _write(space_key: str, rules: dict[Named, SeenRule]) -> None:
    by_attribute: dict[str, dict[str, dict[str, float]]] = {}
    for (attribute, value), rule in rules.items():
        rounded = {name: round(number, 4) for name, number in asdict(rule).items()}
        by_attribute.setdefault(attribute, {})[value] = rounded
    RULES.write_text(json.dumps({f"{space_key}:{prompt_version()}": by_attribute}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
