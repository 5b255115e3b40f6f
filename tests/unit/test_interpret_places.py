"""Places: what excludes one, what leaves a choice, and what only looks like one. A wrong guess must filter nothing."""

from typing import Any

import pytest
from asking import ask, labelled, world

from venuefinder.errors import QueryError
from venuefinder.query.parse import plain
from venuefinder.request import VenueFilter


def where(query: str, **given: Any) -> tuple[str | None, str | None]:
    """Return the place and the country that filter."""
    filters = ask(query, VenueFilter.model_validate(given)).filters
    return filters.near and filters.near.place, filters.country


def notes(query: str, **given: Any) -> list[str | None]:
    return [part.note for part in ask(query, VenueFilter.model_validate(given)).parts if part.kind == "place"]


@pytest.mark.parametrize(
    "query",
    [
        "anywhere but London",
        "anywhere except London",
        "but not London",
        "avoid London",
        "avoid central London",
        "excluding London",
        "nowhere near London",
        "no venues in London",
        "London is too far",
        "London is not an option",
        "we don't want to be in London",
        "not necessarily in London",
        "anywhere outside London",
        "a hotel away from London",
        "nothing within 5 miles of London",
        "not too close to London",
        "London not required",
        "neither in London nor in Bath",
        "not in Bath or Bristol",
        "not Bath, not Bristol",
        "not in Italy",
    ],
)
def test_an_excluded_place_is_not_the_one_to_look_in(query: str) -> None:
    found = ask(query)

    assert where(query) == (None, None)
    assert set(notes(query)) == {"a place cannot be excluded"}
    assert (found.text, found.negatives) == (query, ())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("in Italy, not Venice", (None, "IT")),
        ("anywhere in the UK except London", (None, "GB")),
        ("London but not central London", ("London", None)),
        ("in Bath, London is too far", ("Bath", None)),
        ("quiet but near Bath", ("Bath", None)),
        ("not far from Bath", ("Bath", None)),
        ("just outside Bath", ("Bath", None)),
        ("not too corporate in London", ("London", None)),
        ("no carpets in London", ("London", None)),
        ("not a barn in London", ("London", None)),
    ],
)
def test_what_is_excluded_leaves_the_other_place(query: str, expected: Any) -> None:
    assert where(query) == expected


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("more than 10 miles from London", "no least distance filters; say within 50 km of it"),
        ("at least 20 miles from Bristol", "no least distance filters; say within 50 km of it"),
        ("over 30 km from London", "no least distance filters; say within 50 km of it"),
        ("outside a 10 mile radius of Bath", "no least distance filters; say within 50 km of it"),
        ("within 0 miles of Bath", "no distance to search within: give 0.1 to 20000 km"),
        ("within 50000 km of Bath", "no distance to search within: give 0.1 to 20000 km"),
    ],
)
def test_a_distance_that_is_no_radius_does_not_filter(query: str, note: str) -> None:
    assert where(query) == (None, None)
    assert notes(query) == [note]
    assert ask(query).text == query


@pytest.mark.parametrize("query", ["no more than 10 miles from London", "within a 10 mile radius of London"])
def test_a_greatest_distance_filters(query: str) -> None:
    found = ask(query).filters.near

    assert found is not None
    assert found.radius_km == 16.1


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("London, Manchester or Birmingham", 3),
        ("in London, Manchester or Bristol", 3),
        ("London, Oxford or Cambridge", 3),
        ("London, Bristol, Leeds", 3),
        ("either in Bristol or Bath", 2),
        ("Bath and Bristol", 2),
        ("Bath/Bristol", 2),
        ("Bath & Bristol", 2),
        ("Bath; Bristol; London", 3),
        ("Bath - Bristol", 2),
        ("Bristol (or Bath)", 2),
        ("rustic barn, Bath or Bristol area", 2),
        ("in Italy or Spain", 2),
        ("in Amsterdam or the UK", 2),
        ("near Bath or in Scotland", 2),
        ("Bath, Somerset or Bristol", 3),
    ],
)
def test_of_a_list_of_places_none_filters(query: str, places: Any) -> None:
    assert where(query) == (None, None)
    assert notes(query) == ["one place filters at a time; say which"] * places
    assert ask(query).text == query


