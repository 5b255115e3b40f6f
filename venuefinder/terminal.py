"""What people see in a terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from venuefinder.answers import SearchAnswer, VenueHit
from venuefinder.domain import Price, SearchRequest

if TYPE_CHECKING:
    from venuefinder.doctor import Check

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
STATES = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "failed": "[red]failed[/]"}


def plain(value: object) -> str:
    """Return text with nothing in it that a terminal or rich would act on."""
    return escape("".join(character for character in str(value) if character.isprintable() or character == "\n"))


def say(message: str) -> None:
    """Print one line for people."""
    Console(highlight=False, soft_wrap=True).print(plain(message))


def show_answer(request: SearchRequest, answer: SearchAnswer) -> None:
    """Print the ranked venues as a table."""
    console = Console(highlight=False)
    table = Table(title=plain(f"“{request.query}”"), title_justify="left", header_style="bold")
    for name, justify in (("#", "right"), ("venue", "left"), ("score", "right"), ("photo that matched", "left")):
        table.add_column(name, justify="right" if justify == "right" else "left")
    table.add_column("place")
    table.add_column("capacity", justify="right")
    table.add_column("price", justify="right")
    for hit in answer.results:
        table.add_row(*_cells(hit))
    console.print(table)
    for line in notes(request, answer):
        console.print(plain(line), style="dim", soft_wrap=True)


def _cells(hit: VenueHit) -> list[str]:
    venue = hit.venue
    percentile = f" ({hit.percentile:.0f} %)" if hit.percentile is not None else ""
    place = ", ".join(part for part in (venue.city, venue.country) if part)
    largest = max((room.capacity.largest() or 0 for room in venue.rooms), default=0)
    capacity = max(venue.capacity.largest() or 0, largest)
    return [
        str(hit.rank),
        plain(venue.name),
        f"{hit.score:.2f}{percentile}",
        plain(hit.photo.uri) if hit.photo else "-",
        plain(place) or "-",
        str(capacity) if capacity else "-",
        plain(price_words(venue.price)) if venue.price else "-",
    ]


def price_words(price: Price) -> str:
    """Return a price as people write it, for example '£4,500 / event'."""
    amount = f"{price.amount:,.2f}".removesuffix(".00")
    symbol = SYMBOLS.get(price.currency)
    return f"{symbol}{amount} / {price.unit}" if symbol else f"{amount} {price.currency} / {price.unit}"


def notes(request: SearchRequest, answer: SearchAnswer) -> list[str]:
    """Return what the table cannot say: warnings, and what the filters left out."""
    lines = list(answer.warnings)
    left_out = answer.left_out
    if left_out.other_currency and request.filters.price:
        lines.append(
            f"{left_out.other_currency} venues priced in other than {request.filters.price.currency}: left out"
        )
    if left_out.unknown_price:
        lines.append(f"{left_out.unknown_price} venues without a price: left out")
    if left_out.unknown_capacity:
        lines.append(f"{left_out.unknown_capacity} venues that do not say how many they hold: left out")
    if not answer.results:
        lines.append("no venue passes these filters; take one away")
    return lines


def show_checks(checks: Iterable["Check"]) -> bool:
    """Print checks as they come; return whether one failed."""
    console = Console(highlight=False, soft_wrap=True)
    failed = False
    for check in checks:
        failed |= check.state == "failed"
        console.print(f"{STATES[check.state]:>9} [bold]{plain(check.name)}[/]: {plain(check.found)}")
        if check.remedy:
            console.print(f"          {plain(check.remedy)}", style="dim")
    return failed
