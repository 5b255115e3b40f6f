"""Photos that arrive as uploads: check them all, then store them all."""

from collections.abc import Sequence
from dataclasses import dataclass

from venuefinder.catalogue import Catalogue
from venuefinder.decoding import BoundedDecoder, SentFile
from venuefinder.domain import Venue
from venuefinder.errors import ImageError, ImageSizeError, InputError
from venuefinder.images import LOOK_SIDE, look_at
from venuefinder.originals import UPLOAD, Originals
from venuefinder.protocols import ImageEncoder, Pixels
from venuefinder.records import PhotoContent, PhotoDraft, PhotoFile, StoredPhoto, StoredVenue
from venuefinder.upkeep.removals import Removals
from venuefinder.upkeep.tagging import Tagging

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "TIFF": "tif", "AVIF": "avif", "HEIF": "heic"}
"""Pillow's format names to the ending of an uploaded photo's uri."""
BATCH = 8
"""Photos held decoded for the encoder at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload(SentFile):
    """One file of an upload."""

    caption: str | None = None
    room: str | None = None


class Uploads:
    """Adds uploaded photos to venues."""

    def __init__(
        self,
        catalogue: Catalogue,
        encoder: ImageEncoder,
        decoder: BoundedDecoder,
        originals: Originals,
        removals: Removals,
        tagging: Tagging,
    ) -> None:
        self._catalogue = catalogue
        self._encoder = encoder
        self._decoder = decoder
        self._originals = originals
        self._removals = removals
        self._tagging = tagging
        self._draft = max(encoder.space.facts.image_size, LOOK_SIDE)

    def add(self, external_id: str, files: Sequence[Upload]) -> list[StoredPhoto]:
        """Store every file as a photo of the venue, in order; the same bytes twice are one photo.

        Raises NotFoundError for an unknown venue, InputError for a room it does not have, and ImageError naming the
        first file that is not a usable photo; then nothing was stored.
        """
        venue = self._catalogue.require(external_id)
        for file in files:
            self._check(file, venue.venue)
        drafts = self._drafts(files, venue)
        self._store(external_id, files, drafts)
        self._tagging.tag([venue.id])
        stored = self._catalogue.require(external_id).photos
        return [stored[uri] for uri in dict.fromkeys(draft.uri for draft in drafts) if uri in stored]

    def _store(self, external_id: str, files: Sequence[Upload], drafts: Sequence[PhotoDraft]) -> None:
        with self._removals.keeping({_content(draft).content_hash for draft in drafts}):
            for file, draft in zip(files, drafts, strict=True):
                self._originals.keep(file.read(), _content(draft).content_hash)
            self._catalogue.add_photos(external_id, list({draft.uri: draft for draft in drafts}.values()))

    def _check(self, file: Upload, venue: Venue) -> None:
        if file.size > self._originals.max_bytes:
            raise ImageSizeError(f"{file.name}: {file.size:,} bytes, at most {self._originals.max_bytes:,} allowed")
        rooms = [room.name for room in venue.rooms]
        if file.room is not None and file.room not in rooms:
            known = ", ".join(map(repr, rooms)) or "none"
            raise InputError(f"room: found {file.room!r}, expected a room of venue {venue.external_id!r} ({known})")

    def _drafts(self, files: Sequence[Upload], venue: StoredVenue) -> list[PhotoDraft]:
        after = max((photo.position for photo in venue.photos.values()), default=-1) + 1
        drafts: list[PhotoDraft] = []
        for start in range(0, len(files), BATCH):
            drafts += self._encoded(files[start : start + BATCH], after + start)
        return drafts

    def _encoded(self, files: Sequence[Upload], position: int) -> list[PhotoDraft]:
        read = [self._prepared(file) for file in files]
        embeddings = self._encoder.encode_prepared([prepared for _, prepared in read])
        return [
            PhotoDraft(
                uri=_uri(content),
                file=PhotoFile(location=f"{UPLOAD}{content.content_hash.hex()}", size=file.size, mtime_ns=None),
                room=file.room,
                caption=file.caption,
                position=position + number,
                content=content,
                embeddings=embeddings[number],
            )
            for number, (file, (content, _)) in enumerate(zip(files, read, strict=True))
        ]

    def _prepared(self, file: Upload) -> tuple[PhotoContent, Pixels]:
        try:
            with self._decoder.decoded(file.read, draft=self._draft) as photo:
                content = PhotoContent(
                    content_hash=photo.content_hash,
                    width=photo.width,
                    height=photo.height,
                    format=photo.format,
                    look=look_at(photo.image, size=(photo.width, photo.height)),
                )
                return content, self._encoder.prepare(photo.image)
        except ImageError as error:
            raise type(error)(f"{file.name}: {error}; nothing of this upload was stored") from error


def _content(draft: PhotoDraft) -> PhotoContent:
    assert draft.content is not None  # noqa: S101 - every draft of an upload was decoded
    return draft.content


def _uri(content: PhotoContent) -> str:
    return f"upload/{content.content_hash.hex()[:16]}.{EXTENSIONS[content.format]}"
