"""Texts to embeddings: remembered, encoded together, once each, and right whoever asks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Condition, Event, Lock, Semaphore

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venuefinder.errors import EncodingError
from venuefinder.searching import query_encoder
from venuefinder.searching.query_encoder import BATCH, QueryEncoder
from venuefinder.testing import FakeEncoder

PATIENCE = 30
"""Seconds until a test that waits for another thread gives up."""


class Gated(FakeEncoder):
    """Says when it was called, and answers when it is let; refuses texts with `poison` in them."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.called = Event()
        self.let = Event()
        self._alone = Lock()

    def encode_texts(self, texts):
        assert self._alone.acquire(blocking=False), "two calls at once"
        try:
            self.batches.append(list(texts))
            self.called.set()
            assert self.let.wait(PATIENCE)
            if any("poison" in text for text in texts):
                raise EncodingError("poisoned")
            return super().encode_texts(texts)
        finally:
            self._alone.release()


class Watched(Condition):
    """Counts who waits for the encoder; each has queued its texts before."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = Semaphore(0)

    def wait(self, timeout=None):
        self.waiting.release()
        return super().wait(timeout)


def watched(encoder: FakeEncoder) -> QueryEncoder:
    queries = QueryEncoder(encoder)
    queries._changed = Watched()
    return queries


def queued(queries: QueryEncoder, searches: int) -> None:
    """Wait until so many searches wait for the encoder."""
    for _ in range(searches):
        assert queries._changed.waiting.acquire(timeout=PATIENCE)


@pytest.fixture
def encoder():
    gated = Gated()
    yield gated
    gated.let.set()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(32) as threads:
        yield threads


def test_what_waits_is_encoded_in_one_call(encoder, pool):
    queries = watched(encoder)
    first = pool.submit(queries.encode, "first")
    assert encoder.called.wait(PATIENCE)
    others = [pool.submit(queries.encode_all, [f"text {number}", f"more {number}"]) for number in range(15)]
    queued(queries, 15)
    encoder.let.set()

    expected = FakeEncoder()
    np.testing.assert_array_equal(first.result(PATIENCE).vector, expected.encode_texts(["first"])[0])
    for number, other in enumerate(others):
        texts = [f"text {number}", f"more {number}"]
        vectors = np.stack([encoded.vector for encoded in other.result(PATIENCE)])
        np.testing.assert_array_equal(vectors, expected.encode_texts(texts))
        assert [encoded.tokens for encoded in other.result()] == expected.count_tokens(texts)
    assert [len(batch) for batch in encoder.batches] == [1, 30]


def test_a_batch_has_an_end_and_the_oldest_go_first(encoder, pool):
    queries = watched(encoder)
    first = pool.submit(queries.encode, "first")
    assert encoder.called.wait(PATIENCE)
    texts = [f"text {number}" for number in range(2 * BATCH + 1)]
    rest = pool.submit(queries.encode_all, texts)
    queued(queries, 1)
    encoder.let.set()

    first.result(PATIENCE)
    assert len(rest.result(PATIENCE)) == len(texts)
    assert encoder.batches == [["first"], texts[:BATCH], texts[BATCH : 2 * BATCH], texts[2 * BATCH :]]


def test_one_text_asked_by_many_at_once_is_encoded_once(encoder, pool):
    queries = watched(encoder)
    running = pool.submit(queries.encode, "barn")
    assert encoder.called.wait(PATIENCE)
    same = [pool.submit(queries.encode_all, ["barn", "stage", "barn"]) for _ in range(10)]
    queued(queries, 10)
    encoder.let.set()

    for one in same:
        barn, stage, again = one.result(PATIENCE)
        assert barn is again is running.result(PATIENCE)
        assert stage is same[0].result()[1]
    assert encoder.batches == [["barn"], ["stage"]]


def test_an_error_reaches_all_of_its_batch_and_nobody_else(encoder, pool):
    queries = watched(encoder)
    before = pool.submit(queries.encode, "before")
    assert encoder.called.wait(PATIENCE)
    together = [pool.submit(queries.encode, text) for text in ("poison", "beside", "poison")]
    queued(queries, 3)
    encoder.let.set()

    assert before.result(PATIENCE).tokens == 3
    for one in together:
        with pytest.raises(EncodingError, match="poisoned"):
            one.result(PATIENCE)
    assert queries.encode("beside").tokens == 3
    with pytest.raises(EncodingError, match="poisoned"):
        queries.encode("poison")


def test_an_encoder_that_returns_too_little_is_an_error_and_no_deadlock():
    class Short(FakeEncoder):
        def count_tokens(self, texts):
            return super().count_tokens(texts[1:])

    queries = QueryEncoder(Short())

    for _ in range(2):
        with pytest.raises(ValueError, match="shorter"):
            queries.encode("barn")


def test_16_threads_get_the_right_vectors(pool):
    encoder = FakeEncoder()
    queries = QueryEncoder(encoder)
    texts = [f"text {number % 50}" for number in range(800)]

    found = list(pool.map(queries.encode, texts))

    np.testing.assert_array_equal(np.stack([one.vector for one in found]), FakeEncoder().encode_texts(texts))
    assert sorted(encoder.texts) == sorted(set(texts))


def test_a_remembered_vector_cannot_be_changed():
    vector = QueryEncoder(FakeEncoder()).encode("barn").vector

    assert vector.base is None
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1


def test_nothing_asked_is_nothing_answered():
    assert QueryEncoder(FakeEncoder()).encode_all([]) == []


@settings(max_examples=50)
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=5), max_size=20))
def test_the_cache_forgets_the_least_recently_asked(asked):
    """Compared with a list that is kept in order of use."""
    encoder = FakeEncoder()
    queries = QueryEncoder(encoder)
    remembered: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query_encoder, "CACHED_QUERIES", 3)
        for texts in asked:
            encoder.texts.clear()
            missing = [text for text in dict.fromkeys(texts) if text not in remembered]
            hits = [text for text in texts if text in remembered]
            remembered = [text for text in remembered if text not in hits] + list(_by_last_use(hits)) + missing
            remembered = remembered[-3:]

            answers = queries.encode_all(texts)

            assert encoder.texts == missing
            assert [one.tokens for one in answers] == [3] * len(texts)
            assert list(queries._remembered) == remembered


def _by_last_use(texts):
    return reversed(dict.fromkeys(reversed(texts)))
