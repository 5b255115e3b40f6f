"""What people see, on whatever they see it."""

import io
import sys
from decimal import Decimal

import pytest

from venuefinder import terminal
from venuefinder.request import PriceLimit, VenueFilter


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (PriceLimit(max=Decimal("5000.0")), "at most £5,000"),
        (PriceLimit(max=Decimal("99.5"), currency="CHF"), "at most CHF 99.50"),
    ],
)
def test_a_price_limit_reads_as_money(limit: PriceLimit, words: str) -> None:
    assert terminal.filter_words(VenueFilter(price=limit)) == [words]


def test_a_terminal_without_unicode_gets_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    terminal.write_whatever_it_can()
    terminal.say("“Café”")
    sys.stdout.flush()
    assert written.getvalue() == b"?Caf??\n"
