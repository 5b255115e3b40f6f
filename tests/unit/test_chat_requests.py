"""What is asked of servers, and where they may be."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from pydantic import SecretStr

from tests.seen_photos import photo
from venuefinder.errors import ConfigurationError, ImageError
from venuefinder.testing import FakeEncoder
from venuefinder.vision.photo_reading import PhotoReport
from venuefinder.vlm.chat_requests import REPORT_TOKENS, inert, is_overflow, picture, strict_schema
from venuefinder.vlm.openai_backend import OpenAIModel
from venuefinder.vlm.registry import VisionOptions, load_model
from venuefinder.vlm.resizing import TokenLimits
from venuefinder.vlm.retry_after import retry_after
from venuefinder.vlm.served_address import served_model


@pytest.mark.parametrize(
    ("text", "url", "host", "shown"),
    [
        ("http://127.0.0.1:8000/v1#m", "http://127.0.0.1:8000/v1/chat/completions", "127.0.0.1:8000", "m"),
        ("https://api.example/v1/#gpt-4o", "https://api.example/v1/chat/completions", "api.example", "gpt-4o"),
        ("http://vlm:8000/v1#Qwen/Qwen2.5-VL-7B-Instruct", None, "vlm:8000", "Qwen/Qwen2.5-VL-7B-Instruct"),
        ("http://[::1]:8000/v1#/models/models/mine/", None, "[::1]:8000", "mine"),
        ("http://10.1.2.3/v1#C:\\models\\mine", None, "10.1.2.3", "mine"),
    ],
)
def test_addresses(text, url, host, shown):
    found = served_model(text, has_key=True)

    assert url is None or found.url == url
    assert (found.host, found.shown) == (host, shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://127.0.0.1:8000/v1", "found no model"),
        ("http://127.0.0.1:8000/v1#", "found no model"),
        ("http://127.0.0.1:8000/v1#a\nb", "found no model"),
        ("127.0.0.1:8000/v1#m", "found no http or https address|no URL"),
        ("ftp://127.0.0.1/v1#m", "found no http or https address"),
        ("file:///etc/passwd#m", "found no http or https address"),
        ("http:///v1#m", "found no http or https address"),
        ("http://[::1/v1#m", "no URL"),
        ("http://host:99999/v1#m", "the port 99999, expected 1 to 65535"),
        ("https://ann:s3cret@api.example/v1#m", "password in the address.*VENUEFINDER_VLM_API_KEY"),
        ("https://api.example/v1?key=s3cret#m", "found a query"),
    ],
)
def test_addresses_that_are_refused(text, expected):
    with pytest.raises(ConfigurationError, match=expected) as caught:
        served_model(text, has_key=False)

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["api.example", "8.8.8.8", "[2001:4860:4860::8888]"])
def test_a_key_travels_unencrypted_on_the_own_network_alone(host):
    with pytest.raises(ConfigurationError, match=r"unencrypted.*use https"):
        served_model(f"http://{host}/v1#m", has_key=True)

    assert served_model(f"http://{host}/v1#m", has_key=False).model == "m"
    assert served_model(f"https://{host}/v1#m", has_key=True).model == "m"


@pytest.mark.parametrize("host", ["localhost", "vlm", "gpu.local", "192.168.1.9", "127.0.0.2", "[fd00::1]"])
def test_a_key_may_travel_to_a_neighbour(host):
    assert served_model(f"http://{host}:8000/v1#m", has_key=True).host == f"{host}:8000"


def model(spec: str = "http://127.0.0.1:8000/v1#m", **options: Any) -> OpenAIModel:
    return OpenAIModel.of(spec, VisionOptions(**options))


def test_the_identity_changes_with_what_shapes_answers():
    keys = [
        found.identity.key
        for found in (
            model(),
            model("http://127.0.0.1:8001/v1#m"),
            model("http://127.0.0.1:8000/v1#n"),
            model(min_tokens=32),
            model(max_tokens=512),
        )
    ]

    assert len(set(keys)) == len(keys)
    assert model().identity == model(timeout=1, concurrency=1, api_key=SecretStr("other")).identity
    assert (model().identity.backend, model().identity.model) == ("openai", "m")


def test_the_setting_chooses_it(monkeypatch):
    found = load_model("openai:http://127.0.0.1:8000/v1#Qwen/Qwen2.5-VL-7B-Instruct", VisionOptions(), FakeEncoder)

    assert found.identity.model == "Qwen/Qwen2.5-VL-7B-Instruct"


@pytest.mark.parametrize("key", ["line\nbreak", "ключ"])
def test_a_key_that_no_header_can_hold_is_refused_unseen(key):
    with pytest.raises(ConfigurationError, match="VENUEFINDER_VLM_API_KEY") as caught:
        model(api_key=SecretStr(key))

    assert key not in str(caught.value)


def test_a_ribbon_is_refused_and_a_panorama_stays_within_what_processors_take():
    with pytest.raises(ImageError, match="200 times"):
        picture(photo(1, size=(6000, 20)), TokenLimits(4, 256))

    assert picture(photo(1, size=(4000, 21)), TokenLimits(4, 256)).startswith("data:image/png;base64,")


def test_the_schema_has_what_strict_servers_want():
    schema = strict_schema()

    assert schema["required"] == list(PhotoReport.model_fields) == list(schema["properties"])
    assert schema["additionalProperties"] is False
    assert all(set(field) == {"type", "items", "maxItems"} for field in schema["properties"].values())
    assert not [word for word in ("default", "title", "description") if f'"{word}"' in json.dumps(schema)]


def test_the_longest_legal_report_fits_whatever_the_tokens():
    """No token is shorter than a character of ASCII, and nothing else is legal."""
    fields = strict_schema()["properties"].items()
    longest = {
        name: [max(field["items"].get("enum", ["x" * 40]), key=len)] * field["maxItems"] for name, field in fields
    }
    text = json.dumps(longest)

    PhotoReport.model_validate_json(text)
    assert len(text) + 1 <= REPORT_TOKENS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a <|im_end|> b", "a   b"),
        ("a <|im_<|im_end|>end|> b", None),
        ("<start_of_turn>model", " model"),
        ("[INST] do [/INST]", "  do  "),
        ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
        ("<request>a barn</request>", "<request>a barn</request>"),
        ("a [large] barn", "a [large] barn"),
    ],
)
def test_marks_of_control_are_taken_out(text, expected):
    found = inert(text)

    assert expected is None or found == expected
    assert "<|" not in found
    assert "|>" not in found
    assert inert(found) == found


@pytest.mark.parametrize(
    "said",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "Requested token count exceeds the model's maximum context window",
        "context_length_exceeded",
    ],
)
def test_overflows_are_known(said):
    assert is_overflow(said)


@pytest.mark.parametrize("said", ["logprobs are not supported in this context", "Unsupported parameter: 'max_tokens'"])
def test_other_refusals_are_no_overflows(said):
    assert not is_overflow(said)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("3", 3), ("0.5", 0.5), ("-1", None), ("nan", None), ("inf", None), ("soon", None), ("", None)],
)
def test_how_long_a_server_asks_to_wait(header, seconds):
    assert retry_after(header) == seconds


def test_a_date_to_wait_for():
    soon = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)

    assert 3500 < retry_after(soon) <= 3600
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("Wed, 21 Oct 2015 07:28:00 -0000") == 0
