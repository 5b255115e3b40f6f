"""What a model says of the candidates' photos. A photo is asked a question once, in however many venues it hangs."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from venuefinder.photo_reading import Asked, ModelIdentity, PhotoInput, Unread, Verdict, YesNo
from venuefinder.relevance_question import relevance_question
from venuefinder.reranking.order import score_of
from venuefinder.reranking.photos import CandidatePhotos
from venuefinder.reranking.task import RerankTask
from venuefinder.vision import VisionLanguageModel

VENUES_AT_ONCE = 8
"""Their photos make one request to the model: enough to be read together, few enough to tell scores soon."""
KEPT = timedelta(days=7)
"""How long an answer is kept: searches are strangers' questions, and must not fill the database for ever."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A venue's score in [0, 1] and the photo it is of; None where the model said nothing."""

    external_id: str
    score: float | None = None
    photo_id: int | None = None


class KeptVerdicts(Protocol):
    """What models said before: `store.readings.ReadingRepository`."""

    def verdicts(self, model: ModelIdentity, asked: Collection[Asked]) -> Mapping[Asked, Verdict]:
        """Return what is known, by photo content and question."""

    def keep_verdicts(
        self, model: ModelIdentity, verdicts: Mapping[Asked, Verdict], *, lifetime: timedelta | None = None
    ) -> None:
        """Keep answers for so long."""


class Scoring:
    """Asks a model how well photos fit, and remembers what it said."""

    def __init__(self, photos: CandidatePhotos, kept: KeptVerdicts) -> None:
        self._photos = photos
        self._kept = kept

    def judged(self, task: RerankTask, model: VisionLanguageModel, *, until: float) -> Iterator[Judged]:
        """Yield every candidate, in retrieval's order, as the model gets through them.

        `until`: a moment of `time.monotonic()`. Raises VisionUnavailableError where the model as a whole does not
        answer.
        """
        question = relevance_question(task.text)
        for start in range(0, len(task.candidates), VENUES_AT_ONCE):
            some = task.candidates[start : start + VENUES_AT_ONCE]
            chosen = self._photos.of(some, task.text)
            verdicts = self._verdicts([photo for photos in chosen.values() for photo in photos], question, model, until)
            for candidate in some:
                yield _best(candidate.external_id, chosen.get(candidate.external_id, ()), verdicts)

    def _verdicts(
        self, photos: Sequence[PhotoInput], question: YesNo, model: VisionLanguageModel, until: float
    ) -> dict[bytes, Verdict]:
        """Return verdicts by the photos' content; what could not be read is absent."""
        different = {photo.content_hash: photo for photo in photos}
        kept = self._kept.verdicts(model.identity, [(content, question.key) for content in different])
        known = {content: verdict for (content, _), verdict in kept.items()}
        asked = [photo for content, photo in different.items() if content not in known]
        if not asked:
            return known
        answers = model.verdicts(asked, [question], until=until)
        new = {
            photo.content_hash: answer[0]
            for photo, answer in zip(asked, answers, strict=True)
            if not isinstance(answer, Unread)
        }
        if new:
            stored = {(content, question.key): verdict for content, verdict in new.items()}
            self._kept.keep_verdicts(model.identity, stored, lifetime=KEPT)
        return known | new


def _best(external_id: str, photos: Sequence[PhotoInput], verdicts: Mapping[bytes, Verdict]) -> Judged:
    scores = [
        (score, photo.photo_id)
        for photo in photos
        if (verdict := verdicts.get(photo.content_hash)) and (score := score_of(verdict)) is not None
    ]
    if not scores:
        return Judged(external_id)
    score, photo_id = max(scores, key=lambda found: found[0])  # of equal ones the first: it matched the request best
    return Judged(external_id, score, photo_id)
