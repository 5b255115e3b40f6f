"""Venues, one at a time."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response, status

from venuefinder.api import problems
from venuefinder.api.caching import NOT_MODIFIED, IfNoneMatch, answered
from venuefinder.api.dependencies import Access, AccessOf
from venuefinder.api.examples import VENUE_FIELDS, problem_responses
from venuefinder.api.photo_pages import MOST_SHOWN, page_of
from venuefinder.api.schemas import VenueAnswer, VenueBody, VenuesAnswer
from venuefinder.domain import ExternalId
from venuefinder.errors import ListingError, NotFoundError
from venuefinder.records import StoredVenue, VenueDraft

router = APIRouter(tags=["venues"])
PATH = "/v1/venues/{external_id}"
Id = Annotated[ExternalId, Path(description="The venue's id in your own system.", examples=["mill-barn"])]


@router.get(
    "/v1/venues",
    operation_id="listVenues",
    summary="List all venues",
    responses={
        200: {"description": "Venues, by their ids"},
        **problem_responses(problems.UNAUTHORISED, problems.INVALID, problems.UNAVAILABLE),
    },
)
def list_venues(
    access: AccessOf,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[ExternalId | None, Query(description="`next_cursor` of the page before.")] = None,
) -> VenuesAnswer:
    """Return venues in the order of their ids, without photos. Those added or removed meanwhile shift no page.

    To list those that pass filters, or in another order, search without a query.
    """
    names = access.venues().names_after(cursor or "", limit + 1)
    known = access.venues().known(names[:limit])
    there = [known[name].venue for name in names[:limit] if name in known]
    return VenuesAnswer(venues=there, next_cursor=names[limit - 1] if len(names) > limit else None)


@router.get(
    PATH,
    operation_id="getVenue",
    summary="Read a venue with its photos",
    response_model=VenueAnswer,
    responses={
        200: {"description": "The venue"},
        **NOT_MODIFIED,
        **problem_responses(problems.UNAUTHORISED, problems.NOT_FOUND, problems.INVALID, problems.UNAVAILABLE),
    },
)
def get_venue(external_id: Id, access: AccessOf, if_none_match: IfNoneMatch = None) -> Response:
    """Return what is known of a venue, and its first 500 photos in order."""
    found = _answer(stored_venue(access, external_id))
    return answered(found, if_none_match, shared=access.services.settings.api_key is None)


@router.put(
    PATH,
    operation_id="putVenue",
    summary="Add a venue, or replace what is known of it",
    responses={
        200: {"description": "The venue was there; it is as you sent it now"},
        201: {"description": "The venue is new", "model": VenueAnswer},
        **problem_responses(
            problems.MALFORMED,
            problems.UNAUTHORISED,
            problems.TOO_LARGE,
            problems.INVALID,
            problems.UNUSABLE_INPUT,
            problems.UNAVAILABLE,
        ),
    },
)
def put_venue(
    external_id: Id,
    access: AccessOf,
    body: Annotated[VenueBody, Body(openapi_examples={"barn": {"value": VENUE_FIELDS}})],
    response: Response,
) -> VenueAnswer:
    """Store a venue under its id. The same request again changes nothing. Photos stay as they are.

    A venue that was ingested belongs to HTTP from now on: `ingest --prune` leaves it alone.
    """
    if body.external_id and body.external_id != external_id:
        raise ListingError(f"external_id: found {body.external_id!r}, expected {external_id!r} as in the path, or none")
    venue = body.venue(external_id)
    changes = access.settled(lambda it: it.catalogue().upsert([VenueDraft(venue=venue, source=None)]))
    if changes[external_id] == "new":
        response.status_code = status.HTTP_201_CREATED
    if stored := _known(access, external_id):
        return _answer(stored)
    return VenueAnswer(venue=venue, photos=[], photos_cursor=None)  # another caller removed it since


@router.delete(
    PATH,
    operation_id="deleteVenue",
    summary="Remove a venue with its photos",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=problem_responses(problems.UNAUTHORISED, problems.NOT_FOUND, problems.INVALID, problems.UNAVAILABLE),
)
def delete_venue(external_id: Id, access: AccessOf) -> None:
    """Remove a venue, its photos, and the originals that were uploaded for it."""
    access.removals().remove_venue(external_id)


def stored_venue(access: Access, external_id: str) -> StoredVenue:
    """Return a venue as it is stored; raises NotFoundError. Unlike the catalogue's, reading makes no space."""
    if found := _known(access, external_id):
        return found
    raise NotFoundError(f"venue {external_id!r}: not in this catalogue; PUT it first, or ingest it")


def _known(access: Access, external_id: str) -> StoredVenue | None:
    """Return a venue with the tags that the encoder's space gave its photos; None where there is none."""
    return access.venues().known([external_id], access.space()).get(external_id)


def _answer(stored: StoredVenue) -> VenueAnswer:
    photos, cursor = page_of(list(stored.photos.values()), limit=MOST_SHOWN)
    return VenueAnswer(venue=stored.venue, photos=photos, photos_cursor=cursor)
