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
