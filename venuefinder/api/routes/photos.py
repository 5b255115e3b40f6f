"""The photos of a venue: list, upload, remove."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, Query, Response, UploadFile, status

from venuefinder.answers import PhotoAnswer
from venuefinder.api import problems
from venuefinder.api.caching import NOT_MODIFIED, IfNoneMatch, answered
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.forms import content_of, name_of, upload_of
from venuefinder.api.photo_pages import PhotoCursor, page_of
from venuefinder.api.routes.venues import Id, stored_venue
from venuefinder.api.schemas import PhotosAnswer
from venuefinder.domain import Caption, Line
from venuefinder.errors import InputError
from venuefinder.records import StoredPhoto
from venuefinder.searching.hits import photo_answer
from venuefinder.uploads import Upload

router = APIRouter(prefix="/v1/venues/{external_id}/photos", tags=["photos"])
MAX_FILES = 32
"""Files of one upload."""
PhotoId = Annotated[int, Path(ge=1, le=2**63 - 1, description="A photo's `id`.", examples=[17])]


@router.get(
    "",
    operation_id="listPhotos",
    summary="List the photos of a venue",
    response_model=PhotosAnswer,
    responses={
        200: {"description": "The photos, in order"},
        **NOT_MODIFIED,
        **problem_responses(problems.UNAUTHORISED, problems.NOT_FOUND, problems.INVALID, problems.UNAVAILABLE),
    },
)
def list_photos(
    external_id: Id,
    access: AccessOf,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: PhotoCursor | None = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return the photos of a venue, in order. Those added or removed meanwhile shift no page."""
    stored = list(stored_venue(access, external_id).photos.values())
    photos, after = page_of(stored, limit=limit, cursor=cursor)
    found = PhotosAnswer(photos=photos, next_cursor=after)
    return answered(found, if_none_match, shared=access.services.settings.api_key is None)


@router.post(
    "",
    operation_id="uploadPhotos",
    summary="Upload photos of a venue",
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(upload_of("files", "captions", "room"))],
    form_limits={"max_files": MAX_FILES, "max_fields": MAX_FILES + 10, "max_part_size": 10_000},
    responses={
        201: {"description": "The photos as stored, in the order of the files"},
        **problem_responses(
            problems.MALFORMED,
            problems.UNAUTHORISED,
            problems.NOT_FOUND,
            problems.TOO_LARGE,
            problems.UNUSABLE_PHOTO,
            problems.INVALID,
            problems.UNUSABLE_INPUT,
            problems.UNAVAILABLE,
        ),
    },
)
def upload_photos(
    external_id: Id,
    access: AccessOf,
    files: Annotated[list[UploadFile], File(description="JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC, 1 to 32 of them.")],
    captions: Annotated[list[Caption] | None, Form(description="One a file in their order, or none.")] = None,
    room: Annotated[Line | None, Form(description="The room that all of them show, as the venue names it.")] = None,
) -> PhotosAnswer:
    """Add photos to a venue: all of them, or none when one cannot be used.

    The same bytes again are the same photo; its caption and room become those sent last.
    """
    if captions is not None and len(captions) != len(files):
        raise InputError(f"captions: found {len(captions)}, expected one for each of the {len(files)} files, or none")
    uploads = [
        Upload(
            name=name_of(file, number),
            size=file.size or 0,
            read=partial(content_of, file),
            caption=(captions[number] if captions else "") or None,
            room=room,
        )
        for number, file in enumerate(files)
    ]
    return PhotosAnswer(photos=_answers(access.settled(lambda it: it.uploads().add(external_id, uploads))))


@router.delete(
    "/{photo_id}",
    operation_id="deletePhoto",
    summary="Remove a photo of a venue",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=problem_responses(problems.UNAUTHORISED, problems.NOT_FOUND, problems.INVALID, problems.UNAVAILABLE),
)
def delete_photo(external_id: Id, photo_id: PhotoId, access: AccessOf) -> None:
    """Remove a photo, and its original if it was uploaded. An ingested photo comes back with the next ingestion."""
    access.removals().remove_photo(external_id, photo_id)


def _answers(photos: Iterable[StoredPhoto]) -> list[PhotoAnswer]:
    return [photo_answer(photo) for photo in photos]