@pytest.mark.parametrize("query", ["Santiago or Lima", "at home or in London"])
def test_a_place_after_or_is_one_of_several(query: str) -> None:
    assert where(query) == (None, None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("in London, near Croydon", ("London", None)),
        ("in Bath, Somerset", ("Bath", None)),
        ("in Bath, UK", ("Bath", None)),
        ("in London and Champagne reception", ("London", None)),
        ("near Bath and no carpets", ("Bath", None)),
        ("in or near Bath", ("Bath", None)),
        ("in and around London", ("London", None)),
        ("London and surrounding areas", ("London", None)),
        ("in London or Paris style loft", ("London", None)),
    ],
)
def test_what_follows_a_place_need_not_be_another(query: str, expected: Any) -> None:
    assert where(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("in Jersey City for 50", ("Jersey City", None)),
        ("in Panama City, Florida", ("Panama City", None)),
        ("in Lebanon, Tennessee", ("Lebanon", None)),
        ("tea served in china cups", (None, None)),
        ("tea served in china", (None, None)),
        ("dressed in jersey", (None, None)),
        ("in Panama hats", (None, None)),
        ("a loft in Holland Park", (None, None)),
        ("furniture made in Italy", (None, None)),
        ("castle in Italy please", (None, "IT")),
        ("barn in Italy suitable for dancing", (None, "IT")),
        ("in Italy wedding for 40", (None, "IT")),
        ("villa in italy", (None, "IT")),
        ("in the Netherlands", (None, "NL")),
        ("in China", (None, "CN")),
    ],
)
def test_a_country_is_meant_where_nothing_goes_on(query: str, expected: Any) -> None:
    assert where(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("within 2 miles of Bristol Temple Meads", None),
        ("in Boston, Lincolnshire", None),
        ("near the Thames", None),
        ("in Bath stone", None),
        ("built in Bath stone", None),
        ("in the bath", None),
        ("hotel in nice area", None),
        ("hand-made in Venice", None),
        ("made in Bath, England", None),
        ("our team is in London and we'd like a space near Bath", "Bath"),
        ("we live in London and like barns", None),
        ("we live in London, so near Bath please", "Bath"),
        ("we're a team based in London, retreat near Bath", "Bath"),
        ("near the Hague", "The Hague"),
        ("in the London area", "London"),
        ("loft in Soho London", "London"),
        ("in Bath wedding", "Bath"),
        ("in Bath next summer", "Bath"),
        ("studio in Bath available at night", "Bath"),
    ],
)
def test_a_part_of_a_longer_name_is_no_place(query: str, expected: Any) -> None:
    assert where(query) == (expected, None)


@pytest.mark.parametrize(
    "query",
    [
        "Sofia and Adam's wedding",
        "wedding for Charlotte and Brad",
        "Dallas and Austin's wedding for 40",
        "engagement party for Sydney, 40 guests",
        "baby shower for Brooklyn",
        "Adam & Sofia, 40 guests",
        "Hi I'm Austin, we want a barn",
    ],
)
def test_people_are_no_places(query: str) -> None:
    assert where(query) == (None, None)
    assert notes(query) == []


def test_the_country_looked_in_excludes_others() -> None:
    note = "no place of this name is known in GB, where the request looks; say which"

    assert where("near Heathrow under £5k") == (None, None)
    assert notes("near Heathrow under £5k") == [note]
    assert where("near Heathrow", country="GB") == (None, "GB")
    assert notes("near Heathrow", country="GB") == [note]
    assert where("in Rome under £5k") == ("Rome", None)
    assert where("near Siena, Italy under £5k") == ("Siena", None)


@pytest.mark.parametrize(
    ("name", "country", "message"),
    [
        ("Heathrow", "GB", r"'Heathrow' is not known in GB, where the filters look; elsewhere: Heathrow, US"),
        ("Kent", "FR", r"'Kent' is an area, not a town"),
        ("Venice", "US", r"'Venice' may mean Venice, California, US; Venice, Florida, US; write one"),
    ],
)
def test_a_given_place_must_be_in_the_given_country(name: Any, country: Any, message: Any) -> None:
    given = VenueFilter.model_validate({"near": {"place": name}, "country": country})

    with pytest.raises(QueryError, match=message):
        plain("loft", given, vocabulary=labelled()[0], gazetteer=world())


@pytest.mark.parametrize(
    "given", [{"city": "Bath"}, {"near": {"place": "Bath"}}, {"box": {"south": 50, "west": -3, "north": 52, "east": 0}}]
)
def test_a_given_place_wins_over_a_country_in_words(given: Any) -> None:
    assert where("in Italy", **given)[1] is None
    assert notes("in Italy", **given) == [f"filters.{next(iter(given))} is given"]


def test_a_given_country_leaves_the_town_to_the_words() -> None:
    assert where("near Bath", country="GB") == ("Bath", "GB")


def test_a_place_carries_its_country() -> None:
    given = VenueFilter.model_validate({"near": {"place": "Cambridge", "country": "NZ"}})
    found, resolved = ask("near Bath").filters.near, ask("barn", given).filters.near

    assert found is not None
    assert found.country == "GB"
    assert resolved is not None
    assert (resolved.country, round(resolved.latitude or 0)) == ("NZ", -38)


def test_two_countries_of_one_place_are_refused() -> None:
    given = VenueFilter.model_validate({"near": {"place": "Bath", "country": "GB"}, "country": "US"})

    with pytest.raises(QueryError, match=r"filters.near.country is GB, filters.country is US; give one of them"):
        ask("barn", given)
