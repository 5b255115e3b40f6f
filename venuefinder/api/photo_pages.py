"""The photos of a venue, a page at a time."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from venuefinder.answers import PhotoAnswer
from venuefinder.records import StoredPhoto
from venuefinder.searching.hits import photo_answer

MOST_SHOWN = 500
"""Photos that come with a venue; a listing may have ten thousand."""
PhotoCursor = Annotated[
    str, Query(pattern=r"^\d{1,10}-\d{1,19}$", description="`next_cursor` of the page before, or `photos_cursor`.")
]


def page_of(
    photos: Sequence[StoredPhoto], *, limit: int, cursor: str | None = None
) -> tuple[list[PhotoAnswer], str | None]:
    """Return the photos after a cursor, at most `limit`, and the cursor after them, None where there are no more.

    photos: those of a venue, in their order: by position, then by id.
    """
    position, _, photo_id = (cursor or "").partition("-")
    after = (int(position), int(photo_id)) if cursor else (-1, -1)
    left = [photo for photo in photos if (photo.position, photo.id) > after]
    shown = left[:limit]
    more = f"{shown[-1].position}-{shown[-1].id}" if len(left) > limit else None
    return [photo_answer(photo) for photo in shown], more
