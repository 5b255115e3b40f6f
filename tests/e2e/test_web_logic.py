"""The page's logic, by Vitest; and the TypeScript client's types, which are made from the OpenAPI document."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest

from venuefinder.domain import Price, PriceUnit
from venuefinder.offers import PENNY, price_total
from web.build import run
from web.generate import TYPES, generate

PARTIES = list(product((1, 7, 120, 333), (0.5, 3, 6.25, 24, 24.5, 100)))
PRICES = [
    Price(amount=Decimal(amount), currency="GBP", unit=unit, minimum_spend=spend, minimum_hours=hours)
    for unit in get_args(PriceUnit)
    for amount in ("0.1", "19.99", "45", "1234.56")
    for spend, hours in ((None, None), (Decimal("500.5"), 4), (None, 1.75))
]
pytestmark = pytest.mark.usefixtures("node_packages")


def test_the_logic_of_the_page(tmp_path: Path) -> None:
    """Vitest's tests; one of them compares totals with those that the service counts."""
    totals = tmp_path / "totals.json"
    totals.write_text(json.dumps([counted(price, party) for price, party in product(PRICES, PARTIES)]))

    said = run("test", {"NO_COLOR": "1", "TOTALS": str(totals)})

    assert int(re.search(r"Tests +(\d+) passed", said)[1]) > 40
    assert "skipped" not in said


def counted(price: Price, party: tuple[int, float]) -> dict[str, Any]:
    """A price, a party, and what the service shows as its total."""
    guests, hours = party
    total = price_total(price, guests, hours).quantize(PENNY, ROUND_HALF_UP)
    return {"price": price.model_dump(mode="json"), "guests": guests, "hours": hours, "amount": float(total)}


def test_the_clients_types_are_those_of_the_api(tmp_path: Path) -> None:
    made = tmp_path / "schema.d.ts"

    generate(made)

    assert made.read_text() == TYPES.read_text(), "stale; run `make client`"
