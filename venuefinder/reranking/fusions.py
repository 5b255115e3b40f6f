"""What is known of the model's use: how its score and retrieval's become one, and whether that lifts results."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Protocol

from venuefinder.calibrating.fusion import MeasuredFusion
from venuefinder.reranking.task import RerankTask
from venuefinder.vision.photo_reading import ModelIdentity

TRUSTED_SECONDS = 10.0
"""How long what was read is trusted before it is read again, as of the space in a search."""


class FusionStore(Protocol):
    """Where fusions are kept: `store.fusions.FusionRepository`."""

    def of_space(self, space_key: str, *, photos: int) -> Mapping[str, MeasuredFusion]:
        """Return the fusions of a space for so many photos a venue, by the model's key."""


class Fusions:
    """The fusions of one space, remembered for a moment. Thread-safe."""

    def __init__(self, store: FusionStore, space_key: Callable[[], str], *, photos: int, setting: str) -> None:
        """`photos` a venue at most; `setting`: SHA-256 of that which names the model."""
        self._store = store
        self._space_key = space_key
        self._photos = photos
        self._setting = setting
        self._read: tuple[float, Mapping[str, MeasuredFusion]] | None = None

    def may_lift(self, model: ModelIdentity | None) -> bool:
        """Return whether the fused order is surely better than retrieval's.

        Before the model was loaded (None) of whichever was measured under the same setting.
        """
        if model is not None:
            found = self._known().get(model.key)
            return found is not None and found.lift.is_sure
        return any(known.lift.is_sure for known in self._known().values() if known.setting == self._setting)

    def fusing(self, task: RerankTask, model: ModelIdentity) -> Callable[[str, float], float] | None:
        """Return what makes a probability of a venue and the model's score of it.

        None where nothing was fitted for this model, or retrieval's scores are not comparable.
        """
        known = self._known().get(model.key)
        retrieval = {it.external_id: it.retrieval for it in task.candidates if it.retrieval is not None}
        if known is None or len(retrieval) < len(task.candidates):
            return None
        return lambda external_id, score: known.fusion.probability(retrieval[external_id], score)

    def _known(self) -> Mapping[str, MeasuredFusion]:
        read = self._read
        if read is None or monotonic() - read[0] > TRUSTED_SECONDS:
            read = (monotonic(), self._store.of_space(self._space_key(), photos=self._photos))
            self._read = read
        return read[1]
