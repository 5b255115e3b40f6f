"""Texts of queries to embeddings: remembered, and encoded together when several searches ask at once."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Condition

import numpy as np
from numpy.typing import NDArray

from venuefinder.protocols import TextEncoder

CACHED_QUERIES = 10_000
BATCH = 64
"""Texts a call of the encoder, at most: a later search waits for no more than that."""


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """A text's embedding `float32 [D]`, unit norm, read-only, and how many tokens it has before it is cut."""

    vector: NDArray[np.float32]
    tokens: int


@dataclass(slots=True, eq=False)
class _Asked:
    """A text that some search waits for, and what became of it."""

    outcome: EncodedQuery | BaseException | None = None

    def result(self) -> EncodedQuery:
        if isinstance(self.outcome, EncodedQuery):
            return self.outcome
        raise self.outcome or RuntimeError("asked for before it was encoded")


class QueryEncoder:
    """Encodes texts of queries, and remembers the last ones. One for a process; thread-safe.

    One thread at a time runs the encoder. Others queue their texts meanwhile, and the first of them to find it free
    encodes what all of them wait for, in one call. An idle encoder starts at once, so nobody waits for company.
    """

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._remembered: OrderedDict[str, EncodedQuery] = OrderedDict()
        self._queued: dict[str, _Asked] = {}
        self._encoding: Mapping[str, _Asked] = {}
        self._changed = Condition()
        """Guards all of the above, and tells when a batch is done."""

    @property
    def encoder(self) -> TextEncoder:
        """The encoder behind the cache."""
        return self._encoder

    def encode(self, query: str) -> EncodedQuery:
        """Return the text's embedding. An encoder's error reaches everyone whose text was in that batch."""
        return self.encode_all([query])[0]

    def encode_all(self, texts: Sequence[str]) -> list[EncodedQuery]:
        """Return the embedding of each text, in their order. Errors as `encode`."""
        with self._changed:
            asked = {text: self._ask(text) for text in texts}
            while any(one.outcome is None for one in asked.values()):
                if self._encoding:
                    self._changed.wait()
                else:
                    self._encode_batch()
        return [asked[text].result() for text in texts]

    def _ask(self, text: str) -> _Asked:
        if remembered := self._remembered.get(text):
            self._remembered.move_to_end(text)
            return _Asked(remembered)
        return self._encoding.get(text) or self._queued.setdefault(text, _Asked())

    def _encode_batch(self) -> None:
        """Encode the texts that wait longest, letting go of the lock meanwhile."""
        batch = dict(islice(self._queued.items(), BATCH))
        self._encoding = batch
        for text in batch:
            del self._queued[text]
        outcomes: Sequence[EncodedQuery | BaseException]
        self._changed.release()
        try:
            outcomes = self._encoded(list(batch))
        except BaseException as error:  # whatever it is: the others must not wait for ever
            outcomes = [error] * len(batch)
        self._changed.acquire()
        self._settle(outcomes)

    def _settle(self, outcomes: Sequence[EncodedQuery | BaseException]) -> None:
        for (text, asked), outcome in zip(self._encoding.items(), outcomes, strict=True):
            asked.outcome = outcome
            if isinstance(outcome, EncodedQuery):
                self._remember(text, outcome)
        self._encoding = {}
        self._changed.notify_all()

    def _encoded(self, texts: list[str]) -> list[EncodedQuery]:
        vectors = self._encoder.encode_texts(texts)
        tokens = self._encoder.count_tokens(texts)
        together = zip(texts, vectors, tokens, strict=True)
        return [EncodedQuery(_alone(vector), count) for _, vector, count in together]

    def _remember(self, text: str, encoded: EncodedQuery) -> None:
        self._remembered[text] = encoded
        while len(self._remembered) > CACHED_QUERIES:
            self._remembered.popitem(last=False)


def _alone(row: NDArray[np.float32]) -> NDArray[np.float32]:
    """Copy a row, so that remembering it does not keep its whole batch, and nobody changes what others get."""
    vector = row.copy()
    vector.flags.writeable = False
    return vector
