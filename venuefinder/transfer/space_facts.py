"""Embedding spaces with all that was measured and fitted in them, as `spaces.json` has them."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from venuefinder.calibrating.calibration import Background, Calibrator
from venuefinder.calibrating.evidence import SeenRule
from venuefinder.calibrating.fusion import MeasuredFusion
from venuefinder.carried import CarriedFusion, CarriedSpace
from venuefinder.domain import EmbeddingSpace, ModelFacts, Text, Value
from venuefinder.errors import InputError
from venuefinder.records import StoredSpace, Tuning
from venuefinder.transfer.manifest import Digest, read_json
from venuefinder.validation import explained
from venuefinder.vision.photo_reading import Backend

Name = Annotated[Text, StringConstraints(min_length=1, max_length=4000)]


class FusionFacts(Value):
    """What a model's score is worth there."""

    key: Digest
    backend: Backend
    model: Name
    measured: MeasuredFusion


class SpaceFacts(Value):
    """A space as it was exported; fields as `EmbeddingSpace` and `StoredSpace` have them."""

    key: Digest
    encoder: Name
    weights: Digest
    dimension: Annotated[int, Field(ge=1, le=4000, strict=True)]
    facts: ModelFacts
    photo_background: Background | None = None
    text_background: Background | None = None
    image_background: Background | None = None
    background_photos: Annotated[int, Field(ge=0)] = 0
    calibrator: Calibrator | None = None
    seen: SeenRule | None = None
    tuned: Tuning | None = None
    fusions: tuple[FusionFacts, ...] = ()

    @classmethod
    def of(cls, carried: CarriedSpace) -> Self:
        """Return a space of the catalogue as it is written."""
        stored, space = carried.stored, carried.stored.space
        return cls(
            key=space.key,
            encoder=space.encoder,
            weights=space.weights,
            dimension=space.dimension,
            facts=space.facts,
            photo_background=stored.photo_background,
            text_background=stored.text_background,
            image_background=stored.image_background,
            background_photos=stored.background_photos,
            calibrator=stored.calibrator,
            seen=stored.seen,
            tuned=stored.tuned,
            fusions=tuple(
                FusionFacts(key=one.key, backend=one.backend, model=one.model, measured=one.measured)
                for one in carried.fusions
            ),
        )

    def carried(self) -> CarriedSpace:
        """Return the space; raises InputError where its key is not that of its model and preprocessing."""
        space = EmbeddingSpace(encoder=self.encoder, weights=self.weights, dimension=self.dimension, facts=self.facts)
        if space.key != self.key:
            raise InputError(
                f"space {self.key[:8]}: its weights, dimension and preprocessing make the key "
                f"{space.key[:8]}, expected the same; they were changed, or written by a newer VenueFinder"
            )
        if self.calibrator and self.calibrator.space_key != self.key:
            raise InputError(f"space {self.key[:8]}: its calibrator is of space {self.calibrator.space_key[:8]!r}")
        return CarriedSpace(
            stored=StoredSpace(
                id=0,
                space=space,
                photo_background=self.photo_background,
                text_background=self.text_background,
                image_background=self.image_background,
                background_photos=self.background_photos,
                calibrator=self.calibrator,
                seen=self.seen,
                tuned=self.tuned,
            ),
            fusions=tuple(
                CarriedFusion(key=one.key, backend=one.backend, model=one.model, measured=one.measured)
                for one in self.fusions
            ),
        )


_ALL = TypeAdapter(tuple[SpaceFacts, ...])


def write_spaces(path: Path, spaces: list[CarriedSpace]) -> None:
    """Write spaces as JSON; numbers come back as they were, to the bit."""
    path.write_bytes(_ALL.dump_json(tuple(SpaceFacts.of(space) for space in spaces), indent=1))


def read_spaces(path: Path) -> list[CarriedSpace]:
    """Return the spaces of an export; raises InputError for any that is not one."""
    try:
        return [facts.carried() for facts in _ALL.validate_python(read_json(path))]
    except ValidationError as error:
        raise InputError(f"{path}: {explained(error)}") from None
    except InputError as error:
        message = str(error)
        raise InputError(message if message.startswith(str(path)) else f"{path}: {message}") from None
