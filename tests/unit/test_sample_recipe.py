"""The recipe of the samples: our texts are valid venues, every photo has a source with a licence."""

from collections.abc import Collection
from types import SimpleNamespace

import pytest

from samples import DEMO_QUERIES
from samples.recipe import VenueRecipe, load_recipe
from samples.sources import PACKAGES
from venuefinder.domain import Venue
from venuefinder.query.parse import interpret
from venuefinder.query.vocabulary import KnownPlace, KnownTerms
from venuefinder.request import VenueFilter

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


class RecipeWords:
    """The words of the recipe's venues, as the catalogue would know them once they are ingested."""

    def known(self, terms: Collection[str], places: Collection[str]) -> KnownTerms:
        found = [recipe.venue for recipe in RECIPE]
        cities = {
            venue.city.casefold(): (
                KnownPlace(
                    name=venue.city,
                    country=venue.country,
                    latitude=venue.latitude,
                    longitude=venue.longitude,
                    radius_km=25,
                ),
            )
            for venue in found
            if venue.city and venue.latitude is not None
        }
        return KnownTerms(
            kinds=frozenset(venue.kind for venue in found if venue.kind) & set(terms),
            amenities=frozenset(name for venue in found for name in venue.amenities) & set(terms),
            places={name: known for name, known in cities.items() if name in places},
        )


NOWHERE = SimpleNamespace(places=lambda _: (), country=lambda _: None)
"""A gazetteer that knows no place."""


def admits(wanted: VenueFilter, venue: Venue) -> bool:
    fits = (venue.capacity.largest() or 0) >= (wanted.guests or 0)
    limit, price = wanted.price, venue.price
    pays = limit is None or (price is not None and price.currency == limit.currency and price.amount <= limit.max)
    return fits and pays and not set(venue.amenities) & set(wanted.amenities.none)


@pytest.mark.parametrize("request_", DEMO_QUERIES, ids=lambda request: request.query)
def test_the_demo_asks_for_what_is_there(request_):
    understood = interpret(request_.query, request_.filters, vocabulary=RecipeWords(), gazetteer=NOWHERE)

    assert understood.text
    assert sum(admits(understood.filters, recipe.venue) for recipe in RECIPE) >= 3


def test_the_demo_shows_understanding():
    kinds = {
        part.kind
        for request in DEMO_QUERIES
        for part in interpret(request.query, request.filters, vocabulary=RecipeWords(), gazetteer=NOWHERE).parts
        if part.applied
    }

    assert kinds >= {"guests", "price", "place", "negation"}


def test_a_photo_of_an_unknown_package_or_room_is_refused():
    venue = {"external_id": "a", "name": "A"}
    photo = {"package": next(iter(PACKAGES)), "member": "m", "file": "a.jpg", "caption": ""}

    with pytest.raises(ValueError, match="found the package 'evil'"):
        VenueRecipe.model_validate({"venue": venue, "photos": [{**photo, "package": "evil"}]})
    with pytest.raises(ValueError, match="found the room 'Attic'"):
        VenueRecipe.model_validate({"venue": venue, "photos": [{**photo, "room": "Attic"}]})
