"""How often a text finds its photo: recall in galleries of 100, over folds that divide no book."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from math import comb

import numpy as np
from numpy.typing import NDArray

from venuefinder.encoders.starter_fit.examples import Examples
from venuefinder.encoders.starter_fit.recipe import Classes, Recipe, fit
from venuefinder.encoders.starter_projection import Floats, Projection, read_projection

GALLERY = 100
KS = (1, 5, 10)
FOLDS = 5
STUDENT_T = 2.776
"""97.5 % quantile of Student's t with 4 degrees of freedom: the 95 % interval of a mean over 5 folds."""
REGRESSIONS = [Recipe(ridge=ridge, whitening_power=power) for ridge, power in product((8, 12, 16), (0.15, 0.2, 0.25))]
CONSE_WEIGHTS = (0.15, 0.25, 0.35)
"""What `choose` chooses from: each regression with each of the weights. The optimum is flat."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Share of queries whose photo is among the first k of a gallery, in KS's order, for each of the folds."""

    by_fold: NDArray[np.float64]
    """`[folds, len(KS)]`."""

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean over folds, `[len(KS)]`."""
        return np.asarray(self.by_fold.mean(axis=0))

    @property
    def margin(self) -> NDArray[np.float64]:
        """Half the 95 % interval of the mean, by Student's t over 5 folds, `[len(KS)]`."""
        return np.asarray(STUDENT_T * self.by_fold.std(axis=0, ddof=1) / np.sqrt(len(self.by_fold)))


def recall(photos: Floats, texts: Floats) -> NDArray[np.float64]:
    """Return recall at KS for unit rows `photos [N, D]` and `texts [N, D]`, text i belonging to photo i.

    Exact for galleries of 100 (N if less): the mean over all galleries that could be drawn from the N photos.
    """
    scores = texts @ photos.T
    ahead = (scores >= np.diag(scores)[:, None]).sum(axis=1) - 1
    return np.array([np.mean([_chance(int(better), len(photos), k) for better in ahead]) for k in KS])


@lru_cache(maxsize=100_000)
def _chance(better: int, photos: int, k: int) -> float:
    """Chance that fewer than k of the `better` ones are drawn into the gallery: hypergeometric."""
    others, drawn = photos - 1, min(GALLERY, photos) - 1
    ways = sum(comb(better, hit) * comb(others - better, drawn - hit) for hit in range(min(k, drawn + 1)))
    return ways / comb(others, drawn)


def assign_folds(books: NDArray[np.str_], folds: int = FOLDS) -> NDArray[np.int64]:
    """Give every photo a fold, `[N]`: books, largest first, each to the fold with the fewest photos so far."""
    sizes = [0] * folds
    fold_of = {}
    for book, photos in sorted(Counter(books.tolist()).items(), key=lambda item: (-item[1], item[0])):
        fold_of[book] = sizes.index(min(sizes))
        sizes[fold_of[book]] += photos
    return np.array([fold_of[book] for book in books])


def measure(projection: Projection, examples: Examples) -> dict[str, NDArray[np.float64]]:
    """Return recall at KS with descriptions, their first sentences and printed captions as queries."""
    photos = projection.photos(examples.features, examples.probabilities)
    queries = {"text": examples.texts, "sentence": examples.sentences, "caption": examples.captions}
    return {name: recall(photos, projection.texts(embedded)) for name, embedded in queries.items()}


def cross_validate(examples: Examples, classes: Classes, recipe: Recipe | None) -> dict[str, Recall]:
    """Fit on four folds, measure on the fifth, as it would ship (quantised).

    Without a recipe, each is chosen within its own four folds: the fifth is seen by neither weights nor recipe.
    """
    folds = assign_folds(examples.books)
    measured = []
    for fold in range(FOLDS):
        train, test = examples.where(folds != fold), examples.where(folds == fold)
        projection = fit(train, classes, recipe or choose(train, classes))
        measured.append(measure(read_projection(projection.file), test))
    return {query: Recall(np.array([fold[query] for fold in measured])) for query in measured[0]}


def choose(examples: Examples, classes: Classes) -> Recipe:
    """Return the recipe with the best mean recall at 5 of descriptions and sentences, over folds of books."""
    folds = assign_folds(examples.books)
    scores: dict[Recipe, float] = defaultdict(float)
    for fold in range(FOLDS):
        train, test = examples.where(folds != fold), examples.where(folds == fold)
        for regression in REGRESSIONS:
            projection = fit(train, classes, regression)
            for weight in CONSE_WEIGHTS:
                variant = replace(projection, facts=replace(projection.facts, conse_weight=weight))
                figures = measure(variant, test)
                scores[replace(regression, conse_weight=weight)] += figures["text"][1] + figures["sentence"][1]
    return max(scores, key=lambda recipe: scores[recipe])
