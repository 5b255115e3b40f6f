"""Pictures to search with."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile, status

from venuefinder.api import problems
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.forms import content_of, name_of, upload_of
from venuefinder.api.schemas import UploadsAnswer
from venuefinder.decoding import SentFile
from venuefinder.request import MAX_IMAGES

router = APIRouter(tags=["search"])


@router.post(
    "/v1/uploads",
    operation_id="uploadPictures",
    summary="Upload pictures to search with",
    status_code=status.HTTP_201_CREATED,
    dependencies=[Depends(upload_of("files"))],
    form_limits={"max_files": MAX_IMAGES, "max_fields": 10, "max_part_size": 10_000},
    responses={
        201: {"description": "An id for each picture, in the order of the files"},
        **problem_responses(
            problems.MALFORMED,
            problems.UNAUTHORISED,
            problems.NOT_EMBEDDED,
            problems.TOO_LARGE,
            problems.UNUSABLE_PHOTO,
            problems.INVALID,
            problems.UNAVAILABLE,
        ),
    },
)
def upload_pictures(
    access: AccessOf,
    files: Annotated[list[UploadFile], File(description="JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC, 1 to 8 of them.")],
) -> UploadsAnswer:
    """Take pictures for the `images` of a search: all of them, or none when one cannot be used.

    The pictures are not kept. Of each, one embedding is, for an hour; whoever has its id can search with it.
    """
    sent = [
        SentFile(name=name_of(file, number), size=file.size or 0, read=partial(content_of, file))
        for number, file in enumerate(files)
    ]
    return UploadsAnswer(uploads=access.settled(lambda it: it.pictures().add(sent)))
