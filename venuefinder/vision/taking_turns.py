"""A vision-language model that only so many callers use at the same time."""

from collections.abc import Sequence
from threading import BoundedSemaphore

from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import ModelIdentity, PhotoInput, PhotoReport, Unread, Verdict, YesNo

AT_ONCE = 8
"""Each holds a thread of the service while it waits for the model, and searches need some of those forty."""
BUSY = Unread("the vision-language model is busy with other requests; ask again")


class TakingTurns:
    """A `VisionLanguageModel` before another one, which at most `at_once` callers use at the same time. Thread-safe.

    Nobody waits for a turn: whoever comes too many gets every photo back as `Unread`.
    """

    def __init__(self, model: VisionLanguageModel, *, at_once: int = AT_ONCE) -> None:
        self._model = model
        self._turns = BoundedSemaphore(at_once)

    @property
    def identity(self) -> ModelIdentity:
        """Which model reads."""
        return self._model.identity

    def report(self, photos: Sequence[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        """Say what each of N photos shows: N reports."""
        if not self._turns.acquire(blocking=False):
            return [BUSY] * len(photos)
        try:
            return self._model.report(photos, until=until)
        finally:
            self._turns.release()

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Ask every question of each of N photos: N lists, each as long as `questions`."""
        if not self._turns.acquire(blocking=False):
            return [BUSY] * len(photos)
        try:
            return self._model.verdicts(photos, questions, until=until)
        finally:
            self._turns.release()

    def close(self) -> None:
        """Do nothing: the model behind is somebody else's to close."""
