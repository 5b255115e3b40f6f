"""Describe venues: what a model reads of their photos, checked question by question, merged with their listings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from venuefinder.describing import merging
from venuefinder.describing.description import Description, UnreadPhoto
from venuefinder.errors import NotFoundError, VisionError
from venuefinder.vision.kept_readings import LATE
from venuefinder.vision.model import VisionLanguageModel
from venuefinder.vision.photo_inputs import VenuePhotos
from venuefinder.vision.photo_reading import PhotoInput, PhotoReport, Unread, Verdict, YesNo

GONE_BY = 0.0
"""A moment of `time.monotonic()` that is over: only what is kept is read by then."""
DOWN = "the vision-language model did not answer; ask again"


class Photos(Protocol):
    """Where the photos of venues are found: `photo_inputs.PhotoInputs`."""

    def of(self, external_ids: Sequence[str]) -> Mapping[str, VenuePhotos]:
        """Return each venue's photos; venues that are not stored are absent."""


@dataclass(slots=True)
class _Readings:
    """What was read of one venue's photos, each content once."""

    reports: dict[int, PhotoReport] = field(default_factory=dict)
    verdicts: dict[tuple[int, YesNo], Verdict] = field(default_factory=dict)
    unread: dict[bytes, str] = field(default_factory=dict)
    """Why not, by content hash."""
    is_checked: bool = True
    """Whether all that is reported was asked about."""


class Describing:
    """Describes venues by one model, which should remember (`kept_readings`). Thread-safe.

    seen: probability from which on a photo is said to show something. most_photos: photos of a venue that are looked
    at, the first ones of its listing.
    """

    def __init__(self, photos: Photos, model: VisionLanguageModel, *, seen: float, most_photos: int) -> None:
        self._photos = photos
        self._model = model
        self._seen = seen
        self._most = most_photos
        self.beyond = f"not looked at: a description is made from a venue's first {most_photos} photos"
        """Why the photos after those are unread."""

    def describe(self, external_id: str, *, until: float | None = None) -> Description:
        """Describe a venue by what was read by `until`, a moment of `time.monotonic()`; None: by all its photos.

        A model that fails leaves what it read before, and the description says so. Raises NotFoundError, and
        VisionError where the model fails and nothing was read.
        """
        venue = self._venue(external_id)
        try:
            return self._described(venue, until)
        except VisionError:
            kept = self._described(venue, GONE_BY)
            if not kept.photos_read:
                raise
            return kept.model_copy(update={"unread": [_down(photo) for photo in kept.unread]})

    def describe_wholly(self, external_id: str) -> Description:
        """Describe a venue by all its photos; raises NotFoundError, and VisionError whenever the model fails."""
        return self._described(self._venue(external_id), None)

    def _venue(self, external_id: str) -> VenuePhotos:
        if found := self._photos.of([external_id]).get(external_id):
            return found
        raise NotFoundError(f"venue {external_id!r}: not in this catalogue; PUT it first, or ingest it")

    def _described(self, venue: VenuePhotos, until: float | None) -> Description:
        looked_at = venue.photos[: self._most]
        readings = self._read(looked_at, until)
        claims = merging.claims(venue.venue, venue.captions, readings.reports, readings.verdicts, self._seen)
        unread = [_unread(photo, readings) for photo in looked_at if photo.content_hash in readings.unread]
        unread += [UnreadPhoto(photo_id=photo.photo_id, reason=self.beyond) for photo in venue.photos[self._most :]]
        return Description(
            external_id=venue.venue.external_id,
            summary=merging.summary(venue.venue, claims),
            claims=claims,
            backend=self._model.identity.backend,
            model=self._model.identity.model,
            photos=len(venue.photos),
            photos_read=len(venue.photos) - len(unread),
            unread=unread,
            complete=not unread and readings.is_checked,
        )

    def _read(self, photos: Sequence[PhotoInput], until: float | None) -> _Readings:
        """Read photos, then ask about what is said of each; copies of a picture are one photo."""
        readings = _Readings()
        first = {photo.content_hash: photo for photo in reversed(photos)}
        pictures = {photo.photo_id: photo for photo in photos if first[photo.content_hash] is photo}
        reports = self._model.report(list(pictures.values()), until=until)
        for photo, report in zip(pictures.values(), reports, strict=True):
            if isinstance(report, Unread):
                readings.unread[photo.content_hash] = report.reason
            else:
                readings.reports[photo.photo_id] = report
        for photo_id, checks in groupby(merging.questions(readings.reports), key=lambda check: check.photo_id):
            self._check(pictures[photo_id], [check.question for check in checks], readings, until)
        return readings

    def _check(self, photo: PhotoInput, questions: Sequence[YesNo], readings: _Readings, until: float | None) -> None:
        (answers,) = self._model.verdicts([photo], questions, until=until)
        if isinstance(answers, Unread):
            readings.is_checked = False
        else:
            readings.verdicts |= {(photo.photo_id, it): said for it, said in zip(questions, answers, strict=True)}


def _unread(photo: PhotoInput, readings: _Readings) -> UnreadPhoto:
    return UnreadPhoto(photo_id=photo.photo_id, reason=readings.unread[photo.content_hash])


def _down(photo: UnreadPhoto) -> UnreadPhoto:
    return photo.model_copy(update={"reason": DOWN}) if photo.reason == LATE.reason else photo
