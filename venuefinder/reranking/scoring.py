"""What a model says of the candidates' photos, a few venues at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from venuefinder.reranking.order import score_of
from venuefinder.reranking.photos import CandidatePhotos
from venuefinder.reranking.task import RerankTask
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import PhotoInput, Unread, Verdict
from venuefinder.vision.relevance_question import relevance_question

VENUES_AT_ONCE = 8
"""Their photos make one request to the model: enough to be read together, few enough to tell scores soon."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A venue's score in [0, 1] and the photo it is of; None where the model said nothing."""

    external_id: str
    score: float | None = None
    photo_id: int | None = None


class Scoring:
    """Asks a model, which should remember (`kept_readings`), how well photos fit."""

    def __init__(self, photos: CandidatePhotos) -> None:
        self._photos = photos

    def judged(self, task: RerankTask, model: VisionLanguageModel, *, until: float) -> Iterator[Judged]:
        """Yield every candidate, in retrieval's order, as the model gets through them.

        `until`: a moment of `time.monotonic()`. Raises VisionUnavailableError where the model as a whole does not
        answer.
        """
        question = relevance_question(task.text)
        for start in range(0, len(task.candidates), VENUES_AT_ONCE):
            some = task.candidates[start : start + VENUES_AT_ONCE]
            chosen = self._photos.of(some, task.text)
            photos = [photo for of_one in chosen.values() for photo in of_one]
            answers = model.verdicts(photos, [question], until=until) if photos else []
            said = {
                photo.photo_id: answer[0]
                for photo, answer in zip(photos, answers, strict=True)
                if not isinstance(answer, Unread)
            }
            for candidate in some:
                yield _best(candidate.external_id, chosen.get(candidate.external_id, ()), said)


def _best(external_id: str, photos: Sequence[PhotoInput], said: Mapping[int, Verdict]) -> Judged:
    scores = [
        (score, photo.photo_id)
        for photo in photos
        if (verdict := said.get(photo.photo_id)) and (score := score_of(verdict)) is not None
    ]
    if not scores:
        return Judged(external_id)
    score, photo_id = max(scores, key=lambda found: found[0])  # of equal ones the first: it matched the request best
    return Judged(external_id, score, photo_id)
