"""Turns of phrase around what is understood: not too modern, for 12 on Friday, £1,500 all in."""

import pytest
from asking import ask


@pytest.mark.parametrize(
    ("query", "text", "negatives"),
    [
        ("a barn that is not too modern, for 40", "a barn", ("modern",)),
        ("not too modern barn", "barn", ("modern",)),
        ("not too formal or stuffy", "", ("formal", "stuffy")),
        ("not very modern and with a garden", "garden", ("modern",)),
        ("no very loud music", "music", ("loud",)),
        ("not a modern barn", "", ("modern barn",)),
        ("not too expensive barn", "not too expensive barn", ()),
        ("somewhere not expensive", "somewhere not expensive", ()),
        ("without too many steps", "", ("many steps",)),
    ],
)
def test_what_is_too_much_of_something_is_no_barn(query: str, text: str, negatives: tuple[str, ...]) -> None:
    found = ask(query)
    assert (found.text, found.negatives) == (text, negatives)


@pytest.mark.parametrize(
    ("query", "guests"),
    [
        ("meeting room for 12 tomorrow", 12),
        ("dinner for 12 on Friday", 12),
        ("drinks for 30 Thursday evening", 30),
        ("lunch for 8 please", 8),
        ("for 12 December", None),
        ("for 3 days", None),
    ],
)
def test_guests_are_counted_before_a_time(query: str, guests: int | None) -> None:
    assert ask(query).filters.guests == guests


@pytest.mark.parametrize("total", ["£1,500 all in", "£1,500 all-inclusive", "£1,500 in total", "£1,500 total"])
def test_a_total_is_all_of_the_price(total: str) -> None:
    found = ask(f"{total} for 60 guests")
    assert found.filters.price is not None
    assert (found.filters.price.max, found.filters.guests, found.text) == (1500, 60, "")


@pytest.mark.parametrize(
    ("query", "most", "guests"),
    [
        ("we have a budget of about 5,000 pounds and 70 guests", 6250, 70),
        ("£5,000 and 80 guests", 5000, 80),
        ("£1000 + VAT, 40 people", 1000, 40),
        ("£4000 excluding catering, 90 people", 4000, 90),
        ("barn £3000 Devon 80 guests", 3000, 80),
        ("£2,000 venue hire only, 100 guests", 2000, 100),
        ("£500 max hire charge", 500, None),
        ("three course meal for £40 per person, 30 people", 40, 30),
    ],
)
def test_a_price_ends_where_something_else_begins(query: str, most: float, guests: int | None) -> None:
    found = ask(query)
    assert found.filters.price is not None
    assert (found.filters.price.max, found.filters.price.min, found.filters.guests) == (most, None, guests)
    assert (found.negatives, found.filters.amenities.none) == ((), ())


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("in Peckham, London for 60", "Peckham"),
        ("in Didsbury, Manchester", "Didsbury"),
        ("in Clifton, Bristol", "Bristol"),
        ("80 guests / York / £4000", "York"),
        ("London, Manchester", None),
        ("London / Manchester", None),
    ],
)
def test_a_district_is_in_its_town(query: str, place: str | None) -> None:
    near = ask(query).filters.near
    assert (near and near.place) == place


@pytest.mark.parametrize(
    ("query", "none"),
    [
        ("no stairs, lift or ground floor", ()),
        ("no windowless rooms, garden or terrace", ()),
        ("no catering, parking or wifi", ("catering", "parking", "wifi")),
    ],
)
def test_what_a_list_goes_on_with_filters_only_where_it_began_with_an_amenity(
    query: str, none: tuple[str, ...]
) -> None:
    assert ask(query).filters.amenities.none == none
