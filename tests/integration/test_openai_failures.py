"""What servers do wrong, and what is made of it: something clear, in time, and nothing lost."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from time import monotonic

import pytest
from pydantic import SecretStr

from tests.chat_servers import Behaviour, ChatTestServer, Exchange, chat_server, said
from tests.seen_photos import corrupt, photo
from venuefinder.errors import VisionUnavailableError
from venuefinder.vision.photo_reading import Capabilities, PhotoReport, Unread, Verdict, YesNo
from venuefinder.vision.relevance_question import relevance_question
from venuefinder.vlm import chat_server as client
from venuefinder.vlm.openai_backend import OpenAIModel
from venuefinder.vlm.patience import FAILED
from venuefinder.vlm.registry import VisionOptions

QUESTION = YesNo("Does this photo show a stage?", "a stage")
PHOTOS = [photo(number, size=(64, 48)) for number in range(3)]
KEY = "sk-sesame-1234"
PATIENT = VisionOptions(min_tokens=4, max_tokens=16, timeout=60, concurrency=4, api_key=SecretStr(KEY))
HASTY = replace(PATIENT, timeout=0.4)
YES = said("yes", first={"yes": -0.1, "no": -3.0})
REPORT = said('{"setting": ["indoors"], "amenities": ["stage"]}')


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch) -> None:
    monkeypatch.setattr(client, "PAUSES", (0.01, 0.01, 0.01))


@contextmanager
def model_of(behave: Behaviour, options: VisionOptions = PATIENT) -> Iterator[tuple[OpenAIModel, ChatTestServer]]:
    with chat_server(behave) as server:
        model = OpenAIModel.of(f"{server.url}#tiny", options)
        try:
            yield model, server
        finally:
            model.close()


def answers(exchange: Exchange) -> None:
    exchange.answer(REPORT if "response_format" in exchange.chat else YES)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave so at each further request, and as the last from then on."""
    return lambda exchange: behaviours[min(exchange.number, len(behaviours)) - 1](exchange)


def fails(status: int, message: str = "", **headers: str) -> Behaviour:
    return lambda exchange: exchange.answer({"error": {"message": message}}, status, **headers)


UNAVAILABLE = {
    "fails": (fails(500, "CUDA error"), r"HTTP 500 \(CUDA error\)"),
    "is overloaded": (fails(503), "HTTP 503"),
    "limits": (fails(429, "slow down", Retry_After="3600"), "HTTP 429 .*wait 3600 seconds"),
    "refuses": (fails(401, f"wrong key {KEY}"), "HTTP 401.*VENUEFINDER_VLM_API_KEY"),
    "forbids": (fails(403), "HTTP 403"),
    "knows no model": (fails(404, "no such model"), "no model 'tiny'.*HTTP 404"),
    "redirects": (fails(307, Location="http://127.0.0.1:1/v1"), "redirects .HTTP 307., which is not followed"),
    "hangs up": (Exchange.drop, r"cannot be reached \(RemoteProtocolError\)"),
}


@pytest.mark.parametrize("name", UNAVAILABLE)
def test_a_server_that_answers_nobody_is_unavailable(name):
    behave, expected = UNAVAILABLE[name]
    with model_of(behave) as (model, server):
        with pytest.raises(VisionUnavailableError, match=expected) as caught:
            model.verdicts(PHOTOS, [QUESTION])
        with pytest.raises(VisionUnavailableError, match=expected):
            model.report(PHOTOS)

    assert KEY not in str(caught.value)
    assert len(server.chats) <= 2 * len(PHOTOS) * (1 + len(client.PAUSES))


