"""How often the starter finds a photo by a text, on photos it was not fitted on.

    python benchmarks/starter_retrieval.py MANIFEST [--held-out MANIFEST ...]

MANIFEST is a CSV of photo, text, source and caption. Its photos are divided into 5 folds that share no book; each fold
is searched by a projection whose weights and recipe were made from the other four. Held-out manifests are searched by
a projection made from the books that they do not draw on. Figures are recall at 1, 5 and 10 in galleries of 100.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from venuefinder.encoders.starter import load_towers
from venuefinder.encoders.starter_fit.classes import imagenet_classes
from venuefinder.encoders.starter_fit.examples import Examples, read_examples
from venuefinder.encoders.starter_fit.recipe import Classes, Recipe, fit
from venuefinder.encoders.starter_fit.retrieval import KS, choose, cross_validate, measure
from venuefinder.encoders.starter_projection import read_projection

NO_PHOTOS = Recipe(photo_weight=0, whitening_power=0, ridge=1, prototype_weight=1)
VARIANTS = {
    "ConSE alone": Recipe(whitening_power=0, conse_weight=1e6, conse_top=10),
    "prototypes + ConSE": NO_PHOTOS,
    "recipe": None,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--held-out", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    towers = load_towers(device="cpu")
    classes = imagenet_classes(towers)
    examples = read_examples(arguments.manifest, towers)
    print(f"{len(examples)} photos of {len(set(examples.books))} books, data {examples.fingerprint[:16]}")
    for name, recipe in VARIANTS.items():
        _print_folds(name, examples, classes, recipe)
    for manifest in arguments.held_out:
        _print_held_out(manifest.parent.name, examples, classes, read_examples(manifest, towers))


def _print_folds(name: str, examples: Examples, classes: Classes, recipe: Recipe | None) -> None:
    for query, recall in cross_validate(examples, classes, recipe).items():
        folds = " ".join(f"{at_5:.2f}" for at_5 in recall.by_fold[:, 1])
        means = "  ".join(
            f"R@{k} {mean:.3f} ±{margin:.3f}" for k, mean, margin in zip(KS, recall.mean, recall.margin, strict=True)
        )
        print(f"{name:20} by {query:9} {means}  R@5 by fold {folds}")


def _print_held_out(name: str, examples: Examples, classes: Classes, held_out: Examples) -> None:
    train = examples.where(~np.isin(examples.books, held_out.books))
    for variant, recipe in VARIANTS.items():
        projection = read_projection(fit(train, classes, recipe or choose(train, classes)).file)
        recall: NDArray[np.float64] = measure(projection, held_out)["text"]
        figures = "  ".join(f"R@{k} {value:.2f}" for k, value in zip(KS, recall, strict=True))
        print(f"{name}, {len(held_out)} photos, fitted on {len(train)} others: {variant:20} {figures}")


if __name__ == "__main__":
    main()
