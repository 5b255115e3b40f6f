"""The options of `venuefinder search`, each with its help."""

from typing import Annotated

import typer

Query = Annotated[str | None, typer.Argument(help="The venue in plain words: guests, budget, place and all.")]
Image = Annotated[
    list[str] | None,
    typer.Option(help="PATH, photo:ID or upload:ID, with =WEIGHT if not 1; negative: look different. Repeatable."),
]
QueryWeight = Annotated[float | None, typer.Option(help="How much the words weigh beside pictures.")]
Near = Annotated[str | None, typer.Option(help="Only venues near this place, or near LATITUDE,LONGITUDE.")]
RadiusKm = Annotated[float | None, typer.Option(help="How far --near reaches.")]
Box = Annotated[str | None, typer.Option(help="Only venues in SOUTH,WEST,NORTH,EAST, degrees.")]
City = Annotated[str | None, typer.Option(help="Only venues in this city.")]
Country = Annotated[str | None, typer.Option(help="Only venues in this country, for example GB.")]
Kind = Annotated[str | None, typer.Option(help="Only this kind, for example 'barn'.")]
Guests = Annotated[int | None, typer.Option(help="Only venues that hold so many people, or have a room that does.")]
Layout = Annotated[str | None, typer.Option(help="How the guests sit: seated, standing, theatre, …")]
MaxPrice = Annotated[float | None, typer.Option(help="At most this for it all, in --currency.")]
MinPrice = Annotated[float | None, typer.Option(help="At least this for it all.")]
MaxMinimumSpend = Annotated[float | None, typer.Option(help="No higher minimum spend than this.")]
Per = Annotated[str | None, typer.Option(help="What the prices are for: event, head or hour.")]
Hours = Annotated[float | None, typer.Option(help="How long the event lasts, to count its price.")]
Currency = Annotated[
    str | None, typer.Option(help="ISO 4217 code of the prices, GBP if not given; venues in others are left out.")
]
Amenity = Annotated[list[str] | None, typer.Option(help="Must have; may be repeated.")]
AnyAmenity = Annotated[list[str] | None, typer.Option(help="Must have one of these.")]
NoAmenity = Annotated[list[str] | None, typer.Option(help="Must not have.")]
Attribute = Annotated[
    list[str] | None, typer.Option(help="NAME=VALUE or NAME=LOW..HIGH; a name repeated: one of the values.")
]
Sort = Annotated[str | None, typer.Option(help="relevance, price, guests, distance, name; -price: greatest first.")]
Limit = Annotated[int, typer.Option(help="How many venues a page, 1 to 1000.")]
Cursor = Annotated[str | None, typer.Option(help="The page after the one that named this.")]
Facet = Annotated[
    list[str] | None, typer.Option(help="Count kind, city, country, amenities, layouts, price or attributes.NAME.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Drop weak matches, possibly all.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show the parts of each score.")]
Interpret = Annotated[bool, typer.Option(help="Understand guests, budget, place and the rest.")]
SwitchOff = Annotated[list[str] | None, typer.Option(help="Words that were understood, to read as plain words.")]
Rerank = Annotated[
    bool | None,
    typer.Option(
        help="Have a vision-language model look at photos of these venues and order them; "
        "neither given: where that was measured to help."
    ),
]
RerankWait = Annotated[float | None, typer.Option(help="Seconds to wait for that order, 0 to 120; 60 if not given.")]
Everything = Annotated[bool, typer.Option("--all", help="Show weak matches too.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer of POST /v1/search.")]