ENDLESS = {
    "hangs": lambda exchange: exchange.wait(),
    "drips headers": lambda exchange: exchange.drip(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"a" * 10_000),
    "drips a body": lambda exchange: (
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"),
        exchange.drip(b" "),
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_server_that_never_ends_is_given_up(name):
    """A time limit on each read alone would wait for as long as a byte comes now and then."""
    with model_of(ENDLESS[name], HASTY) as (model, _), pytest.raises(VisionUnavailableError, match=r"within 0\.4 sec"):
        model.verdicts(PHOTOS, [QUESTION])


def test_a_server_that_is_not_there_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    model = OpenAIModel.of(f"http://127.0.0.1:{port}/v1#tiny", PATIENT)

    with pytest.raises(
        VisionUnavailableError, match=rf"tiny at 127\.0\.0\.1:{port} cannot be reached \(ConnectError\)"
    ):
        model.report(PHOTOS)
    model.close()


NO_ANSWERS = {
    "garbage": (lambda it: it.answer(b"\x00\xff garbage"), "no chat completion"),
    "half JSON": (lambda it: it.answer(b'{"choices": [{"message"'), "no chat completion"),
    "deep JSON": (lambda it: it.answer(b"[" * 500_000), "no chat completion"),
    "another schema": (lambda it: it.answer({"results": []}), "no chat completion .choices: missing"),
    "no choice": (lambda it: it.answer({"choices": []}), "no chat completion .choices: too_short"),
    "a page": (lambda it: it.answer(b"<html>", kind="text/html"), "answers with 'text/html', expected application/js"),
    "10 MB": (lambda it: it.answer(b" " * 10_000_000), "larger than 1,000,000 bytes"),
    "what is not zipped": (lambda it: it.answer(b"x" * 100, Content_Encoding="gzip"), "cannot be decompressed"),
    "a refusal": (fails(400, "images are not supported"), "refuses the request .HTTP 400."),
    "an impossible logprob": (lambda it: it.answer(said("yes", first={"yes": 800.0})), "no chat completion"),
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_is_no_answer_leaves_its_photo_unread(name):
    behave, expected = NO_ANSWERS[name]
    with model_of(behave) as (model, _):
        found = model.verdicts(PHOTOS, [QUESTION])

    assert [type(answer) for answer in found] == [Unread] * len(PHOTOS)
    assert_matches(found[0].reason, expected)


NO_REPORTS = {
    "cut short": (said('{"setting": ["ind', finish="length"), "cut short", 1),
    "declined": ({"choices": [{"message": {"content": None, "refusal": "I cannot"}}]}, "declined", 1),
    "filtered": (said("", finish="content_filter"), "declined", 1),
    "chatter": (said("A lovely barn!"), "not of the schema .json_invalid", 2),
    "half": (said('{"setting": ["indoors"'), "not of the schema .json_invalid", 2),
    "another schema": (said('{"rating": 10}'), "not of the schema .rating: extra_forbidden", 2),
    "other words": (said('{"setting": ["on the moon"]}'), "not of the schema .setting.0: literal_error", 2),
    "numbers": (said('{"amenities": ["seats 120"]}'), "not of the schema .amenities.0: string_pattern", 2),
    "control characters": (said('{"amenities": ["st\\u0007age"]}'), "not of the schema", 2),
    "too many": (said('{"layout": ["empty floor", "empty floor", "empty floor"]}'), "layout: too_long", 2),
}


@pytest.mark.parametrize("name", NO_REPORTS)
def test_what_is_no_report_is_refused_after_one_more_try(name):
    answer, expected, asked = NO_REPORTS[name]
    with model_of(lambda exchange: exchange.answer(answer)) as (model, server):
        found = model.report(PHOTOS[:1])

    assert isinstance(found[0], Unread)
    assert_matches(found[0].reason, expected)
    assert len(server.chats) == asked


GOOD_AT_LAST = {
    "failed": fails(500),
    "limited": fails(429, Retry_After="0"),
    "limited until a date": fails(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "limited until no date": fails(503, Retry_After="soon"),
    "hung up": Exchange.drop,
    "said garbage": lambda exchange: exchange.answer(b"garbage"),
}


@pytest.mark.parametrize("name", GOOD_AT_LAST)
def test_what_passes_is_tried_again(name):
    with model_of(in_turn(GOOD_AT_LAST[name], answers)) as (model, server):
        found = model.verdicts(PHOTOS[:1], [QUESTION])

    assert found[0][0].yes is True
    assert len(server.chats) == 2


def test_a_server_that_asks_to_wait_is_waited_for():
    allowed: list[float] = []

    def banning(exchange: Exchange) -> None:
        if not allowed:
            allowed.append(monotonic() + 0.25)
            fails(429, Retry_After="0.3")(exchange)
        else:
            answers(exchange) if monotonic() >= allowed[0] else fails(403)(exchange)

    with model_of(banning) as (model, _):
        assert model.verdicts(PHOTOS[:1], [QUESTION])[0][0].yes is True


def test_probabilities_are_missing_where_the_server_lists_none():
    with model_of(lambda exchange: exchange.answer(said(" No."))) as (model, server):
        assert model.identity.has_probabilities
        found = model.verdicts(PHOTOS[:1], [QUESTION])
        again = model.verdicts(PHOTOS[:1], [QUESTION])

        assert found == again == [[Verdict(yes=False, probability=None)]]
        assert not model.identity.has_probabilities
    assert [chat.get("logprobs") for chat in server.chats] == [True, None]


FITS = relevance_question("a barn")


def graded(grade: str, *, refusing: bool = False) -> Behaviour:
    """A server without log-probabilities, which says so or lists none."""

    def behave(exchange: Exchange) -> None:
        if refusing and "logprobs" in exchange.chat:
            exchange.answer({"error": {"message": REJECTED["logprobs"]}}, 400)
        else:
            exchange.answer(said(grade if "whole number" in exchange.question else "Yes"))

    return behave


@pytest.mark.parametrize("refusing", [False, True])
def test_a_server_without_probabilities_is_asked_for_grades(refusing):
    with model_of(graded("7", refusing=refusing)) as (model, server):
        assert model.identity.can == Capabilities(logprobs=True, json_schema=True, images=True)
        found = model.verdicts(PHOTOS[:2], [FITS, QUESTION])
        before = len(server.chats)
        again = model.verdicts(PHOTOS[:1], [FITS])
        assert model.identity.can == Capabilities(logprobs=False, json_schema=True, images=True)

    assert found == [[Verdict(yes=True, grade=0.7), Verdict(yes=True)]] * 2
    assert again == [[Verdict(yes=True, grade=0.7)]]
    assert len(server.chats) == before + 1
    assert "from 0 (not at all) to 10 (fully)" in server.chats[-1]["messages"][1]["content"][1]["text"]


@pytest.mark.parametrize("painted", ["10/10", "Rated 10 as instructed", "11", "ignore previous instructions: 10"])
def test_what_is_no_grade_says_nothing_and_is_not_asked_for_again(painted):
    with model_of(graded(painted)) as (model, server):
        model.verdicts(PHOTOS[:1], [QUESTION])
        before = len(server.chats)

        assert model.verdicts(PHOTOS[:1], [FITS]) == [[Verdict(None)]]
        assert len(server.chats) == before + 1


def rejecting(feature: str, message: str) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        if feature in exchange.chat:
            exchange.answer({"error": {"message": message}}, 400)
        else:
            answers(exchange) if "logprobs" in exchange.chat else exchange.answer(
                REPORT if "Report" in exchange.question else said("yes")
            )

    return behave


REJECTED = {
    "logprobs": "logprobs are not supported by this model",
    "max_tokens": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    "temperature": "Unsupported value: 'temperature' does not support 0 with this model.",
    "response_format": "json_schema is not available",
}


@pytest.mark.parametrize("feature", REJECTED)
def test_what_a_server_rejects_is_left_out_from_then_on(feature):
    with model_of(rejecting(feature, REJECTED[feature])) as (model, server):
        found = [model.verdicts(PHOTOS[:1], [QUESTION])[0][0].yes for _ in range(2)]
        reports = [model.report(PHOTOS[:1])[0] for _ in range(2)]

    assert found == [True, True]
    assert [type(report) for report in reports] == [PhotoReport] * 2
    assert len([chat for chat in server.chats if feature in chat]) == 1
    assert len(server.chats) == 5


@pytest.mark.parametrize(
    "refusal",
    [
        "/models/qwen is not a multimodal model",
        "Invalid content type. image_url is only supported by certain models.",
        "image input is not supported - hint: you may need to provide the mmproj",
        "This model does not support image input",
    ],
)
def test_a_model_that_takes_no_photos_is_named_once_and_known(refusal):
    with model_of(fails(400, refusal)) as (model, server):
        with pytest.raises(VisionUnavailableError, match="takes no photos; name a vision-language model"):
            model.verdicts(PHOTOS[:1], [QUESTION])

        assert model.identity.can == Capabilities(logprobs=True, json_schema=True, images=False)
    assert len(server.chats) == 1


@pytest.mark.parametrize("refusal", ["this image format is not supported", "broken image", "image too small"])
def test_a_photo_that_is_refused_does_not_make_the_model_blind(refusal):
    with model_of(in_turn(*[fails(400, refusal)] * 4, answers)) as (model, _):
        assert isinstance(model.verdicts(PHOTOS[:1], [QUESTION])[0], Unread)
        assert model.identity.can.images
        assert model.verdicts(PHOTOS[:1], [QUESTION])[0][0].yes is True


def test_a_server_that_ignores_the_schema_gets_it_in_words():
    def ignoring(exchange: Exchange) -> None:
        fenced = '```json\n{"setting": ["indoors"]}\n```'
        exchange.answer(said(fenced if "JSON Schema" in exchange.question else "A lovely barn!"))

    with model_of(ignoring) as (model, server):
        found = [model.report(PHOTOS[:1])[0] for _ in range(2)]

    assert found == [PhotoReport(setting=("indoors",))] * 2
    assert ["response_format" in chat for chat in server.chats] == [True, False, False]


def test_a_refused_photo_does_not_teach_that_the_server_lacks_anything():
    with model_of(in_turn(*[fails(400, "broken image")] * 4, answers)) as (model, server):
        assert isinstance(model.verdicts(PHOTOS[:1], [QUESTION])[0], Unread)
        assert model.verdicts(PHOTOS[:1], [QUESTION])[0][0].probability > 0.9

    assert "logprobs" in server.chats[-1]
    assert "max_tokens" in server.chats[-1]


def test_a_photo_that_fails_harms_no_other(caplog):
    def failing_once(exchange: Exchange) -> None:
        is_first = exchange.chat["messages"][1]["content"][0] == exchange.server.chats[0]["messages"][1]["content"][0]
        fails(500, "this one")(exchange) if is_first else answers(exchange)

    with model_of(failing_once, replace(PATIENT, concurrency=1)) as (model, _):
        found = model.report([*PHOTOS, corrupt(9)])

    assert [type(answer) for answer in found] == [Unread, PhotoReport, PhotoReport, Unread]
    assert found[0].reason == FAILED
    assert "HTTP 500 (this one)" in caplog.text
    assert "its original is gone" in found[3].reason


SECRETIVE = [
    *(
        fails(status, "prompt <request>of another caller</request> at gpu-7.internal")
        for status in (500, 429, 401, 404)
    ),
    fails(400, "maximum context length exceeded by the prompt of gpu-7.internal"),
    fails(400, "no such file: /srv/gpu-7.internal/cache"),
    fails(307, Location="http://gpu-7.internal/v1"),
    lambda exchange: exchange.answer(b"x", kind="text/html"),
    lambda exchange: exchange.answer(b" " * 2_000_000),
    Exchange.drop,
]


@pytest.mark.parametrize("place", range(len(SECRETIVE)))
def test_why_a_photo_was_not_read_tells_neither_where_the_server_is_nor_what_it_said(place):
    """Whoever may read a description reads these reasons; hosts and a server's own words are for the log."""
    with model_of(in_turn(answers, SECRETIVE[place]), replace(PATIENT, concurrency=1)) as (model, server):
        _, *rest = model.verdicts([photo(number, size=(64, 48)) for number in range(6)], [QUESTION])

    host = server.url.removeprefix("http://").partition("/")[0]
    assert rest
    assert all(isinstance(answer, Unread) for answer in rest)
    assert not [answer for answer in rest if host in answer.reason or "gpu-7" in answer.reason]


def test_a_server_that_goes_down_is_soon_let_be():
    many = [photo(number, size=(64, 48)) for number in range(50)]
    with model_of(in_turn(answers, answers, fails(500)), replace(PATIENT, concurrency=2)) as (model, server):
        found = model.report(many)

    read = [answer for answer in found if isinstance(answer, PhotoReport)]
    assert len(read) == 2
    assert "not begun, since the model's server failed on others" in found[-1].reason
    assert len(server.chats) < 30


def test_no_more_requests_run_at_once_than_allowed():
    running, most = set(), []

    def watched(exchange: Exchange) -> None:
        with exchange.server.lock:
            running.add(exchange.number)
            most.append(len(running))
        exchange.server.over.wait(0.02)
        with exchange.server.lock:
            running.discard(exchange.number)
        answers(exchange)

    with model_of(watched, replace(PATIENT, concurrency=3)) as (model, server):
        questions = [YesNo(f"Does this photo show {number}?", str(number)) for number in range(6)]
        found = model.verdicts(PHOTOS, questions)

    assert [len(verdicts) for verdicts in found] == [6, 6, 6]
    assert len(server.chats) == 18
    assert 2 <= max(most) <= 3


def test_what_is_not_begun_in_time_is_said_to_be():
    with model_of(lambda it: (it.server.over.wait(0.2), answers(it)), replace(PATIENT, concurrency=1)) as (
        model,
        server,
    ):
        found = model.report(PHOTOS, until=monotonic() + 0.1)

    assert isinstance(found[0], PhotoReport)
    assert found[1:] == [Unread("not begun in time")] * 2
    assert len(server.chats) == 1


def test_photos_are_not_even_decoded_once_the_time_is_over():
    with model_of(answers) as (model, server):
        found = model.report([*PHOTOS, corrupt(9)], until=monotonic() - 1)

    assert found == [Unread("not begun in time")] * 4
    assert not server.chats


def test_a_closed_model_says_so():
    with model_of(answers) as (model, _):
        model.report(PHOTOS[:1])
        model.close()
        with pytest.raises(VisionUnavailableError, match="closed"):
            model.report(PHOTOS[:1])


def test_closing_waits_for_no_server_that_hangs():
    asked = Event()

    def hangs(exchange: Exchange) -> None:
        asked.set()
        exchange.wait()

    with model_of(hangs) as (model, _), ThreadPoolExecutor(1) as threads:
        reading = threads.submit(model.report, PHOTOS[:1])
        asked.wait(30)
        model.close()  # PATIENT would wait a minute, as long as the server holds

        with pytest.raises(VisionUnavailableError, match="closed"):
            reading.result(30)


def test_the_environments_proxies_are_not_asked(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with model_of(answers) as (model, _):
        assert isinstance(model.report(PHOTOS[:1])[0], PhotoReport)


def test_the_key_is_in_no_representation_and_no_log(caplog):
    caplog.set_level("DEBUG")
    with model_of(answers) as (model, server):
        model.report(PHOTOS[:1])
        shown = [repr(model), repr(vars(model)), repr(model.identity), str(vars(model._server)), caplog.text]

    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert not [text for text in shown if KEY in text]


def assert_matches(text: str, pattern: str) -> None:
    with pytest.raises(ValueError, match=pattern):
        raise ValueError(text)
