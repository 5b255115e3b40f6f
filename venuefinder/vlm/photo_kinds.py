"""What kind of photo each is: indoors or outdoors, and which type of room, by the scores of `zero-shot`.

A tag has a probability where a rule was borne out for this very encoder and these very prompts (`attribute_rules`), and
is said only from the rule's threshold and `SURE` on. What no rule was fitted for is a guess where it stands out as far
as `zero-shot` reports it: nobody measured how often that is right.
"""

from hashlib import sha256
from typing import Final

from venuefinder.describing.attribute_prompts import OPPOSITES
from venuefinder.protocols import Embeddings, TextEncoder
from venuefinder.records import Tag
from venuefinder.vlm.attribute_rules import Rules, rules_for
from venuefinder.vlm.attribute_scores import VALUES, AttributeScores, Scores, prompt_version
from venuefinder.vlm.zero_shot import STANDS_OUT

PLACES: Final = tuple(
    place
    for place, (attribute, value) in enumerate(VALUES)
    if attribute == "room_types" or (attribute == "setting" and value in ("indoors", "outdoors"))
)
"""The kinds, by their places in VALUES."""
SURE: Final = 0.8
"""Probability from which on a tag is said: that at which the rules were judged (docs/models/zero-shot.md)."""
MOST_GUESSES: Final = 2


class PhotoKinds:
    """Tells kinds of photos, thread-safe; its prompts are encoded once, when first needed."""

    def __init__(self, encoder: TextEncoder, rules: Rules | None = None) -> None:
        version = prompt_version()
        self._rules = rules_for(encoder.space.key, version) if rules is None else rules
        self._scores = AttributeScores(encoder, opposites={k: v for k, v in OPPOSITES.items() if k in self._rules})
        parts = (version, repr(sorted(self._rules.items())), str((SURE, STANDS_OUT, MOST_GUESSES)), repr(PLACES))
        self.version = sha256("\n".join(parts).encode()).hexdigest()

    def warm(self) -> None:
        """Encode the prompts, which takes seconds where no process did."""
        self._scores.warm()

    def of(self, embeddings: Embeddings) -> list[tuple[Tag, ...]]:
        """Tell the kinds of N photos, `float32 [N, V, D]` unit rows: sure ones first, the likeliest of each first."""
        return [self._tags(scores) for scores in self._scores.of_all(embeddings)]

    def _tags(self, scores: Scores) -> tuple[Tag, ...]:
        sure: list[Tag] = []
        guesses: list[tuple[float, str]] = []
        for place in PLACES:
            rule, name, score = self._rules.get(VALUES[place]), VALUES[place][1], float(scores[place])
            if rule is None:
                guesses += [(score, name)] if score >= STANDS_OUT else []
            elif rule.seen(score) and rule.probability(score) >= SURE:
                sure.append(Tag(name, rule.probability(score)))
        sure.sort(key=lambda tag: -(tag.probability or 0))
        guesses.sort(reverse=True)
        return (*sure, *(Tag(name) for _, name in guesses[:MOST_GUESSES]))
