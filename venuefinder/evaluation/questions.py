"""Labelled questions of yes or no about photos, in the format of POPE (Li et al., EMNLP 2023, arXiv:2305.10355).

A file has one JSON object a line: `{"question_id": 1, "image": "a.jpg", "text": "Is there a dog in the image?",
"label": "no"}`. It is a stranger's: every line is checked, and a bad one costs that line alone.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from venuefinder.domain import Line, Uri
from venuefinder.errors import InputError
from venuefinder.vision.photo_reading import YesNo

MAX_FILE_BYTES = 200_000_000
MAX_LINE_BYTES = 10_000
PHRASE = re.compile(
    r"(?:is|are) there (.+?) in (?:the|this) (?:image|imange|photo|picture)\?|does this photo show (.+)\?",
    re.IGNORECASE,
)
"""What a question asks for; some POPE files spell it `imange`."""


def _folded(label: Any) -> Any:
    return label.strip().casefold() if isinstance(label, str) else label


class Question(BaseModel):
    """A question about one photo, with its right answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question_id: int | str
    image: Uri
    """Where the photo lies below the folder of photos."""
    text: Line
    label: Annotated[Literal["yes", "no"], BeforeValidator(_folded)]

    @property
    def yes_no(self) -> YesNo:
        """The question as models are asked it."""
        found = PHRASE.fullmatch(self.text)
        phrase = next(filter(None, found.groups())) if found else self.text.rstrip("?")
        return YesNo(self.text, phrase)


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """What a file holds: its questions in order, and what is wrong with the lines that hold none."""

    questions: tuple[Question, ...]
    problems: tuple[str, ...]


def read_questions(path: Path) -> QuestionFile:
    """Read a file of questions; raises InputError when it cannot be read or holds none."""
    questions: list[Question] = []
    problems: list[str] = []
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"{path}: larger than {MAX_FILE_BYTES:,} bytes, expected a file of questions")
        for number, line in _lines(path):
            found = _question(line)
            if isinstance(found, Question):
                questions.append(found)
            else:
                problems.append(f"line {number}: {found}")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a file of questions") from None
    if not questions:
        first = f"; {problems[0]}" if problems else ""
        raise InputError(
            f'{path}: found no question, expected a line each such as {{"question_id": 1, "image": "a.jpg", "text": '
            f'"Is there a dog in the image?", "label": "no"}}{first}'
        )
    return QuestionFile(tuple(questions), tuple(problems))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, each cut just above what is allowed."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 2):
            number += 1
            if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
                while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                    pass
            if line.strip():
                yield number, line


def _question(line: bytes) -> Question | str:
    """Return the question in a line, or what is wrong with it."""
    if len(line) > MAX_LINE_BYTES:
        return f"longer than {MAX_LINE_BYTES:,} bytes"
    try:
        return Question.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "line"
        return f"{where}: {first['msg']}, found {str(first['input'])[:80]!r}"
    except (ValueError, RecursionError) as error:
        return f"not JSON ({str(error)[:80]})"
