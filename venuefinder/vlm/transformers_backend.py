"""A vision-language model in this process, through transformers."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import isnan
from threading import Lock
from time import monotonic
from typing import TypeVar

from pydantic import ValidationError

from venuefinder.vision.photo_reading import (
    Capabilities,
    ModelIdentity,
    PhotoInput,
    PhotoReport,
    Unread,
    Verdict,
    YesNo,
)
from venuefinder.vlm.batching import Sizes, turns
from venuefinder.vlm.chat import Chat
from venuefinder.vlm.constrained import MAX_NEW_TOKENS, ReportGrammar
from venuefinder.vlm.engine import Branches, Engine
from venuefinder.vlm.loading import LoadedModel, load
from venuefinder.vlm.photo_memory import LATE, PHOTOS, PhotoMemory
from venuefinder.vlm.prefixes import Prefix
from venuefinder.vlm.prompts import PROMPT_VERSION, REPORT, answered_by_yes_or_no
from venuefinder.vlm.proving import prove_prefixes
from venuefinder.vlm.registry import VisionOptions
from venuefinder.vlm.resizing import TokenLimits
from venuefinder.vlm.yes_no import YesNoTokens

Found = TypeVar("Found")

BRANCHES = 64
"""Questions asked at once, at most: copies of 64 prefixes of 330 tokens are 1.2 GB on a 7B model in bfloat16."""
PREPARERS = 2
"""Threads that decode and resize photos ahead of the model."""


class TransformersModel:
    """A model of transformers. It reads each photo once and continues from there, for as long as its cache holds it."""

    def __init__(self, loaded: LoadedModel, options: VisionOptions) -> None:
        limits = TokenLimits(options.min_tokens, options.max_tokens)
        self.identity = _identity(loaded, options)
        self._chat = Chat(loaded.processor, loaded.image_token, limits)
        self._engine = Engine(loaded)
        prove_prefixes(self._chat, self._engine)
        self._yes_no = YesNoTokens(loaded.processor.tokenizer)
        self._grammar = ReportGrammar(loaded.processor.tokenizer, self._engine.vocabulary)
        self._memory = PhotoMemory(self._chat, self._engine, limits, options.prefix_cache_bytes)
        self._branches = Sizes(BRANCHES, self._memory.relieve)
        self._writers = Sizes(PHOTOS, self._memory.relieve)
        self._preparers = ThreadPoolExecutor(PREPARERS, thread_name_prefix="photos-for-the-model")
        self._owner = Lock()
        """Held by the one thread that runs the model or touches the cache."""

    @classmethod
    def load(cls, name: str, options: VisionOptions) -> "TransformersModel":
        """Load a model id of the hub or a local folder; ConfigurationError where it cannot be had whole."""
        return cls(load(name, options), options)

    def report(self, photos: Sequence[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        """Say what each of N photos shows: N reports."""
        suffix = self._chat.suffix(REPORT)
        return self._read(photos, until, len(suffix) + MAX_NEW_TOKENS, lambda found: self._reports(found, suffix))

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Ask every question of each of N photos: N lists, each as long as `questions`."""
        suffixes = [self._chat.suffix(answered_by_yes_or_no(question.text)) for question in questions]
        longest = max(map(len, suffixes), default=0)
        return self._read(photos, until, longest, lambda found: self._verdicts(found, suffixes))

    def close(self) -> None:
        """Let go of the model, its memory and its threads."""
        self._preparers.shutdown(cancel_futures=True)
        with self._owner:
            self._memory.cache.clear()
            self._engine.close()

    def _read(
        self,
        photos: Sequence[PhotoInput],
        until: float | None,
        tokens: int,
        answer: Callable[[Sequence[Prefix]], list[Found]],
    ) -> list[Found | Unread]:
        """Answer for each photo from its prefix, which `tokens` more will follow; in turns, until the time is over."""
        self._engine.check_open()
        results: list[Found | Unread] = [LATE] * len(photos)
        for turn in turns(photos, PHOTOS, lambda photo: self._memory.prepare(photo, until), self._preparers):
            with self._owned(until) as in_time:
                if not in_time:
                    break
                prefixes = self._memory.prefixes([photos[place] for place in turn.places], turn.prepared, tokens)
                answers = iter(answer([prefix for prefix in prefixes if isinstance(prefix, Prefix)]))
            for place, prefix in zip(turn.places, prefixes, strict=True):
                results[place] = prefix if isinstance(prefix, Unread) else next(answers)
        return results

    def _verdicts(self, prefixes: Sequence[Prefix], suffixes: Sequence[tuple[int, ...]]) -> list[list[Verdict]]:
        """Ask every question of every photo, each in a branch of its own."""
        asked = [(prefix, suffix) for prefix in prefixes for suffix in suffixes]
        chances = self._branches.run(asked, lambda some: self._yes_no.probabilities(self._started(some).logits))
        verdicts = [_verdict(chance) for chance in chances]
        each = len(suffixes)
        return [verdicts[row * each : (row + 1) * each] for row in range(len(prefixes))]

    def _reports(self, prefixes: Sequence[Prefix], suffix: tuple[int, ...]) -> list[PhotoReport | Unread]:
        asked = [(prefix, suffix) for prefix in prefixes]
        return [
            _report(text) for text in self._writers.run(asked, lambda some: self._grammar.write(self._started(some)))
        ]

    def _started(self, asked: Sequence[tuple[Prefix, tuple[int, ...]]]) -> Branches:
        return Branches(self._engine, [prefix for prefix, _ in asked], [suffix for _, suffix in asked])

    @contextmanager
    def _owned(self, until: float | None) -> Iterator[bool]:
        """Own the model; False where the time is over before that."""
        held = self._owner.acquire(timeout=-1 if until is None else max(0.0, until - monotonic()))
        try:
            yield held and (until is None or monotonic() < until)
        finally:
            if held:
                self._owner.release()


def _verdict(chance: float) -> Verdict:
    """Return the model's own answer; none where half precision overflowed to what is not a number."""
    return Verdict(None) if isnan(chance) else Verdict(chance >= 0.5, chance)


def _report(text: str | None) -> PhotoReport | Unread:
    if text is None:
        return Unread(f"the model's report was not complete after {MAX_NEW_TOKENS:,} tokens")
    try:
        return PhotoReport.model_validate_json(text)
    except ValidationError as error:
        return Unread(f"the model's report is none: {error.error_count()} of its values are wrong")


def _identity(loaded: LoadedModel, options: VisionOptions) -> ModelIdentity:
    shaping = {
        "backend": "transformers",
        "weights": loaded.weights,
        "tokens": [options.min_tokens, options.max_tokens],
        "dtype": str(loaded.dtype),
        "quantise": options.quantise,
        "prompts": PROMPT_VERSION,
    }
    key = hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()
    can = Capabilities(logprobs=True, json_schema=True, images=True)
    return ModelIdentity(backend="transformers", model=loaded.name, key=key, can=can)
