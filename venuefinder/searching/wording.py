"""Constraints in words for people: "at most £5,000 a head", "within 25 km of Bath"."""

from collections.abc import Sequence
from decimal import Decimal

from venuefinder.domain import Layout
from venuefinder.request import AttributeRange, AttributeTest, Box, Near, PriceLimit

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
LISTED = 3
"""Alternatives that are written out; the rest are counted."""
SHOWN = 60
"""Characters of an attribute's text; the rest is an ellipsis."""
_PER = {"event": "", "head": " a head", "hour": " an hour"}


def kind_words(kind: str) -> str:
    """Return "kind: barn"."""
    return f"kind: {kind}"


def city_words(city: str) -> str:
    """Return "in Bath"."""
    return f"in {city}"


def country_words(country: str) -> str:
    """Return "country: GB"."""
    return f"country: {country}"


def near_words(near: Near) -> str:
    """Return "within 25 km of Bath", "near Bath" where the radius is the place's own, or a point's coordinates."""
    place = near.place or f"{near.latitude:.4f}, {near.longitude:.4f}"
    return f"near {place}" if near.radius_km is None else f"within {number(near.radius_km)} km of {place}"


def box_words(box: Box) -> str:
    """Return "between latitudes 51.2 and 51.5, longitudes -2.5 and -2.2"."""
    latitudes, longitudes = f"{box.south:.7g} and {box.north:.7g}", f"{box.west:.7g} and {box.east:.7g}"
    return f"between latitudes {latitudes}, longitudes {longitudes}"


def guests_words(guests: int, layout: Layout | None) -> str:
    """Return "120 guests", "120 guests seated", "120 guests, theatre style"."""
    count = f"{guests:,} guest{'s' if guests > 1 else ''}"
    if layout is None:
        return count
    return f"{count} {layout}" if layout in ("seated", "standing") else f"{count}, {layout} style"


def price_words(price: PriceLimit) -> str:
    """Return "£2,000 to £5,000 for 6 hours, minimum spend at most £1,000"."""
    parts = [_range_words(price) + _PER[price.per]] if price.max is not None or price.min is not None else []
    if price.max_minimum_spend == 0:
        parts.append("no minimum spend")
    elif price.max_minimum_spend is not None:
        parts.append(f"minimum spend at most {money(price.max_minimum_spend, price.currency)}")
    hours = "" if price.hours is None else f" for {number(price.hours)} hour{'' if price.hours == 1 else 's'}"
    return ((parts[0] + hours) if parts else hours.strip()) + "".join(f", {part}" for part in parts[1:])


def _range_words(price: PriceLimit) -> str:
    least, most = (None if amount is None else money(amount, price.currency) for amount in (price.min, price.max))
    if least is None or most is None:
        return f"at most {most}" if least is None else f"at least {least}"
    return f"{least} to {most}"


def has_words(amenities: Sequence[str]) -> str:
    """Return "has parking", "has parking or wifi"."""
    return f"has {any_of(amenities)}"


def without_words(amenity: str) -> str:
    """Return "no carpets"."""
    return f"no {amenity}"


def attribute_words(name: str, test: AttributeTest) -> str:
    """Return "floor: 2", "style: rustic or modern", "area: at least 200", "licensed: yes"."""
    if isinstance(test, AttributeRange):
        return f"{shortened(name)}: {_bounds_words(test)}"
    values = test if isinstance(test, tuple) else (test,)
    return f"{shortened(name)}: {any_of([_value_words(value) for value in values])}"


def _bounds_words(test: AttributeRange) -> str:
    if test.min is None or test.max is None:
        return f"at most {number(test.max)}" if test.max is not None else f"at least {number(test.min or 0)}"
    return f"{number(test.min)} to {number(test.max)}"


def _value_words(value: str | float | bool | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "yes", False: "no"}[value]
    return shortened(value) if isinstance(value, str) else number(value)


def any_of(names: Sequence[str]) -> str:
    """Return "a, b or c", and of more names than three how many others there are."""
    shown = [shortened(name) for name in names]
    if len(shown) > LISTED:
        shown = [*shown[: LISTED - 1], f"{len(names) - LISTED + 1} others"]
    return " or ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def money(amount: Decimal, currency: str) -> str:
    """Return "£5,000", "12.50 CHF"."""
    digits = f"{amount:,.2f}".removesuffix(".00")
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{digits}" if symbol else f"{digits} {currency}"


def number(value: float) -> str:
    """Return a number without needless zeros: "25", "7.5", "1,200"."""
    try:
        return f"{value:,.10g}" if abs(value) < 1e10 else f"{value:.10g}"
    except OverflowError:  # a whole number larger than any float
        return f"{Decimal(value).normalize():.10g}"


def shortened(text: str) -> str:
    """Return a text of at most 60 characters on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
