"""What an OpenAI-compatible server answered: checked, and read as a verdict or a report. A stranger's JSON."""

import re
from math import exp
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from venuefinder.errors import VisionAnswerError
from venuefinder.vision.photo_reading import PhotoReport, Verdict
from venuefinder.vlm.prompts import MOST_GRADE
from venuefinder.vlm.yes_no import NO, YES

FENCE = "```"
_FIRST_WORD = re.compile(r"[^a-z]*([a-z]+)")
_WHOLE_NUMBER = re.compile(r"[\s*\"'`]*([0-9]{1,2})[\s*\"'`.]*")
MIDDLE = 0.5
"""A grade that is neither yes nor no."""
Logprob = Annotated[float, Field(le=1e-3)]
"""Of 0 at most, but for rounding; some servers send -Infinity."""


class _Token(BaseModel):
    token: str
    logprob: Logprob


class _Position(_Token):
    top_logprobs: list[_Token] = []


class _Logprobs(BaseModel):
    content: list[_Position] | None = None


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class Completion(BaseModel):
    """A chat completion, as far as it is read."""

    choices: Annotated[list[_Choice], Field(min_length=1)]

    @property
    def text(self) -> str:
        """What the model wrote."""
        return self.choices[0].message.content or ""

    @property
    def first(self) -> list[tuple[str, float]]:
        """Likeliest first tokens and their probabilities, as far as the server lists them; two may read the same."""
        found = self.choices[0].logprobs
        if found is None or not found.content:
            return []
        position = found.content[0]
        return [(token.token, exp(token.logprob)) for token in position.top_logprobs or [position]]

    @property
    def declined(self) -> bool:
        """Whether the model or a filter refused to answer."""
        return bool(self.choices[0].message.refusal) or self.choices[0].finish_reason == "content_filter"

    @property
    def cut_short(self) -> bool:
        """Whether the answer ended for its length alone."""
        return self.choices[0].finish_reason == "length"


def completion(body: bytes) -> Completion:
    """Read an answer's JSON; raises VisionAnswerError for what is no chat completion."""
    try:
        return Completion.model_validate_json(body)
    except ValidationError as error:
        raise VisionAnswerError(f"the server's answer is no chat completion ({_problem(error)})") from None


def verdict(answer: Completion) -> Verdict:
    """Return yes or no, with P(yes) = yes / (yes + no) of the first token where the server lists both or one.

    The one that it does not list counts as much as it can at most: no more than the least one listed, and no more than
    what those listed leave. With neither listed nothing is said.
    """
    listed = answer.first
    if not listed:
        return Verdict(None if answer.declined else _word(answer.text))
    chances = [chance for _, chance in listed]
    beyond = max(0.0, min(*chances, 1 - sum(chances)))
    yes, no = (sum(chance for token, chance in listed if token.strip() in words) for words in (YES, NO))
    if yes + no == 0:
        return Verdict(None)
    yes, no = yes or beyond, no or beyond
    return Verdict(yes >= no, yes / (yes + no))


def grade(answer: Completion) -> Verdict:
    """Return how far the answer is yes, from the whole number that was asked for.

    Anything but that number alone says nothing: "10/10" may be an echo of what is painted into the photo, and a number
    picked out of a sentence may be anybody's.
    """
    found = _WHOLE_NUMBER.fullmatch(answer.text)
    if found is None or answer.declined or answer.cut_short or int(found.group(1)) > MOST_GRADE:
        return Verdict(None)
    said = int(found.group(1)) / MOST_GRADE
    return Verdict(None if said == MIDDLE else said > MIDDLE, grade=said)


def report(answer: Completion) -> PhotoReport:
    """Return the report that was written; raises VisionAnswerError for anything but a whole legal one."""
    if answer.declined:
        raise VisionAnswerError("the model declined to answer")
    if answer.cut_short:
        raise VisionAnswerError("the model's report was cut short, and is refused")
    try:
        return PhotoReport.model_validate_json(_unfenced(answer.text))
    except ValidationError as error:
        raise VisionAnswerError(f"the model's report is not of the schema ({_problem(error)})") from None


def _unfenced(text: str) -> str:
    """Return what stands in a fence of Markdown, or the text. No pattern: one could take hours over a stranger's."""
    bare = text.strip()
    if len(bare) < 2 * len(FENCE) or not (bare.startswith(FENCE) and bare.endswith(FENCE)):
        return text
    kind, _, inside = bare.removeprefix(FENCE).removesuffix(FENCE).partition("\n")
    return inside if kind.strip() in ("", "json") else text


def _word(text: str) -> bool | None:
    found = _FIRST_WORD.match(text.casefold())
    return {"yes": True, "no": False}.get(found.group(1)) if found else None


def _problem(error: ValidationError) -> str:
    """Return the first thing that is wrong, without the value, which is a stranger's."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or part.isidentifier())
    return f"{where}: {first['type']}" if where else str(first["type"])
