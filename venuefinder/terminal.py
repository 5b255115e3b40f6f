"""What people see in a terminal."""

import io
import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from venuefinder.answers import SearchAnswer, VenueHit
from venuefinder.domain import Price
from venuefinder.request import SearchRequest, VenueFilter
from venuefinder.tuning import TARGET_RECALL

if TYPE_CHECKING:
    from venuefinder.calibrate import CalibrationReport
    from venuefinder.calibrate_seen import SeenReport
    from venuefinder.doctor import Check
    from venuefinder.indexing import IndexReport

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
WIDTH = 120
"""Characters a line where there is no terminal to ask."""
STATES = {"ok": "green", "warning": "yellow", "failed": "red"}
STATE_WIDTH = max(map(len, STATES))


def plain(value: object) -> str:
    """Return text with nothing in it that a terminal or rich would act on."""
    return escape("".join(character for character in str(value) if character.isprintable() or character == "\n"))


def write_whatever_it_can() -> None:
    """Show a question mark for what the terminal's encoding does not have, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(message: str) -> None:
    """Print one line for people."""
    Console(highlight=False, soft_wrap=True).print(plain(message))


def show_answer(request: SearchRequest, answer: SearchAnswer) -> None:
    """Print the ranked venues as a table."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    asked = " · ".join((f"“{request.query}”", *filter_words(request.filters)))
    table = Table(title=plain(asked), title_justify="left", header_style="bold", box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding = False, True  # 80 columns are few
    match = ("match",) if _calibrated(answer) else ()
    for name in ("#", "venue", "score", *match, "beats", "photo that matched", "place", "capacity", "price"):
        right = name in ("#", "score", "match", "beats", "capacity", "price")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for hit in answer.results:
        table.add_row(*_cells(hit, calibrated=bool(match)))
    console.print(table)
    for line in notes(request, answer):
        console.print(plain(line), style="dim", soft_wrap=True)


def _calibrated(answer: SearchAnswer) -> bool:
    return any(hit.probability is not None for hit in answer.results)


def _cells(hit: VenueHit, *, calibrated: bool) -> list[str]:
    venue = hit.venue
    place = ", ".join(part for part in (venue.city, venue.country) if part)
    largest = max((room.capacity.largest() or 0 for room in venue.rooms), default=0)
    capacity = max(venue.capacity.largest() or 0, largest)
    return [
        str(hit.rank),
        plain(venue.name),
        f"{hit.score:.2f}",
        *([f"{100 * (hit.probability or 0):.0f} %"] if calibrated else []),
        "-" if hit.percentile is None else f"{hit.percentile:.0f} %",
        plain(hit.photo.uri) if hit.photo else "-",
        plain(place) or "-",
        f"{capacity:,}" if capacity else "-",
        plain(price_words(venue.price)) if venue.price else "-",
    ]


def price_words(price: Price) -> str:
    """Return a price as people write it, for example '£4,500 / event'."""
    amount = _money(price.amount)
    symbol = SYMBOLS.get(price.currency)
    return f"{symbol}{amount} / {price.unit}" if symbol else f"{amount} {price.currency} / {price.unit}"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}".removesuffix(".00")


def filter_words(filters: VenueFilter) -> list[str]:
    """Return the filters as people say them."""
    words = [word for word in (filters.kind, filters.city and f"in {filters.city.title()}") if word]
    if filters.guests:
        words.append(f"{filters.guests} guests{f' {filters.layout}' if filters.layout else ''}")
    if filters.price:
        symbol = SYMBOLS.get(filters.price.currency, f"{filters.price.currency} ")
        words.append(f"at most {symbol}{_money(filters.price.max)}")
    words += [f"with {name}" for name in filters.amenities.all]
    if filters.amenities.any:
        words.append(f"with {' or '.join(filters.amenities.any)}")
    return words + [f"without {name}" for name in filters.amenities.none]


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
    if _calibrated(answer):
        lines.append("match: how likely the venue matches, as calibrated on labelled pairs")
    if answer.results:
        lines.append("beats: the share of unrelated photo-query pairs that the photo's match is stronger than")
    else:
        lines.append("no venue passes these filters; take one away")
    return lines


def calibration_words(report: "CalibrationReport") -> list[str]:
    """Return what a calibration did, and how good it is on queries it did not see, a line each."""
    return [
        f"space {report.space!r}: calibrated on {report.pairs:,} pairs of {report.queries:,} queries, "
        f"{report.matches:,} of them matches; results carry a probability from now on",
        f"on queries held out: Brier score {report.brier:.3f} (always saying the share of matches: "
        f"{report.brier_of_base_rate:.3f}; 0 is best), expected calibration error {report.calibration_error:.3f}",
    ]


def index_words(report: "IndexReport") -> list[str]:
    """Return how a space's index is, and what is left to do, a line each."""
    facts, tuned = report.facts, report.tuned
    index = "no index, every photo is read" if report.kind == "exact" else f"{report.kind} index"
    size = f", {facts.index_bytes / 1e6:,.1f} MB" if facts.index_bytes else ""
    built = "" if report.seconds is None else f", built in {report.seconds:,.1f} s"
    lines = [f"space {report.space!r}: {index}{size}{built}; {facts.rows:,} embeddings"]
    lines += [f"dropped the {kind} index" for kind in report.dropped]
    lines += [
        f"the {kind} index is there too; to drop it, run: venuefinder index --drop-others" for kind in report.kept
    ]
    if tuned:
        lines.append(
            f"searches keep {tuned.ef_search} candidates (ef_search) and find {tuned.recall:.2%} of the best ten"
        )
    if not report.reached:
        lines.append(
            f"that is short of {TARGET_RECALL:.0%}: the widest search the index allows finds no more; for all of "
            "them, set VENUEFINDER_INDEX=exact"
        )
    return lines


def seen_words(report: "SeenReport") -> list[str]:
    """Return from when on photos are said to show a phrase, and how good that is on phrases held out, a line each."""
    rule = report.rule
    return [
        f"space {report.space!r}: fitted on {rule.pairs:,} pairs of {rule.phrases:,} phrases, {report.shown:,} of them "
        f"shown; a photo is said to show a phrase from a cosine of {rule.threshold:.3f} on",
        f"on phrases held out: {report.precision:.0%} of what is said to be seen is shown, and {report.recall:.0%} of "
        f"what is shown is said to be seen; Brier score {report.brier:.3f} (always saying the share of shown pairs: "
        f"{report.brier_of_base_rate:.3f}; 0 is best), expected calibration error {report.calibration_error:.3f}",
    ]


def show_checks(checks: Iterable["Check"]) -> bool:
    """Print checks as they come; return whether one failed."""
    console = Console(highlight=False, soft_wrap=True)
    failed = False
    for check in checks:
        failed |= check.state == "failed"
        state = f"[{STATES[check.state]}]{check.state:>{STATE_WIDTH}}[/]"
        console.print(f"{state}  [bold]{plain(check.name)}[/]: {plain(check.found)}")
        if check.remedy:
            console.print(f"{'':{STATE_WIDTH}}  → {plain(check.remedy)}", style="dim")
    return failed
