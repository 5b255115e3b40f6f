"""`doctor --models`: the vision-language model on photos whose right answers are known.

A model that is near chance is a warning, no failure: it runs, and whether it is good enough is the user's to say.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256

from PIL import Image

from venuefinder.bootstrap import Services
from venuefinder.doctor.check import Step, Verdict, failed, ok, warning
from venuefinder.doctor.known_photos import KnownPhotos
from venuefinder.doctor.vision_setting import MEANINGS
from venuefinder.errors import ConfigurationError
from venuefinder.model_check import KnownPhoto
from venuefinder.protocols import Encoder
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_inputs import reduced
from venuefinder.vision.photo_reading import Capabilities, PhotoInput, PhotoReport, Unread, YesNo
from venuefinder.vision.photo_reading import Verdict as Answer
from venuefinder.vlm.prompts import shows

RIGHT = 0.75
"""Share of answers that must be right. By chance 24 of 32 come three times in a thousand."""
REPORTED = 4
"""Photos that a report is asked of: each takes as long as dozens of yes and no."""
SAME, ROUNDED = 1e-3, 2e-2
"""Largest difference of a probability between two that run the same weights: in float32, and in half precision."""
COMPARED = 0.5
"""Share of questions to which both must give a probability."""


@dataclass(frozen=True, slots=True)
class Known:
    """A photo, a question whose answer is yes, and one whose answer is no."""

    photo: PhotoInput
    yes: YesNo
    no: YesNo


@dataclass(frozen=True)
class Examination:
    """The model and what it is shown, each made when first needed."""

    services: Services
    photos: KnownPhotos
    compare: str | None = None
    answers: list[list[Answer] | Unread] = field(default_factory=list)
    """Of each photo: to its question of yes, and of no."""

    def steps(self) -> list[Step]:
        """Return what to look at of the model."""
        remedy = "see VENUEFINDER_VLM in .env.example"
        loaded = Step("vision model", self._loaded, remedy)
        if self.services.settings.vlm == "off" and not self.compare:
            return [loaded]
        found = [
            loaded,
            Step("known questions", self._asked, remedy, needs=("vision model",)),
            Step("photo reports", self._reported, remedy, needs=("vision model",)),
            Step("model can", lambda: ok(_told(self.model.identity.can)), remedy, needs=("vision model",)),
        ]
        if self.compare:
            parity = Step("the same answers elsewhere", self._compared, remedy, needs=("known questions",))
            found.append(parity)
        return found

    @cached_property
    def model(self) -> VisionLanguageModel:
        """The configured model."""
        return _required(self.services)

    @cached_property
    def known(self) -> list[Known]:
        """Each photo with its own text, and with that of a photo half-way round."""
        photos = self.photos.photos
        blind = self.model.identity.backend == "zero-shot"
        encoder = self.services.encoder if blind else None
        return [
            Known(_input(number, photo, encoder), _question(photo), _question(photos[number - len(photos) // 2]))
            for number, photo in enumerate(photos)
        ]

    def _loaded(self) -> Verdict:
        if self.services.settings.vlm == "off" and not self.compare:
            return ok(MEANINGS["off"])
        identity = self.model.identity
        backend = "" if identity.backend == "zero-shot" else f"{identity.backend}: "
        meaning = f"; {MEANINGS['zero-shot']}" if identity.backend == "zero-shot" else ""
        return ok(f"{backend}{identity.model}{meaning}")

    def _asked(self) -> Verdict:
        known, started = self.known, time.perf_counter()
        self.answers[:] = _answers(self.model, known)
        milliseconds = (time.perf_counter() - started) / len(known) * 1000
        pairs = [answers for answers in self.answers if not isinstance(answers, Unread)]
        said = [(right, one.yes) for pair in pairs for right, one in zip((True, False), pair, strict=True)]
        answered = [(right, yes) for right, yes in said if yes is not None]
        right = sum(one == yes for one, yes in answered)
        found = f"{right} of {len(answered)} right (chance half)" if answered else "none answered"
        found += f", of {2 * len(known)} asked; {milliseconds:,.0f} ms a photo and two questions"
        if unread := [answers.reason for answers in self.answers if isinstance(answers, Unread)]:
            return failed(f"{len(unread)} photos could not be asked: {unread[0]}; {found}", "see the reason")
        if right >= RIGHT * 2 * len(known) or self.model.identity.backend == "zero-shot":
            return ok(found)
        return self._weak(found)

    def _weak(self, found: str) -> Verdict:
        if not self.photos.are_photographs:
            return warning(f"{found}; on {self.photos.kind}, which say little of a model", "run: make demo")
        return warning(
            found,
            "do not rely on it: choose another VENUEFINDER_VLM, or check the server's model and its chat template",
        )

    def _reported(self) -> Verdict:
        started = time.perf_counter()
        photos = [known.photo for known in self.known[:REPORTED]]
        reports = self.model.report(photos)
        seconds = (time.perf_counter() - started) / len(photos)
        unread = [report.reason for report in reports if isinstance(report, Unread)]
        read = [report for report in reports if isinstance(report, PhotoReport)]
        claims = sum(len(value) for report in read for value in report.model_dump().values())
        found = f"{len(read)} of {len(photos)} in the schema, {claims} claims; {seconds:,.2f} s a photo"
        if len(unread) == len(photos):
            return failed(f"{found}; {unread[0]}", "choose another VENUEFINDER_VLM, or check its server")
        return warning(f"{found}; {unread[0]}", "see the reason") if unread else ok(found)

    def _compared(self) -> Verdict:
        settings = self.services.settings.model_copy(update={"vlm": self.compare})
        with Services(settings, encoder=self.services.encoder) as other:
            theirs = _answers(_required(other), self.known)
            name = _required(other).identity.model
        pairs = list(zip(_probabilities(self.answers), _probabilities(theirs), strict=True))
        apart = [abs(one - another) for one, another in pairs if one is not None and another is not None]
        if len(apart) < COMPARED * len(pairs):
            return failed(
                f"{name}: both give a probability for {len(apart)} of {len(pairs)} questions",
                "choose two that both give probabilities; a server gives none where neither yes nor no is among the "
                "first tokens that it lists",
            )
        found = f"{name}: probabilities differ by {max(apart):.1e} at most over {len(apart)} of {len(pairs)} questions"
        return self._parted(max(apart), found)

    def _parted(self, apart: float, found: str) -> Verdict:
        if apart <= SAME:
            return ok(f"{found} (float32 with the same weights: {SAME:.0e})")
        if apart <= ROUNDED:
            return ok(f"{found}: as near as half precision comes (allowed {ROUNDED:.0e})")
        return failed(
            f"{found}, expected at most {ROUNDED:.0e}",
            "serve the same weights, in the same precision, with the same chat template and pixel limits "
            "(VENUEFINDER_VLM_MIN_TOKENS and VENUEFINDER_VLM_MAX_TOKENS)",
        )


def _told(can: Capabilities) -> str:
    return ", ".join(f"{name} {'yes' if value else 'no'}" for name, value in asdict(can).items())


def _required(services: Services) -> VisionLanguageModel:
    if services.vision is None:
        raise ConfigurationError("found off, expected a model; name one that answers")
    return services.vision


def _answers(model: VisionLanguageModel, known: Sequence[Known]) -> list[list[Answer] | Unread]:
    return [model.verdicts([one.photo], [one.yes, one.no])[0] for one in known]


def _probabilities(answers: Sequence[list[Answer] | Unread]) -> list[float | None]:
    return [
        probability
        for each in answers
        for probability in ([None, None] if isinstance(each, Unread) else [one.probability for one in each])
    ]


def _question(photo: KnownPhoto) -> YesNo:
    return YesNo(shows(photo.text), photo.text)


def _input(number: int, photo: KnownPhoto, encoder: Encoder | None) -> PhotoInput:
    image = photo.image

    def opened(pixels: int) -> Image.Image:
        return image.resize(reduced(image.size, pixels), Image.Resampling.LANCZOS)

    return PhotoInput(
        photo_id=number + 1,
        content_hash=sha256(image.tobytes()).digest(),
        width=image.width,
        height=image.height,
        open=opened,
        embeddings=encoder.encode_images([image])[0] if encoder else None,
    )
