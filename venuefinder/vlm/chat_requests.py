"""What is asked of an OpenAI-compatible server, and with which of the features that servers differ in."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Literal

from PIL import Image

from venuefinder.vision.photo_reading import PhotoInput, YesNo
from venuefinder.vlm.prompts import REPORT, SYSTEM, answered_by_grade, answered_by_yes_or_no, spelled_out
from venuefinder.vlm.report_schema import report_schema
from venuefinder.vlm.resizing import MAX_ASPECT, TokenLimits, fitted

Feature = Literal["logprobs", "response_format", "temperature", "max_tokens"]
FEATURES: tuple[Feature, ...] = ("logprobs", "response_format", "temperature", "max_tokens")
"""What some servers do not take. `max_tokens` is `max_completion_tokens` to those."""
TOP_LOGPROBS = 20
"""The most that the API gives."""
REPORT_TOKENS = 1536
"""The longest legal report has fewer characters, and no token is shorter than one."""
WORD_TOKENS = 8
"""Of an answer that is read as a word, with room for what some models put around it."""
_CONTROL = re.compile(r"<(?!/?request>)[^<>\s]{1,60}>|<\||\|>|\[/?[A-Z_]{2,40}\]")
"""Servers tokenize what they are sent with their model's own marks, which differ; a request's own two stay."""
_OVERFLOW = re.compile(
    r"context[ _]*(length|window|size|limit)|maximum (model|input|prompt)|max_model_len|too (long|many tokens)", re.I
)
_BLIND = re.compile(
    r"not a (multimodal|vision)|image_url is only supported|image inputs? (is|are) not supported"
    r"|(does|do) not support (image inputs?|images\b|vision)|no endpoints found that support image",
    re.I,
)
"""As vLLM, OpenAI, llama.cpp and brokers of hosted models refuse photos for the model's sake."""


def picture(photo: PhotoInput, limits: TokenLimits) -> str:
    """Return a photo as a data URL: PNG, which loses nothing, at the size that the model sees. Raises ImageError."""
    image = photo.open(limits.max_pixels)
    width, height = fitted(*image.size, limits)
    # Rounding to whole tokens can take a ribbon past what processors accept.
    size = (min(width, MAX_ASPECT * height), min(height, MAX_ASPECT * width))
    resized = image if image.size == size else image.resize(size, Image.Resampling.BICUBIC)
    target = BytesIO()
    resized.save(target, "PNG", compress_level=1)
    return f"data:image/png;base64,{b64encode(target.getvalue()).decode()}"


def verdict_chat(model: str, photo: str, question: YesNo, lacks: frozenset[Feature]) -> dict[str, Any]:
    """Return the chat that asks a question of a photo, a data URL."""
    chat = _chat(model, photo, inert(answered_by_yes_or_no(question.text)))
    if "logprobs" in lacks:
        return _limited(chat, WORD_TOKENS, lacks)
    return _limited({**chat, "logprobs": True, "top_logprobs": TOP_LOGPROBS}, 1, lacks)


def grade_chat(model: str, photo: str, question: YesNo, lacks: frozenset[Feature]) -> dict[str, Any]:
    """Return the chat that asks how far the answer to a question of a photo, a data URL, is yes."""
    return _limited(_chat(model, photo, inert(answered_by_grade(question.text))), WORD_TOKENS, lacks)


def report_chat(model: str, photo: str, lacks: frozenset[Feature]) -> dict[str, Any]:
    """Return the chat that has a photo, a data URL, reported."""
    if "response_format" in lacks:
        return _limited(_chat(model, photo, spelled_out(json.dumps(strict_schema()))), REPORT_TOKENS, lacks)
    schema = {"name": "photo_report", "strict": True, "schema": strict_schema()}
    chat = {**_chat(model, photo, REPORT), "response_format": {"type": "json_schema", "json_schema": schema}}
    return _limited(chat, REPORT_TOKENS, lacks)


def strict_schema() -> dict[str, Any]:
    """Return the JSON Schema of a report without what strict servers refuse: titles, defaults and descriptions."""
    fields = report_schema()["properties"]
    bare = {name: {key: field[key] for key in ("type", "items", "maxItems")} for name, field in fields.items()}
    return {"type": "object", "properties": bare, "required": list(bare), "additionalProperties": False}


def inert(text: str) -> str:
    """Return text without anything that a tokenizer may take for a mark of control, such as <|im_end|> or [INST]."""
    while _CONTROL.search(text):
        text = _CONTROL.sub(" ", text)
    return text


def is_overflow(refusal: str) -> bool:
    """Tell whether a server refuses a request for its length."""
    return _OVERFLOW.search(refusal) is not None


def is_blind(refusal: str) -> bool:
    """Tell whether a server refuses a request since its model takes no photos."""
    return _BLIND.search(refusal) is not None


def to_leave_out(chat: Mapping[str, Any], refusal: str) -> Feature | None:
    """Return the feature of a refused chat to try without: the one that the server names, else the rarest."""
    used = [feature for feature in FEATURES if feature in chat]
    named = [
        feature for feature in used if feature in refusal or (feature == "response_format" and "schema" in refusal)
    ]
    return next(iter([*named, *used]), None)


def _chat(model: str, photo: str, question: str) -> dict[str, Any]:
    content = [{"type": "image_url", "image_url": {"url": photo}}, {"type": "text", "text": question}]
    return {"model": model, "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": content}]}


def _limited(chat: dict[str, Any], tokens: int, lacks: frozenset[Feature]) -> dict[str, Any]:
    limit = "max_completion_tokens" if "max_tokens" in lacks else "max_tokens"
    return {**chat, limit: tokens} | ({} if "temperature" in lacks else {"temperature": 0})
