"""A question about a venue, and what answers it: the same JSON over HTTP and from `venuefinder ask --json`."""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from venuefinder.answers import Answer, ClauseAnswer, Status
from venuefinder.domain import Text, Value

MAX_QUESTION = 300
Looked = tuple[int, int]
"""Photos that were looked at, and photos that the venue has."""
YesOrNo = Literal["yes", "no", "unknown"]
WORST_FIRST: Final[tuple[Status, ...]] = ("contradicted", "unknown", "stated", "seen")
_MEANS: Final[dict[Status, YesOrNo]] = {"seen": "yes", "stated": "yes", "contradicted": "no", "unknown": "unknown"}
OPEN = "Unknown. Only questions that yes or no answers can be answered, such as: is there a stage?"
EMPTY = "Unknown. The question names nothing to look for; ask for example: is there a stage?"


def _not_only_spaces(text: object) -> object:
    if isinstance(text, str) and not text.strip():
        raise ValueError("expected a question, such as: is there a stage?")
    return text


class VenueQuestion(Value):
    """A question that yes or no answers."""

    question: Annotated[Text, BeforeValidator(_not_only_spaces), Field(max_length=MAX_QUESTION)] = Field(
        description="In plain words: 'is there a stage?', 'could 80 people dine outside?'."
    )


class QuestionAnswer(Answer):
    """What photos and listing say. As sure as the least sure of its parts."""

    external_id: str
    question: str
    answer: YesOrNo
    text: str = Field(description="The answer in a sentence or two.")
    status: Status
    photo_id: int | None = Field(default=None, description="A photo that shows what is seen; null where none does.")
    probability: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="That this photo shows it; null where the model gives none."
    )
    parts: list[ClauseAnswer] = Field(default=[], description="Each thing that was asked, with its own answer.")
    complete: bool = Field(default=True, description="Whether every photo was looked at, or none had to be.")


def answered(external_id: str, question: str, parts: list[ClauseAnswer], looked: Looked | None) -> QuestionAnswer:
    """Return the answer that the parts make together: the worst of them. `looked`: None where none had to be."""
    worst = min(parts, key=lambda part: WORST_FIRST.index(part.status))
    shown = worst if worst.photo_id is not None else next((part for part in parts if part.photo_id is not None), worst)
    told = [_told(part) for part in parts]
    complete = looked is None or looked[0] == looked[1]
    if looked is not None and not complete and worst.status == "unknown":
        told.append(f"Only {looked[0]} of {looked[1]} photos were looked at.")
    return QuestionAnswer(
        external_id=external_id,
        question=question,
        answer=_MEANS[worst.status],
        text=" ".join([f"{_MEANS[worst.status].capitalize()}.", *told]),
        status=worst.status,
        photo_id=shown.photo_id,
        probability=shown.probability,
        parts=parts,
        complete=complete,
    )


def unanswerable(external_id: str, question: str, why: str) -> QuestionAnswer:
    """Return the answer to what is no question about a venue."""
    return QuestionAnswer(external_id=external_id, question=question, answer="unknown", text=why, status="unknown")


def _told(part: ClauseAnswer) -> str:
    if part.status == "unknown":
        return f"Neither photos nor listing tell: {part.text}."
    source = "The listing says" if part.photo_id is None else "A photo shows"
    return f"{source}{' otherwise' if part.status == 'contradicted' else ''}: {part.text}."
