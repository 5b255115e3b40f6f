"""A model's answers without its language prior: how likely it is to say yes whatever the photo.

Models see the chairs that a venue ought to have. The same question of a blank photo tells how much of an answer is the
question's own: `P(yes) = sigmoid(logit - logit of the blank photo)`. The idea is of visual contrastive decoding (Leng
et al., CVPR 2024, arXiv:2311.16922), which contrasts with a distorted photo, at weight 1 and for yes and no alone.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from math import exp, log
from threading import Lock
from typing import Final

from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_reading import ModelIdentity, PhotoInput, PhotoReport, Unread, Verdict, YesNo
from venuefinder.vlm.chat import blank

BLANK: Final = PhotoInput(
    photo_id=0,
    content_hash=sha256(blank().tobytes()).digest(),
    width=blank().width,
    height=blank().height,
    open=lambda _pixels: blank(),
)
MOST_QUESTIONS = 4096
"""Questions whose answer of the blank photo is remembered: those asked last."""
MOST_LOG_ODDS = 30.0
"""What is more certain counts as this: a server may list yes alone, and certainty cannot be subtracted from."""


class WithoutPrior:
    """A `VisionLanguageModel` before another one, which is asked each question of a blank photo too. Thread-safe.

    Where the other gives no probabilities its answers stay as they are: words and grades have no logit.
    """

    def __init__(self, model: VisionLanguageModel) -> None:
        self._model = model
        self._priors: OrderedDict[bytes, Verdict] = OrderedDict()
        self._lock = Lock()

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is: another than the same one with its prior."""
        identity = self._model.identity
        key = sha256(f"{identity.key} without prior".encode()).hexdigest()
        return replace(identity, model=f"{identity.model} without prior", key=key)

    def report(self, photos: Sequence[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        """Say what each of N photos shows: N reports, which have no prior to do without."""
        return self._model.report(photos, until=until)

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Ask every question of each of N photos, and what is new of the blank one: N lists."""
        if not photos or not questions or not self._model.identity.can.logprobs:
            return self._model.verdicts(photos, questions, until=until)
        priors = self._of_blank(questions, until)
        if isinstance(priors, Unread):
            return [priors] * len(photos)
        answers = self._model.verdicts(photos, questions, until=until)
        return [
            said
            if isinstance(said, Unread)
            else [without_prior(one, priors[question.key]) for one, question in zip(said, questions, strict=True)]
            for said in answers
        ]

    def close(self) -> None:
        """Let go of the model."""
        self._model.close()

    def _of_blank(self, questions: Sequence[YesNo], until: float | None) -> Mapping[bytes, Verdict] | Unread:
        """Return what the model says of the blank photo, by question."""
        asked = {question.key: question for question in questions}
        known = self._remembered(asked)
        new = [question for key, question in asked.items() if key not in known]
        if not new:
            return known
        [said] = self._model.verdicts([BLANK], new, until=until)
        if isinstance(said, Unread):
            return said
        found = {question.key: verdict for question, verdict in zip(new, said, strict=True)}
        self._remember(found)
        return known | found

    def _remembered(self, keys: Mapping[bytes, YesNo]) -> dict[bytes, Verdict]:
        with self._lock:
            known = {key: self._priors[key] for key in keys if key in self._priors}
            for key in known:
                self._priors.move_to_end(key)
            return known

    def _remember(self, found: Mapping[bytes, Verdict]) -> None:
        with self._lock:
            self._priors.update(found)
            while len(self._priors) > MOST_QUESTIONS:
                self._priors.popitem(last=False)


def without_prior(verdict: Verdict, blank: Verdict) -> Verdict:
    """Return a verdict without what the blank photo's says already; none where that has no probability."""
    if verdict.probability is None:
        return verdict
    if blank.probability is None:
        return Verdict(None)
    chance = 1 / (1 + exp(_log_odds(blank.probability) - _log_odds(verdict.probability)))
    return Verdict(chance >= 0.5, chance)


def _log_odds(probability: float) -> float:
    if probability in (0, 1):
        return MOST_LOG_ODDS if probability else -MOST_LOG_ODDS
    return max(-MOST_LOG_ODDS, min(MOST_LOG_ODDS, log(probability / (1 - probability))))
