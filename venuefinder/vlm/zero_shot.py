"""The backend without a vision-language model: what search's own embeddings of the photos tell, and no more.

No photo is opened. Modest on purpose: a value is reported when it stands out, and a yes is said only by a rule that was
fitted on labelled photos for this very encoder and these very prompts. It never says no: a photo that looks little like
a phrase is no proof that the thing is not there.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from time import monotonic
from typing import Final, TypeVar

import numpy as np

from venuefinder.describing.attribute_prompts import OPPOSITES
from venuefinder.describing.attribute_questions import question_for
from venuefinder.describing.description import Attribute
from venuefinder.protocols import TextEncoder
from venuefinder.vision.photo_reading import (
    Capabilities,
    ModelIdentity,
    PhotoInput,
    PhotoReport,
    Unread,
    Verdict,
    YesNo,
)
from venuefinder.vlm.attribute_rules import Rules, rules_for
from venuefinder.vlm.attribute_scores import VALUES, AttributeScores, Scores, prompt_version
from venuefinder.vlm.registry import VisionOptions

STANDS_OUT = 3.0
"""Standard deviations from which on a value is reported that no rule was fitted for. Such claims stay unknown."""
UNSURE = Verdict(None)
LATE = "not begun in time; ask again"
PLACES: Final = {question_for(*named): place for place, named in enumerate(VALUES)}
"""Questions that have a score, and its place in VALUES."""
MOST: Final = {name: field["maxItems"] for name, field in PhotoReport.model_json_schema()["properties"].items()}
"""How many values of an attribute a report may name."""
Read = TypeVar("Read")


class ZeroShot:
    """Describes photos by their embeddings. Thread-safe; milliseconds a photo once the prompts are encoded."""

    def __init__(self, encoder: TextEncoder, options: VisionOptions) -> None:
        version = prompt_version()
        self._rules: Rules = rules_for(encoder.space.key, version)
        self._scores = AttributeScores(encoder, opposites={k: v for k, v in OPPOSITES.items() if k in self._rules})
        self._space = encoder.space
        self._least = options.seen
        parts = ("zero-shot", encoder.space.key, version, str(STANDS_OUT), str(options.seen), repr(self._rules))
        self.identity = ModelIdentity(
            backend="zero-shot",
            model=encoder.space.name,
            key=sha256("\n".join(parts).encode()).hexdigest(),
            # Only what a rule was fitted for has a probability; reports are made of allowed words alone.
            can=Capabilities(logprobs=False, json_schema=True, images=False),
        )

    def report(self, photos: Sequence[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        """Say what stands out in each of N photos: N reports."""
        return [self._read(photo, until, self._report) for photo in photos]

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Answer what a rule was fitted for, with its probability; of all else, None."""
        return [
            self._read(photo, until, lambda scores: [self._verdict(scores, one) for one in questions])
            for photo in photos
        ]

    def close(self) -> None:
        """Nothing to let go of: the encoder is the caller's."""

    def _read(self, photo: PhotoInput, until: float | None, read: Callable[[Scores], Read]) -> Read | Unread:
        if until is not None and monotonic() >= until:
            return Unread(LATE)
        found, expected = photo.embeddings, self._space.dimension
        if found is None or not found.size:
            return Unread("not embedded by the encoder that searches; run: venuefinder ingest")
        if found.shape[-1] != expected or not np.isfinite(found).all():
            return Unread(
                f"its embedding has {found.shape[-1]} values, expected {expected} finite ones; ingest it anew"
            )
        return read(self._scores.of(found))

    def _report(self, scores: Scores) -> PhotoReport:
        best: dict[Attribute, list[str]] = {}
        for place in np.argsort(-scores, kind="stable"):
            attribute, value = VALUES[place]
            if self._stands_out(place, scores[place]) and len(best.setdefault(attribute, [])) < MOST[attribute]:
                best[attribute].append(value)
        return PhotoReport.model_validate(best)

    def _stands_out(self, place: int, score: float) -> bool:
        rule = self._rules.get(VALUES[place])
        if rule is None:
            return score >= STANDS_OUT
        return rule.seen(score) and rule.probability(score) >= self._least

    def _verdict(self, scores: Scores, question: YesNo) -> Verdict:
        place = PLACES.get(question)
        rule = None if place is None else self._rules.get(VALUES[place])
        if place is None or rule is None:
            return UNSURE
        score = float(scores[place])
        return Verdict(True if rule.seen(score) else None, rule.probability(score))
