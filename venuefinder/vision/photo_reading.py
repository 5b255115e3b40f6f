"""What a vision-language model is asked about one photo, and what it answers.

The unit is one photo: every prompt is `[system][photo][question]`, so that what is answered is of that photo by
construction, and what was read of it can be kept for as long as photo, model and prompts stay the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Literal

from PIL import Image
from pydantic import Field, StringConstraints

from venuefinder.describing.attributes import (
    Accessibility,
    Ambience,
    LayoutWord,
    Occasion,
    RoomType,
    Setting,
    Style,
    Warned,
)
from venuefinder.domain import Value
from venuefinder.protocols import Embeddings

Backend = Literal["zero-shot", "transformers", "openai"]
THING_PATTERN = r"^[a-z][a-z' -]{1,38}[a-z]$"
"""A thing in plain words: no digits, since nobody counts reliably in pictures, and no control characters."""
MOST_THINGS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoInput:
    """One photo, to be read when its turn comes."""

    photo_id: int
    content_hash: bytes
    """SHA-256 of the original, 32 bytes."""
    width: int
    height: int
    """Pixels, upright."""
    open: Callable[[int], Image.Image] = field(compare=False, repr=False)
    """Decode it: upright RGB, of about so many pixels or more, at most the original's. Raises ImageError."""
    embeddings: Embeddings | None = field(default=None, compare=False, repr=False)
    """`float32 [V, D]` in the space that searches use; None where it was not embedded."""
    aside: bool = False
    """Whether it shows little of its venue, or repeats another of its photos: others are looked at first."""


@dataclass(frozen=True, slots=True)
class YesNo:
    """A question about one photo that yes or no answers."""

    text: str
    """The whole question: "Does this photo show a stage?". Never a listing's text."""
    phrase: str
    """What it asks for, as a noun phrase: "a stage"; what an embedding is compared with."""
    graded: bool = False
    """Whether a model without probabilities is asked how far it is so, not whether: what is ordered by the answer
    needs more than yes and no."""

    @property
    def key(self) -> bytes:
        """SHA-256 of the question, 32 bytes."""
        return sha256(self.text.encode() + b"\0graded" * self.graded).digest()


Asked = tuple[bytes, bytes]
"""What was asked of which photo: its content hash and the question's key."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a question about a photo.

    `yes` is None where the model is not sure enough to say; `probability` of yes in [0, 1], None where the model gives
    none. `grade` in [0, 1] is how far it is so, in the model's words: no probability, and None unless asked for.
    """

    yes: bool | None
    probability: float | None = None
    grade: float | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A photo that could not be read or asked, and why; in words a caller may see."""

    reason: str


Thing = Annotated[str, StringConstraints(pattern=THING_PATTERN)]


class PhotoReport(Value):
    """What one photo shows, as far as a model says: unverified. The same JSON Schema constrains what models write."""

    setting: Annotated[tuple[Setting, ...], Field(max_length=3)] = ()
    style: Annotated[tuple[Style, ...], Field(max_length=3)] = ()
    room_types: Annotated[tuple[RoomType, ...], Field(max_length=3)] = ()
    amenities: Annotated[tuple[Thing, ...], Field(max_length=MOST_THINGS)] = ()
    ambience: Annotated[tuple[Ambience, ...], Field(max_length=3)] = ()
    suitability: Annotated[tuple[Occasion, ...], Field(max_length=4)] = ()
    layout: Annotated[tuple[LayoutWord, ...], Field(max_length=2)] = ()
    accessibility: Annotated[tuple[Accessibility, ...], Field(max_length=3)] = ()
    warnings: Annotated[tuple[Warned, ...], Field(max_length=3)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a backend can. Of a server it is assumed until it refuses, and known from then on."""

    logprobs: bool
    """Whether its verdicts have probabilities: those of the first token of the answer."""
    json_schema: bool
    """Whether its reports are held to the schema as they are made; else it is spelled out, and they are checked."""
    images: bool
    """Whether it looks at photos; else at their embeddings alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """Which model answers, and everything that shapes its answers."""

    backend: Backend
    model: str
    """For people: never a path, a key or an address with credentials."""
    key: str
    """SHA-256 over backend, weights or served model, pixel limits, numbers and prompt version, 64 hexadecimal digits:
    what was read under another key is not read again as if it were this one's."""
    can: Capabilities

    @property
    def has_probabilities(self) -> bool:
        """Whether its verdicts have probabilities."""
        return self.can.logprobs
