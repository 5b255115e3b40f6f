"""What the words of a request mean, one sort a table."""

import pytest
from asking import ask

from venuefinder.query import parse
from venuefinder.request import VenueFilter


def meanings(query: str, kind: str) -> list[dict]:
    return [dict(part.meaning) for part in ask(query).parts if part.kind == kind]


@pytest.mark.parametrize(
    ("query", "people", "layout"),
    [
        ("for 120 guests", 120, None),
        ("80 seated", 80, "seated"),
        ("seats 80", 80, "seated"),
        ("60-80 guests", 80, None),
        ("between 60 and 80 people", 80, None),
        ("up to 100 people", 100, None),
        ("no more than 100 guests", 100, None),
        ("party of 50", 50, None),
        ("a hundred and fifty guests", 150, None),
        ("two dozen people", 24, None),
        ("half a dozen people", 6, None),
        ("1,200 people", 1200, None),
        ("1.5k guests", 1500, None),
        ("reception for 150 standing", 150, "standing"),
        ("standing reception for 150", 150, "standing"),
        ("theatre style for 200", 200, "theatre"),
        ("boardroom for 12", 12, "boardroom"),
        ("a 40-person workshop", 40, None),
        ("can hold 200 people standing", 200, "standing"),
        ("wedding for 90 near Bath", 90, None),
        ("guests: 80", 80, None),
    ],
)
def test_guests(query, people, layout):
    assert meanings(query, "guests") == [{"guests": people} | ({"layout": layout} if layout else {})]


@pytest.mark.parametrize(
    "query",
    [
        "for 3 days",
        "her 40th birthday",
        "for 2026",
        "free-standing tubs",
        "sleeps 20",
        "10 minutes from the station",
        "50 sqm",
        "5k run",
        "no later than 11pm",
        "1920s",
        "open 24 hours",
        "3 bedrooms",
        "pound cake",
    ],
)
def test_other_numbers_are_left_alone(query):
    found = ask(query)

    assert found.parts == ()
    assert found.text == query


@pytest.mark.parametrize(
    ("query", "price"),
    [
        ("under £5k", {"max": 5000, "currency": "GBP"}),
        ("£5,000 or less", {"max": 5000, "currency": "GBP"}),
        ("max €2.000", {"max": 2000, "currency": "EUR"}),
        ("€2 000", {"max": 2000, "currency": "EUR"}),
        ("CHF 2'000", {"max": 2000, "currency": "CHF"}),
        ("less than $50 per head", {"max": 50, "currency": "USD", "per": "head"}),
        ("£40pp", {"max": 40, "currency": "GBP", "per": "head"}),
        ("£200 an hour", {"max": 200, "currency": "GBP", "per": "hour"}),
        ("between £2k and £5k", {"min": 2000, "max": 5000, "currency": "GBP"}),
        ("£2k-£3k", {"min": 2000, "max": 3000, "currency": "GBP"}),
        ("£2-3k", {"min": 2000, "max": 3000, "currency": "GBP"}),
        ("at least £900", {"min": 900, "currency": "GBP"}),
        ("around £3000", {"max": 3750, "currency": "GBP"}),
        ("budget of 3,500", {"max": 3500, "currency": "GBP"}),
        ("under 5k", {"max": 5000, "currency": "GBP"}),
        ("five grand max", {"max": 5000, "currency": "GBP"}),
        ("minimum spend below £2000", {"max_minimum_spend": 2000, "currency": "GBP"}),
        ("no minimum spend", {"max_minimum_spend": 0}),
        ("for 6 hours", {"hours": 6}),
        ("a 4-hour workshop", {"hours": 4}),
        ("3 hour photoshoot", {"hours": 3}),
        ("£49.99 each", {"max": 49.99, "currency": "GBP", "per": "head"}),
    ],
)
def test_money(query, price):
    assert meanings(query, "price") == [{"price": price}]


def test_an_amount_without_a_currency_says_what_it_was_taken_for():
    assert ask("under 5k").parts[0].note == "no currency was said: taken as GBP"
    assert ask("under £5k").parts[0].note is None


def test_limits_join_and_the_narrower_counts():
    joined = ask("£200 an hour for 4 hours, under £300 an hour")

    assert joined.filters.price is not None
    assert (joined.filters.price.max, joined.filters.price.hours, joined.filters.price.per) == (200, 4, "hour")
    assert [part.note for part in joined.parts] == [None, None, "the narrower price counts"]


def test_the_larger_party_counts():
    found = ask("50 guests for dinner, 80 guests for dancing")

    assert found.filters.guests == 80
    assert found.parts[0].note == "the larger number of guests counts"


def test_no_price_is_above_its_own_limit():
    found = ask("at least £500 and under £100")

    assert found.filters.price == VenueFilter.model_validate({"price": {"max": 100}}).price
    assert found.parts[0].note == "contradicts the other filters"


@pytest.mark.parametrize(
    ("query", "place", "radius"),
    [
        ("near Bath", "Bath", 25),
        ("wedding in bath", "Bath", 10),
        ("within 10 miles of York", "York", 16.1),
        ("5km from Leeds city centre", "Leeds", 5),
        ("central London", "London", 10),
        ("barn near Paris, TX", "Paris", 25),
        ("loft, Bristol, white walls", "Bristol", 10),
    ],
)
def test_places(query, place, radius):
    found = ask(query).filters.near

    assert found is not None
    assert (found.place, found.radius_km) == (place, radius)


