"""What people see of an evaluation in a terminal."""

from collections.abc import Iterator

from venuefinder.evaluation.metrics import Figures
from venuefinder.evaluation.run import Evaluation

COLUMNS = ("questions", "accuracy", "precision", "recall", "F1", "yes ratio")


def evaluation_words(found: Evaluation) -> Iterator[str]:
    """Return an evaluation a line each."""
    yield (
        f"{found.backend} {found.model}: {found.asked:,} of {found.questions:,} questions asked in "
        f"{found.seconds:,.1f} s, {found.unanswered:,} answered by neither yes nor no"
    )
    yield f"{'':20}" + "".join(f"{column:>11}" for column in COLUMNS)
    yield _row("answered", found.answered_only)
    yield _row("unanswered as no", found.unanswered_as_no)
    if found.area_under_roc is not None:
        yield f"by probability, a yes ranks above a no in {found.area_under_roc:.1%} of pairs (chance 50 %)"
    if found.embeddings_area_under_roc is not None:
        share = found.embeddings_area_under_roc
        yield f"by the cosine of the embeddings alone, a yes ranks above a no in {share:.1%} of pairs (chance 50 %)"


def _row(name: str, figures: Figures) -> str:
    shares = (figures.accuracy, figures.precision, figures.recall, figures.f1, figures.yes_ratio)
    return f"{name:20}{figures.questions:>11,}" + "".join(f"{_share(share):>11}" for share in shares)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
