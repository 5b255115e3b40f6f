"""What sentences say of money, hours and how many come; where that is doubtful, they filter nothing."""

import re
from typing import Any

import pytest
from asking import ask

from benchmarks.parser import describe
from venuefinder.query.money import MONEY_OR_GUESTS, MOST_OR_LEAST, NO_CURRENCY, ONLY_RATES, SOMETHING_ELSE
from venuefinder.request import VenueFilter


def understood(query: str) -> list[str]:
    """Return the parts that are no kind, as the labelled requests write them."""
    return [describe(part) for part in ask(query).parts if part.kind != "kind"]


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("I don't want to spend more than £3000", "price max 3000 GBP"),
        ("can't spend more than £3k on it", "price max 3000 GBP"),
        ("must not cost more than £2000", "price max 2000 GBP"),
        ("not above £2000", "price max 2000 GBP"),
        ("never above £2000", "price max 2000 GBP"),
        ("nothing over £2000", "price max 2000 GBP"),
        ("nowhere higher than £2000", "price max 2000 GBP"),
        ("it shouldn't be over £2000", "price max 2000 GBP"),
        ("without going over £2000", "price max 2000 GBP"),
        ("no budget over £2000", "price max 2000 GBP"),
        ("our budget cannot exceed £2000", "price max 2000 GBP"),
        ("must not exceed 2000", "price max 2000 GBP"),
        ("not more than around £2000", "price max 2000 GBP"),
        ("avoid places charging more than €2000", "price max 2000 EUR"),
        ("I don't think we can pay more than £40pp", "price max 40 GBP head"),
        ("dont want to spend more than 3k", "price max 3000 GBP"),
        ("no venues over £2000", "price max 2000 GBP"),
        ("under no circumstances over £2000", "price max 2000 GBP"),
        ("I cannot and will not pay more than £2000", "price max 2000 GBP"),
        ("we're not looking to spend more than £2000", "price max 2000 GBP"),
        ("must not exceed 50 guests", "guests 50"),
        ("can't be more than 50 people", "guests 50"),
        ("not £2000 or more", "price max 2000 GBP"),
        ("no less than £1000", "price min 1000 GBP"),
        ("not less than £1000", "price min 1000 GBP"),
        ("not under £1000", "price min 1000 GBP"),
        ("nothing less than £1000", "price min 1000 GBP"),
        ("not cheaper than £1000", "price min 1000 GBP"),
        ("no minimum spend over £500", "price spend 500 GBP"),
        ("must not have a minimum spend above £500", "price spend 500 GBP"),
        ("minimum spend not over £500", "price spend 500 GBP"),
        ("no minimum spend", "price spend 0"),
    ],
)
def test_a_negation_turns_a_limit_around_and_leaves_no_word(query: str, part: Any) -> None:
    found = ask(query)

    assert [describe(one) for one in found.parts] == [part]
    assert (found.text, found.negatives) == ("", ())


@pytest.mark.parametrize(
    ("query", "parts", "text"),
    [
        (
            "barn, won’t cost over £3k for 50 people near Bath",
            ["price max 3000 GBP", "guests 50", "place Bath 25 km"],
            "barn",
        ),
        ("a barn that doesn't cost more than £2000 with no carpets", ["price max 2000 GBP", "not carpets"], "a barn"),
        ("no less than £1000 and no more than £3000", ["price min 1000 GBP", "price max 3000 GBP"], ""),
        ("no carpets under £2000", ["not carpets", "price max 2000 GBP"], ""),
        ("no carpets, over £2000", ["not carpets", "price min 2000 GBP"], ""),
        ("sushi band not over £2000", ["price max 2000 GBP"], "sushi band"),
        ("no more than 3000 sqm", [], "no more than 3000 sqm"),
        ("no minimum spend over Christmas", ["price spend 0"], "over Christmas"),
        ("between £1000 and no more than £3000", ["price? max 1000 GBP", "price max 3000 GBP"], "between £1000"),
    ],
)
def test_a_negated_limit_within_a_longer_sentence(query: str, parts: Any, text: str) -> None:
    assert understood(query) == parts
    assert ask(query).text == text


@pytest.mark.parametrize(
    "query",
    [
        "no barns costing more than £2000",
        "don't want to spend, all in, more than £2000",
        "not between £2k and £3k",
        "not around £3000",
        "not £3000",
        "no £3000 max",
        "don't mind paying more than £2000",
        "no problem spending over £2000",
        "not necessarily under £2000",
        "doesn't have to be under £2000",
        "not bothered if it's over £2000",
        "minimum spend over £2000",
        "no minimum spend of £500",
    ],
)
def test_a_limit_that_may_be_either_filters_nothing(query: str) -> None:
    found = ask(query)

    assert [(part.kind, part.words, part.note) for part in found.parts if part.kind != "kind"] == [
        ("price", query, MOST_OR_LEAST)
    ]
    assert (found.filters.price, found.negatives, found.text) == (None, (), query)


@pytest.mark.parametrize(
    "query", ["a wedding for 5k in Bath", "hire for 2k", "for 10k", "for five thousand", "for 5k-6k"]
)
def test_thousands_that_may_be_money_or_guests_filter_neither(query: str) -> None:
    found = ask(query)
    notes = [part.note for part in found.parts if part.kind == "price"]

    assert (found.filters.guests, found.filters.price, notes) == (None, None, [MONEY_OR_GUESTS])
    assert found.text == query.removesuffix(" in Bath")


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("for 5k guests", ["guests 5000"]),
        ("5k people", ["guests 5000"]),
        ("for 2,000", ["guests 2000"]),
        ("for 5k max", ["price max 5000 GBP"]),
        ("for 5 grand", ["price max 5000 GBP"]),
        ("2 grand pianos", ["see piano"]),
        ("for 5k and 10k runs", ["price? max 5000 GBP"]),
    ],
)
def test_thousands_are_what_their_words_say(query: str, parts: Any) -> None:
    assert understood(query) == parts


