"""A rerank's address: ours, whole, and not too old; else nothing is said about it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from venuefinder.errors import NotFoundError
from venuefinder.reranking import token as tokens
from venuefinder.reranking.task import MOST_CANDIDATES, MOST_TEXT, Candidate, RerankTask
from venuefinder.reranking.token import MOST_CHARACTERS, Tokens, secret_of

OURS = Tokens(b"a secret")
TASK = RerankTask(
    text="rustic barn", candidates=(Candidate("a", 7, 1.25), Candidate("b", None)), first_rank=11, unasked=True
)


@given(st.text(max_size=MOST_TEXT), st.integers(1, 2**31))
def test_what_is_signed_is_read(text: str, first_rank: int) -> None:
    task = RerankTask(text=text, candidates=TASK.candidates, first_rank=first_rank)

    assert OURS.read(OURS.sign(task)).task == task


def test_the_longest_task_fits() -> None:
    ids = (f"{number:03}" + "".join(chr(97 + (number * step) % 26) for step in range(197)) for number in range(50))
    candidates = tuple(
        Candidate(external_id, 2**63 - 1 - place, -10.1234 - place) for place, external_id in enumerate(ids)
    )
    task = RerankTask(text="".join(chr(0x4E00 + 37 * place) for place in range(MOST_TEXT)), candidates=candidates)

    assert len(candidates) == MOST_CANDIDATES
    assert len(OURS.sign(task)) < MOST_CHARACTERS


def test_two_of_one_task_differ() -> None:
    assert OURS.read(OURS.sign(TASK)).key != OURS.read(OURS.sign(TASK)).key


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_bit_is_found(place: int, change: int) -> None:
    token = OURS.sign(TASK)
    raw = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[place % len(raw)] ^= change

    with pytest.raises(NotFoundError, match="not one of this service's"):
        OURS.read(urlsafe_b64encode(bytes(raw)).decode())


@pytest.mark.parametrize("text", ["", "a", "ä", "x" * 50_000, "../etc/passwd", "A" * 43])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(NotFoundError, match="search again"):
        OURS.read(text)


def test_another_spelling_of_a_token_is_the_same_task() -> None:
    token = OURS.sign(TASK)

    assert OURS.read(token[:5] + "!.!." + token[5:]).key == OURS.read(token).key


def test_an_old_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token = OURS.sign(TASK)
    now = tokens.time()
    monkeypatch.setattr(tokens, "time", lambda: now + tokens.SECONDS + 2)

    with pytest.raises(NotFoundError, match="too old"):
        OURS.read(token)


def test_processes_with_one_key_read_each_others() -> None:
    token = Tokens(secret_of(SecretStr("key"))).sign(TASK)

    assert Tokens(secret_of(SecretStr("key"))).read(token).task == TASK
    for other in (SecretStr("another"), None):
        with pytest.raises(NotFoundError):
            Tokens(secret_of(other)).read(token)
    with pytest.raises(NotFoundError):
        Tokens(secret_of(None)).read(Tokens(secret_of(None)).sign(TASK))


def test_an_empty_key_signs_nothing_that_others_could() -> None:
    first, second = (Tokens(secret_of(SecretStr(""))) for _ in range(2))

    with pytest.raises(NotFoundError):
        first.read(second.sign(TASK))
