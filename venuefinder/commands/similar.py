"""`venuefinder similar`: venues like one."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

import typer

from venuefinder.bootstrap import Services
from venuefinder.errors import NotFoundError
from venuefinder.recommending.recommendation import DIVERSITY, MAX_RECOMMENDED, RecommendedVenue, SimilarRequest
from venuefinder.searching.wording import money, shortened
from venuefinder.settings import load_settings
from venuefinder.terminal import say


def similar_command(
    external_id: Annotated[str, typer.Argument(metavar="EXTERNAL_ID", help="The venue's id in your own system.")],
    *,
    cheaper: Annotated[bool, typer.Option("--cheaper", help="Only venues that cost less.")] = False,
    guests: Annotated[int | None, typer.Option(min=1, max=1_000_000, help="For so many people.")] = None,
    diversity: Annotated[
        float, typer.Option(min=0, max=1, help="0: the most alike; 1: as different from each other as can be.")
    ] = DIVERSITY,
    limit: Annotated[int, typer.Option(min=1, max=MAX_RECOMMENDED)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """List venues like one, each with the reason."""
    asked = SimilarRequest(cheaper=cheaper, guests=guests, diversity=diversity, limit=limit)
    with Services(load_settings()) as services:
        if external_id not in services.venues.known([external_id]):
            raise NotFoundError(f"venue {external_id!r}: not in this catalogue; see venuefinder search")
        answer = services.recommend.answer(asked.request(external_id))
    if as_json:
        typer.echo(answer.model_dump_json())
        return
    for result in answer.results:
        for line in _words(result):
            say(line)
    if not answer.results:
        say("no venue passes; leave out --cheaper or --guests")


def _words(result: RecommendedVenue) -> Iterator[str]:
    """Return a venue in two lines: what it is, why it is there."""
    venue, facts = result.venue, [f"{result.rank:>2}  {shortened(result.venue.name)} ({result.venue.external_id})"]
    if place := ", ".join(part for part in (venue.city, venue.country) if part):
        facts.append(place)
    if result.price:
        facts.append(f"{money(Decimal(str(result.price.total)), result.price.currency)} in all")
    yield " · ".join(facts)
    yield f"    {result.reason}"
