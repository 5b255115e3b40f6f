"""The reranking use case over a search of ours: the same venues in another order, and never worse than retrieval."""

from collections.abc import Iterator, Sequence
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venuefinder.answers import SearchAnswer
from venuefinder.errors import BusyError
from venuefinder.request import SearchRequest
from venuefinder.reranking import Reranking, jobs, rerank
from venuefinder.reranking.job import RerankJob
from venuefinder.reranking.jobs import RerankJobs
from venuefinder.reranking.running import Running
from venuefinder.reranking.scoring import Judged, Scoring
from venuefinder.reranking.task import Candidate, RerankTask
from venuefinder.reranking.token import Tokens
from venuefinder.reranking.worker import RerankWorker
from venuefinder.testing import FakeVisionLanguageModel

SECONDS = 20.0
WAITING = SearchRequest(query="a barn", rerank=True, rerank_wait=SECONDS)
TASK = RerankTask(text="a barn", candidates=(Candidate("a", 1), Candidate("b", 2)))


def answer(count: int, *, first_rank: int = 1) -> SearchAnswer:
    photo = {"uri": "a.jpg", "url": "/v1/photos/1/image", "width": 9, "height": 9}
    hits = [
        {
            "rank": first_rank + place,
            "venue": {"external_id": f"v{place}", "name": f"Venue {place}"},
            "score": 1.0,
            "probability": None,
            "percentile": None,
            "photo": photo | {"id": 100 + place},
        }
        for place in range(count)
    ]
    return SearchAnswer.model_validate(
        {"results": hits, "interpreted": {"text": "a barn", "filters": {}}, "space": "fake", "next_cursor": "c"}
    )


class Given(Scoring):
    """Scores as they are given, by place."""

    def __init__(self, scores: Sequence[float | None]) -> None:
        self._scores = scores

    def judged(self, task: RerankTask, *_: Any, **__: Any) -> Iterator[Judged]:
        for candidate, score in zip(task.candidates, self._scores, strict=True):
            yield Judged(candidate.external_id, score, None if score is None else candidate.photo_id)


def reranked(found: SearchAnswer, scores: Sequence[float | None]) -> SearchAnswer:
    running = Running(lambda: FakeVisionLanguageModel(), lambda: Given(scores))
    reranking = Reranking(lambda _: found, running, backend="openai", secret=b"x")
    try:
        return reranking.answer(WAITING)
    finally:
        reranking.close()


@settings(max_examples=40)
@given(st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=50), st.integers(1, 900))
def test_a_rerank_is_a_permutation_of_the_page(scores: list[float | None], first_rank: int) -> None:
    before = answer(len(scores), first_rank=first_rank)
    after = reranked(before, scores)
    by_id = {hit.venue.external_id: hit for hit in before.results}

    assert [hit.rank for hit in after.results] == [hit.rank for hit in before.results]
    assert {hit.venue.external_id: hit.model_copy(update={"rank": 0}) for hit in after.results} == {
        external_id: hit.model_copy(update={"rank": 0}) for external_id, hit in by_id.items()
    }
    assert after.model_copy(update={"results": [], "rerank": None}) == before.model_copy(update={"results": []})
    assert after.rerank is not None
    ranks = {hit.venue.external_id: hit.rank for hit in after.results}
    assert all(ranks[score.external_id] == score.rank for score in after.rerank.scores)
    assert after.rerank.state == ("failed" if all(score is None for score in scores) else "done")


@settings(max_examples=20)
@given(st.integers(1, 50), st.floats(0, 1))
def test_equal_scores_leave_retrievals_order(count: int, score: float) -> None:
    before = answer(count)

    assert reranked(before, [score] * count).results == before.results


def test_venues_behind_the_fiftieth_keep_their_places() -> None:
    before = answer(60)
    after = reranked(before, [place / 50 for place in range(50)])

    assert [hit.venue.external_id for hit in after.results[:50]] == [f"v{place}" for place in reversed(range(50))]
    assert after.results[50:] == before.results[50:]


def test_who_waits_is_few_so_that_searches_find_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerank, "MOST_WAITING_REQUESTS", 0)

    found = Reranking(lambda _: answer(2), Running(lambda: None, lambda: Given([])), backend="openai", secret=b"x")

    told = found.answer(WAITING).rerank
    assert told is not None
    assert told.state == "late"
    assert "too many requests wait" in (told.reason or "")
    found.close()


def test_words_against_something_are_not_asked() -> None:
    request = SearchRequest.model_validate(
        {"query": "a barn", "query_weight": -1, "images": [{"photo_id": 1}], "rerank": True}
    )
    reranking = Reranking(lambda _: answer(2), Running(lambda: None, lambda: Given([])), backend="openai", secret=b"x")

    told = reranking.answer(request).rerank
    assert told is not None
    assert (told.state, told.stream) == ("unchanged", None)


def test_jobs_are_bounded_and_forgotten_ones_begin_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_KEPT", 2)
    begun: list[RerankJob] = []
    known = RerankJobs(begun.append, Tokens(b"x"))
    addresses = [known.address(TASK) for _ in range(3)]
    first = [known.begin(address) for address in addresses]

    assert known.begin(addresses[2]) is first[2]
    assert known.begin(addresses[0]) is not first[0]
    assert len(begun) == 4


def test_old_jobs_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    known = RerankJobs(lambda _: None, Tokens(b"x"))
    address = known.address(TASK)
    old = known.begin(address)
    old.deadline -= 1_000
    known.begin(known.address(TASK))

    assert known.begin(address) is not old


def test_closing_ends_what_waits_and_what_runs() -> None:
    started, gate = Event(), Event()

    def run(job: RerankJob) -> None:
        started.set()
        while not job.finished:
            gate.wait(0.01)

    worker = RerankWorker(run, most_waiting=1)
    running, waiting = RerankJob(TASK), RerankJob(TASK)
    worker.submit(running)
    assert started.wait(SECONDS)
    worker.submit(waiting)
    with pytest.raises(BusyError, match="1 others wait"):
        worker.submit(RerankJob(TASK))
    worker.close()

    assert running.finished
    assert waiting.finished
    with pytest.raises(BusyError, match="ending"):
        worker.submit(RerankJob(TASK))


def test_a_job_that_waited_too_long_is_not_begun() -> None:
    job = RerankJob(TASK)
    job.deadline = job.deadline - 1_000
    Running(lambda: pytest.fail("the model was asked"), lambda: cast(Scoring, SimpleNamespace())).run(job)

    assert job.failure == "the vision-language model was not done in time; retrieval's order stands"


def test_nothing_is_told_after_the_end() -> None:
    job = RerankJob(TASK)
    job.cancel()
    told = job.events
    job.scored("a", 0.5, 1)
    job.settle(model=None)
    job.end()
    job.fail("again")

    assert job.events == told
    assert job.order is None