@pytest.mark.parametrize(
    "query",
    [
        "reading room with a nice view",
        "New York style loft",
        "Edison bulbs over a Chesterfield sofa",
        "a room with a view over London",
        "party in August",
        "in lime green",
        "split levels and orange walls",
        "London Bridge replica",
    ],
)
def test_words_that_are_towns_too_stay_words(query):
    found = ask(query)

    assert found.filters.near is None
    assert found.text == query


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("not in London", "a place cannot be excluded"),
        ("within an hour of London", "travel times are not known; say within 50 km of it"),
        ("barn in the Cotswolds", "an area, not a town: name a town, or give filters.box"),
        ("near Bath or Bristol", "one place filters at a time; say which"),
    ],
)
def test_a_place_that_cannot_filter_says_why(query, note):
    found = ask(query)

    assert found.filters.near is None
    assert note in [part.note for part in found.parts]
    assert found.text == query


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("rustic barn with a hall", ["barn"]),
        ("barns, please", ["barn"]),
        ("a barn wedding", ["barn"]),
        ("wedding in a castle", ["castle"]),
        ("we want a country house, please", ["country house"]),
        ("marquee in a field", ["marquee"]),
        ("barn doors", []),
        ("a view of the castle", []),
        ("venue with a garden, a bar and a stage", []),
        ("warehouse or loft", ["warehouse", "loft"]),
        ("rooftop bar", ["bar"]),
    ],
)
def test_kinds_are_looked_for_and_stay_words(query, kinds):
    found = ask(query)

    assert [part.meaning["kind"] for part in found.parts if part.kind == "kind"] == kinds
    assert found.filters.kind is None
    assert found.text == query


def test_a_kind_filters_where_that_is_chosen(monkeypatch):
    monkeypatch.setattr(parse, "KIND_FILTERS", True)

    assert ask("rustic barn").filters.kind == "barn"
    assert ask("barn or loft").filters.kind is None
    assert ask("rooftop bar").filters.kind is None
    assert ask("rustic barn", VenueFilter(kind="hotel")).filters.kind == "hotel"


@pytest.mark.parametrize(
    ("query", "required", "text"),
    [
        ("hall with parking and wi-fi", ("parking", "wifi"), "hall"),
        ("pub, dog friendly", ("dogs welcome",), "pub"),
        ("wheelchair accessible hall", ("step-free access",), "hall"),
        ("hall with a stage", (), "hall with a stage"),
        ("hall, must have a stage", ("stage",), "hall, stage"),
        ("dance floor and piano required", ("dance floor", "piano"), "dance floor and piano"),
        ("parking not needed", (), "parking not needed"),
        ("no need for catering", (), "no need for catering"),
        ("stage lighting", (), "stage lighting"),
    ],
)
def test_amenities(query, required, text):
    found = ask(query)

    assert found.filters.amenities.all == required
    assert found.text == text


@pytest.mark.parametrize(
    ("query", "negatives", "none"),
    [
        ("no carpets", ("carpets",), ()),
        ("without a stage or a bar", ("stage", "bar"), ("stage", "bar")),
        ("no carpets and curtains", ("carpets", "curtains"), ()),
        ("not in a church", ("church",), ()),
        ("not on the ground floor", ("ground floor",), ()),
        ("no carpets and white walls", ("carpets",), ()),
        ("not too modern, but no loud music", ("modern", "loud music"), ()),
        ("it doesn't look corporate", ("corporate",), ()),
        ("no pets allowed", ("pets",), ()),
        ("avoid strip lights", ("strip lights",), ()),
        ("no parking", ("parking",), ("parking",)),
        ("no problem with noise", (), ()),
        ("no later than 11pm", (), ()),
        ("not only barns", (), ()),
    ],
)
def test_negations(query, negatives, none):
    found = ask(query)

    assert found.negatives == negatives
    assert found.filters.amenities.none == none


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ({"guests": 20}, "filters.guests is given"),
        ({"price": {"max": 9}}, "filters.price is given"),
        ({"city": "York"}, "filters.city is given"),
        ({"amenities": {"none": ["parking"]}}, "filters.amenities is given"),
    ],
)
def test_what_is_given_wins_and_the_words_leave_the_text(given, note):
    query = "white walls near Bath for 120 guests under £5k with parking"
    filters = VenueFilter.model_validate(given)
    found = ask(query, filters)

    assert [part.note for part in found.parts if not part.applied] == [note]
    assert found.text == "white walls"
    for name, value in given.items():
        assert getattr(found.filters, name) == getattr(filters, name), value


@pytest.mark.parametrize(
    ("query", "text", "clauses"),
    [
        (
            "rustic barn with string lights for 120 guests under £5k near Bath, no carpets",
            "rustic barn with string lights",
            ("rustic barn", "string lights"),
        ),
        ("for 50 guests, near Bath", "", ()),
        ("venue for 50", "venue", ()),
        ("wedding near Bath with white walls", "wedding with white walls", ("white walls",)),
        ("the and of with", "the and of with", ()),
        ("pink dining chairs in an industrial office", None, ("pink dining chairs", "industrial office")),
        ("Big Windows, big windows", None, ("Big Windows",)),
    ],
)
def test_the_text_and_its_clauses(query, text, clauses):
    found = ask(query)

    assert found.text == (query if text is None else text)
    assert found.clauses == clauses
