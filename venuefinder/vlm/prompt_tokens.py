"""How many text tokens a request has besides its photo: counted by the model's own tokenizer where it is at hand."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from venuefinder.errors import ConfigurationError
from venuefinder.vlm.prompts import REPORT, SYSTEM, answered_by_yes_or_no, shows

CHARACTERS = 4
"""Of English a token, at least, in vocabularies of 150,000 tokens: the estimate is rather high than low."""
BEFORE = "<|im_start|>system\n{}<|im_end|>\n<|im_start|>user\n<|vision_start|><|vision_end|>"
AFTER = "{}<|im_end|>\n<|im_start|>assistant\n"
"""Qwen's chat template around a photo and a question."""
BEFORE_MARKS, AFTER_MARKS = 10, 5
"""Tokens of these templates without their text: marks, roles and line breaks."""
YES_OR_NO = answered_by_yes_or_no(shows("string lights"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTokens:
    """Tokens of the prompts, without visual ones."""

    system: int
    """Before and around the photo: the same for every request."""
    report: int
    """The question that asks for a report, with the start of the answer."""
    question: int
    """A typical question of yes or no, with the start of the answer."""
    counted: bool
    """By the model's tokenizer; else an estimate from the number of characters."""


def text_tokens(folder: Path | None) -> TextTokens:
    """Count the tokens of the prompts with the `tokenizer.json` in `folder`; estimate them where there is none.

    Raises ConfigurationError for a file that is no tokenizer.
    """
    file = folder / "tokenizer.json" if folder else None
    if file is None or not file.is_file():
        return _estimated()
    try:
        from tokenizers import Tokenizer
    except ImportError:
        return _estimated()
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises plain Exception
        raise ConfigurationError(f"{file}: not a tokenizer ({error}); fetch the model again") from error

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    system, report, question = (BEFORE.format(SYSTEM), AFTER.format(REPORT), AFTER.format(YES_OR_NO))
    return TextTokens(system=count(system), report=count(report), question=count(question), counted=True)


def _estimated() -> TextTokens:
    return TextTokens(
        system=ceil(len(SYSTEM) / CHARACTERS) + BEFORE_MARKS,
        report=ceil(len(REPORT) / CHARACTERS) + AFTER_MARKS,
        question=ceil(len(YES_OR_NO) / CHARACTERS) + AFTER_MARKS,
        counted=False,
    )
