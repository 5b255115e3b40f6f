"""The seam to vision-language models: what use cases ask of them. A fake ships in `venuefinder.testing`."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from venuefinder.vision.photo_reading import ModelIdentity, PhotoInput, PhotoReport, Unread, Verdict, YesNo


@runtime_checkable
class VisionLanguageModel(Protocol):
    """Reads photos, and answers questions about them. Thread-safe; how it batches is its own business.

    `until` is a moment of `time.monotonic()`: what was not begun by then comes back as `Unread`; None: no hurry. A
    photo that cannot be decoded or read is `Unread` too, and harms no other. Raises VisionUnavailableError when the
    model as a whole cannot answer: it is down, out of memory even for one photo, or its server refuses.
    """

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""

    def report(self, photos: Sequence[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        """Say what each of N photos shows: N reports."""

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Ask every question of each of N photos: N lists, each as long as `questions`."""

    def close(self) -> None:
        """Let go of memory and connections."""
