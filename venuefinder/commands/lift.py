"""Measuring in the terminal what reranking lifts."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from venuefinder.bootstrap import Services
from venuefinder.calibrating.labelled_pairs import Labels
from venuefinder.terminal_rerank import lift_words


def measured_lift(services: Services, labels: Labels) -> list[str]:
    """Measure with a progress bar on stderr, on no terminal without; return what was found, a line each.

    Raises InputError where photos are labelled, and what `RerankCalibration.fit` raises.
    """
    pairs = labels.for_reranking()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (TextColumn("queries"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("calibrate", total=None)
        report = services.rerank_calibration.fit(
            pairs, lambda done, queries: progress.update(bar, completed=done, total=queries)
        )
    return list(lift_words(report))