@pytest.mark.parametrize(
    "query",
    [
        "for 40 to 50 year olds",
        "for 100 to 200 sqm",
        "for 30 to 40 minutes",
        "for 40 or 50 minutes",
        "for 40/50yr olds",
        "for forty to fifty minutes",
        "for two hundred and fifty year olds",
        "between 40 and 50 year olds",
    ],
)
def test_half_a_range_and_half_a_number_are_no_guests(query: str) -> None:
    assert understood(query) == []
    assert ask(query).text == query


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("for 3 to 4 hours", "price hours 4"),
        ("for two or three hours", "price hours 3"),
        ("a 3-4 hour party", "price hours 4"),
        ("for half an hour", "price hours 0.5"),
        ("for 40 to 50", "guests 50"),
        ("for 40 or 50 people", "guests 50"),
        ("twenty to thirty guests", "guests 30"),
        ("for two hundred and fifty", "guests 250"),
        ("80 to 100 seated", "guests 100 seated"),
    ],
)
def test_the_most_of_a_range_counts(query: str, part: Any) -> None:
    assert understood(query) == [part]


@pytest.mark.parametrize(
    "query",
    [
        "£5 parking nearby",
        "a 20 pound turkey",
        "free entry under £10 tickets",
        "including a £5 cover charge",
        "£50 voucher",
        "100 pounds of flour",
        "with a £500 bar tab",
        "£1000 deposit",
        "a deposit of £1000",
        "deposit: £500",
        "tickets at £10",
        "£10 per person entry",
        "£50 booking fee",
        "£10 seats",
        "a £20 lunch",
        "parking for under £10",
        "parking £10 an hour",
        "drinks budget £1000",
        "with a bar budget of £500",
        "budget of £500 for flowers",
        "£1000 for catering",
        "£3000 wedding cake",
        "raise £5000 for charity",
        "over £5000 worth of prizes",
        "£50 off",
    ],
)
def test_an_amount_that_may_pay_for_something_else_filters_nothing(query: str) -> None:
    found = ask(query)
    prices = [part for part in found.parts if part.kind == "price"]

    assert found.filters.price is None
    assert [(part.applied, part.note) for part in prices] == [(False, SOMETHING_ELSE)]
    assert set(re.findall("[0-9]+", query)) == set(re.findall("[0-9]+", found.text))


def test_a_negated_amount_of_something_else_is_left_alone() -> None:
    found = ask("barn, no £1000 deposit")

    assert (found.filters.price, found.negatives, found.text) == (None, (), "barn, no £1000 deposit")


@pytest.mark.parametrize(
    ("query", "price"),
    [
        ("£3000 wedding in Bath", "price max 3000 GBP"),
        ("wedding £5k", "price max 5000 GBP"),
        ("party, £2,000", "price max 2000 GBP"),
        ("£3000 rustic barn with parking", "price max 3000 GBP"),
        ("under £5k rustic barn", "price max 5000 GBP"),
        ("under £5k string lights", "price max 5000 GBP"),
        ("under £500 white studio", "price max 500 GBP"),
        ("barn £3000 London", "price max 3000 GBP"),
        ("loft £500 80 seated", "price max 500 GBP"),
        ("a £2000 summer party", "price max 2000 GBP"),
        ("£2000 hire fee", "price max 2000 GBP"),
        ("£5k barn full of plants", "price max 5000 GBP"),
        ("barn with parking under £5k near Bath", "price max 5000 GBP"),
        ("dinner with a budget of £5k", "price max 5000 GBP"),
        ("wedding budget £5k", "price max 5000 GBP"),
        ("£3k including drinks", "price max 3000 GBP"),
        ("£100 to £200 meeting room", "price min 100 max 200 GBP"),
        ("€6500 all in", "price max 6500 EUR"),
        ("meeting room £80", "price max 80 GBP"),
        ("£60 studio", "price max 60 GBP"),
        ("dinner £80pp", "price max 80 GBP head"),
        ("£500 if possible", "price max 500 GBP"),
    ],
)
def test_budgets_are_still_budgets(query: str, price: Any) -> None:
    assert [describe(part) for part in ask(query).parts if part.kind == "price"] == [price]


@pytest.mark.parametrize(
    ("query", "given", "note"),
    [
        ("wedding at £100pp", {}, ONLY_RATES["head"]),
        ("£20 each", {}, ONLY_RATES["head"]),
        ("not more than £20 each", {}, ONLY_RATES["head"]),
        ("40 per head", {}, f"{NO_CURRENCY}; {ONLY_RATES['head']}"),
        ("£200 an hour", {}, ONLY_RATES["hour"]),
        ("wedding at £100pp for 80 guests", {}, None),
        ("wedding at £100pp", {"guests": 80}, None),
        ("£200 an hour for 4 hours", {}, None),
        ("£200 an hour", {"price": {"hours": 4, "per": "hour"}}, None),
        ("under £5000", {}, None),
    ],
)
def test_a_price_per_head_says_that_guests_are_missing(query: str, given: Any, note: str) -> None:
    found = ask(query, VenueFilter.model_validate(given))

    assert [(part.applied, part.note) for part in found.parts if "max" in part.meaning.get("price", {})] == [
        (True, note)
    ]


def test_a_price_per_head_that_is_not_applied_says_only_why() -> None:
    found = ask("wedding at £100pp", VenueFilter.model_validate({"price": {"max": 9000}}))

    assert [(part.applied, part.note) for part in found.parts] == [(False, "filters.price is given")]
