"""The recipe of the samples: our texts are valid venues, every photo has a source with a licence."""

import pytest

from samples import DEMO_QUERIES
from samples.recipe import VenueRecipe, load_recipe
from samples.sources import PACKAGES
from venuefinder.request import SearchRequest

RECIPE = load_recipe()
every_venue = pytest.mark.parametrize("recipe", RECIPE, ids=lambda recipe: recipe.venue.external_id)


def test_the_ids_differ_and_are_good_folder_names():
    ids = [recipe.venue.external_id for recipe in RECIPE]

    assert len(set(ids)) == len(ids) >= 22
    assert all(name.replace("-", "").isalnum() for name in ids)


def test_there_are_photos_enough_and_none_serves_twice():
    sources = [source for recipe in RECIPE for source in recipe.sources()]

    assert len(set(sources)) == len(sources)
    assert sum(len(recipe.listing().all_photos()) for recipe in RECIPE) >= 90


@every_venue
def test_a_venue_says_what_the_filters_ask(recipe):
    listing = recipe.listing()

    assert listing.all_photos()
    assert listing.description
    assert listing.kind
    assert listing.city
    assert listing.country
    assert listing.latitude is not None
    assert listing.capacity.largest()
    assert listing.amenities


@every_venue
def test_every_photo_has_a_source_a_licence_and_a_credit(recipe):
    credit = recipe.listing().attributes["photo_credit"]

    for package, member in recipe.sources():
        assert package.licence in {"MIT", "CC0-1.0"}
        assert package.integrity.startswith("sha512-")
        assert member.startswith(("assets/img/", "hdri/"))
        assert package.credit in credit


def test_filters_have_something_to_choose_from():
    venues = [recipe.venue for recipe in RECIPE]

    assert {venue.price.currency for venue in venues if venue.price} >= {"GBP", "EUR", "USD", "CHF"}
    assert {venue.price.unit for venue in venues if venue.price} == {"event", "hour", "day", "head"}
    assert any(venue.price is None for venue in venues)
    assert any(venue.rooms for venue in venues)
    assert sum(venue.city == "Bath" for venue in venues) >= 4


def admits(request: SearchRequest, recipe: VenueRecipe) -> bool:
    wanted, venue = request.filters, recipe.venue
    fits = (venue.capacity.largest() or 0) >= (wanted.guests or 0)
    limit, price = wanted.price, venue.price
    pays = limit is None or (price is not None and price.currency == limit.currency and price.amount <= limit.max)
    return fits and pays


@pytest.mark.parametrize("request_", DEMO_QUERIES, ids=lambda request: request.query)
def test_the_demo_asks_for_what_is_there(request_):
    assert set(request_.filters.model_fields_set) <= {"guests", "price"}
    assert sum(admits(request_, recipe) for recipe in RECIPE) >= 4


def test_a_photo_of_an_unknown_package_or_room_is_refused():
    venue = {"external_id": "a", "name": "A"}
    photo = {"package": next(iter(PACKAGES)), "member": "m", "file": "a.jpg", "caption": ""}

    with pytest.raises(ValueError, match="found the package 'evil'"):
        VenueRecipe.model_validate({"venue": venue, "photos": [{**photo, "package": "evil"}]})
    with pytest.raises(ValueError, match="found the room 'Attic'"):
        VenueRecipe.model_validate({"venue": venue, "photos": [{**photo, "room": "Attic"}]})
