"""Pictures of photos."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response, status
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from venuefinder.answers import version_of
from venuefinder.api import problems
from venuefinder.api.caching import cache_control, is_known, names
from venuefinder.api.dependencies import AccessOf
from venuefinder.api.examples import problem_responses
from venuefinder.api.routes.photos import PhotoId
from venuefinder.errors import NotFoundError
from venuefinder.images import ThumbnailFormat
from venuefinder.variants import WIDTHS, Variant

router = APIRouter(prefix="/v1/photos", tags=["photos"])
PictureFormat = Literal["jpeg", "webp"]
MEDIA_TYPES: dict[ThumbnailFormat, str] = {"JPEG": "image/jpeg", "WEBP": "image/webp"}
FORMATS: dict[PictureFormat, ThumbnailFormat] = {"jpeg": "JPEG", "webp": "WEBP"}
STRICT = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""A picture is a picture: opened as a page it may load and run nothing, and pages of other sites cannot embed it."""
BINARY = {"schema": {"type": "string", "format": "binary"}}


def _one_of_widths(width: int) -> int:
    if width not in WIDTHS:
        raise ValueError(f"one of {', '.join(map(str, WIDTHS))} is expected")
    return width


Width = Annotated[int, AfterValidator(_one_of_widths), WithJsonSchema({"type": "integer", "enum": list(WIDTHS)})]


class PictureQuery(BaseModel):
    """Which picture of a photo."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: Width | None = Field(default=None, description="Pixels across; left out: the photo's own size.")
    format: PictureFormat | None = Field(default=None, description="Left out: WebP where Accept names it, else JPEG.")
    v: str | None = Field(
        default=None, max_length=64, description="The version in a photo's `url`; with it the picture caches for ever."
    )


@router.get(
    "/{photo_id}/image",
    operation_id="getPhotoImage",
    summary="Show a photo",
    response_class=Response,
    responses={
        200: {"description": "The picture", "content": dict.fromkeys(MEDIA_TYPES.values(), BINARY)},
        304: {"description": "The picture you have is the picture there is"},
        **problem_responses(
            problems.UNAUTHORISED, problems.NOT_FOUND, problems.INVALID, problems.UNAVAILABLE, problems.BUSY
        ),
    },
)
def get_photo_image(
    photo_id: PhotoId,
    access: AccessOf,
    query: Annotated[PictureQuery, Query()],
    accept: Annotated[str, Header(max_length=2000)] = "",
    if_none_match: Annotated[str | None, Header(max_length=2000)] = None,
) -> Response:
    """Return a photo as JPEG or WebP: upright, sRGB, without any metadata, at most as wide as it is.

    The original file is never sent: it may tell where and when the photo was taken.
    """
    photo = access.venues().photo(photo_id)
    if photo is None:
        raise NotFoundError(f"photo {photo_id}: not in this catalogue")
    variant = Variant(photo.content.content_hash, query.width, _format(query.format, accept))
    entity_tag = f'"{variant.name}"'
    headers = STRICT | {
        "ETag": entity_tag,
        "Cache-Control": cache_control(
            versioned=query.v == version_of(photo.content.content_hash), shared=access.services.settings.api_key is None
        ),
    }
    if query.format is None:
        headers["Vary"] = "Accept"
    if is_known(if_none_match, entity_tag):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    picture = access.variants().picture(photo, variant)
    return Response(picture, media_type=MEDIA_TYPES[variant.format], headers=headers)


def _format(asked: PictureFormat | None, accept: str) -> ThumbnailFormat:
    if asked is not None:
        return FORMATS[asked]
    return "WEBP" if names(accept, "image/webp") else "JPEG"
