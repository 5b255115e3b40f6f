"""A vision-language model that remembers: what it read of a photo is kept, and read again only where it is not.

However a reading ends (out of time, a corrupt photo, a model that goes down, kill -9), what was read before is kept.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Protocol

from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import Asked, ModelIdentity, PhotoInput, PhotoReport, Unread, Verdict, YesNo

CHUNK = 16
"""Photos of one call of the model: the most that is lost when the process is killed."""
LATE = Unread("not read in time; ask again")


class Readings(Protocol):
    """Where readings are kept: `store.readings.ReadingRepository`."""

    def reports(self, model: ModelIdentity, photos: Collection[bytes]) -> Mapping[bytes, PhotoReport]:
        """Return what this model reported, by content hash; what was never read is absent."""

    def keep_reports(self, model: ModelIdentity, reports: Mapping[bytes, PhotoReport]) -> None:
        """Store reports by content hash."""

    def verdicts(self, model: ModelIdentity, asked: Collection[Asked]) -> Mapping[Asked, Verdict]:
        """Return what this model answered; what was never asked is absent."""

    def keep_verdicts(
        self, model: ModelIdentity, verdicts: Mapping[Asked, Verdict], *, lifetime: timedelta | None = None
    ) -> None:
        """Store answers, for a while or for as long as their photos."""


class KeptReadings:
    """A `VisionLanguageModel` before another one. Thread-safe.

    What is kept comes whatever the time, so that a moment gone by as `until` asks for just that. `lifetime` is how
    long verdicts are kept, None: as long as their photo. What zero-shot says takes milliseconds: it is neither kept
    nor hurried.
    """

    def __init__(self, model: VisionLanguageModel, readings: Readings, *, lifetime: timedelta | None = None) -> None:
        self._model = model
        self._readings = readings
        self._lifetime = lifetime
        self._instant = model.identity.backend == "zero-shot"

    @property
    def identity(self) -> ModelIdentity:
        """Which model reads."""
        return self._model.identity

    def report(self, photos: Sequence[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        """Say what each of N photos shows: N reports. A content is read once, however often it is given."""
        if self._instant:
            return self._model.report(photos)
        found: dict[bytes, PhotoReport | Unread] = {}
        found |= self._readings.reports(self.identity, [photo.content_hash for photo in photos])
        for chunk in _chunks(photo for photo in _by_content(photos) if photo.content_hash not in found):
            reports = [LATE] * len(chunk) if _is_over(until) else self._model.report(chunk, until=until)
            new = {photo.content_hash: report for photo, report in zip(chunk, reports, strict=True)}
            if read := {content: report for content, report in new.items() if isinstance(report, PhotoReport)}:
                self._readings.keep_reports(self.identity, read)
            found |= new
        return [found[photo.content_hash] for photo in photos]

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Ask every question of each of N photos: N lists, each as long as `questions`."""
        if self._instant:
            return self._model.verdicts(photos, questions)
        asked = [(photo.content_hash, question.key) for photo in _by_content(photos) for question in questions]
        found = dict(self._readings.verdicts(self.identity, asked))
        unread: dict[bytes, Unread] = {}
        for missing, due in _due(photos, questions, found).items():
            for chunk in _chunks(due):
                unread |= self._ask(chunk, missing, found, until)
        return [
            unread.get(photo.content_hash) or [found[photo.content_hash, question.key] for question in questions]
            for photo in photos
        ]

    def _ask(
        self, chunk: Sequence[PhotoInput], questions: Sequence[YesNo], found: dict[Asked, Verdict], until: float | None
    ) -> dict[bytes, Unread]:
        """Add answers to `found`, and keep them; return why there are none of other photos, by content hash."""
        answers = [LATE] * len(chunk) if _is_over(until) else self._model.verdicts(chunk, questions, until=until)
        new: dict[Asked, Verdict] = {}
        unread: dict[bytes, Unread] = {}
        for photo, said in zip(chunk, answers, strict=True):
            if isinstance(said, Unread):
                unread[photo.content_hash] = said
            else:
                new |= {(photo.content_hash, it.key): verdict for it, verdict in zip(questions, said, strict=True)}
        if new:
            self._readings.keep_verdicts(self.identity, new, lifetime=self._lifetime)
        found |= new
        return unread

    def close(self) -> None:
        """Do nothing: the model behind is somebody else's to close."""


def _by_content(photos: Sequence[PhotoInput]) -> list[PhotoInput]:
    """Return the first photo of each content."""
    first: dict[bytes, PhotoInput] = {}
    for photo in photos:
        first.setdefault(photo.content_hash, photo)
    return list(first.values())


def _due(
    photos: Sequence[PhotoInput], questions: Sequence[YesNo], found: Mapping[Asked, Verdict]
) -> dict[tuple[YesNo, ...], list[PhotoInput]]:
    """Return the photos that lack answers, by the questions they lack."""
    due: dict[tuple[YesNo, ...], list[PhotoInput]] = defaultdict(list)
    for photo in _by_content(photos):
        if missing := tuple(question for question in questions if (photo.content_hash, question.key) not in found):
            due[missing].append(photo)
    return due


def _chunks(photos: Iterable[PhotoInput]) -> Iterator[Sequence[PhotoInput]]:
    all_ = list(photos)
    return (all_[start : start + CHUNK] for start in range(0, len(all_), CHUNK))


def _is_over(until: float | None) -> bool:
    return until is not None and monotonic() >= until
