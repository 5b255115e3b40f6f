"""Use case: ask a model labelled questions about photos of a folder, and say how right it is."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from venuefinder.errors import ImageError, VisionError
from venuefinder.evaluation.metrics import Answered, Figures, figures, ranking_quality
from venuefinder.evaluation.photo_folder import PhotoFolder
from venuefinder.evaluation.questions import Question
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import Backend, Unread

Progress = Callable[[int, int], None]
"""Told how many questions of how many are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """How right a model is."""

    backend: Backend
    model: str
    questions: int
    """That there were."""
    asked: int
    """Of photos that could be read."""
    unanswered: int
    """Asked, and answered by neither yes nor no."""
    answered_only: Figures
    unanswered_as_no: Figures
    area_under_roc: float | None
    """Of the probabilities of yes; None without them."""
    embeddings_area_under_roc: float | None
    """The same of the cosines of photo and phrase in the space that searches: what a model has to beat. None where
    the photos came without embeddings."""
    seconds: float
    unread: tuple[str, ...]
    """Photos that could not be read or asked, with the reason."""
    stopped: str | None
    """Why the model stopped answering half-way; the figures are of what it answered before."""


def evaluate(
    model: VisionLanguageModel, questions: Sequence[Question], photos: PhotoFolder, progress: Progress
) -> Evaluation:
    """Ask each photo its questions and compare. A photo that cannot be read costs its own questions alone."""
    started = time.perf_counter()
    answers: list[Answered] = []
    unread: list[str] = []
    stopped, done = None, 0
    try:
        for name, asked in _by_photo(questions):
            found = _answers(model, asked, photos, number=done + 1)
            if isinstance(found, Unread):
                unread.append(f"{name}: {found.reason}")
            else:
                answers += found
            done += len(asked)
            progress(done, len(questions))
    except VisionError as error:
        stopped = str(error)
    labels = [each.label for each in answers]
    return Evaluation(
        backend=model.identity.backend,
        model=model.identity.model,
        questions=len(questions),
        asked=len(answers),
        unanswered=sum(each.said is None for each in answers),
        answered_only=figures(answers, unanswered_as_no=False),
        unanswered_as_no=figures(answers, unanswered_as_no=True),
        area_under_roc=ranking_quality([each.probability for each in answers], labels),
        embeddings_area_under_roc=ranking_quality([each.cosine for each in answers], labels),
        seconds=time.perf_counter() - started,
        unread=tuple(unread),
        stopped=stopped,
    )


def _by_photo(questions: Sequence[Question]) -> Iterator[tuple[str, list[Question]]]:
    """Yield each photo once, with its questions; photos in the order of their names."""
    for name, asked in groupby(sorted(questions, key=lambda each: each.image), key=lambda each: each.image):
        yield name, list(asked)


def _answers(
    model: VisionLanguageModel, asked: Sequence[Question], photos: PhotoFolder, *, number: int
) -> list[Answered] | Unread:
    try:
        photo = photos.photo(number, asked[0].image)
    except ImageError as error:
        return Unread(str(error))
    [verdicts] = model.verdicts([photo], [each.yes_no for each in asked])
    if isinstance(verdicts, Unread):
        return verdicts
    cosines = photos.cosines(photo, [each.yes_no.phrase for each in asked])
    return [
        Answered(question.label == "yes", verdict.yes, verdict.probability, cosine)
        for question, verdict, cosine in zip(asked, verdicts, cosines, strict=True)
    ]
