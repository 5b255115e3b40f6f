"""Sample venues for the demo, built from freely licensed photographs; and the questions the demo asks of them."""

from decimal import Decimal

from venuefinder.request import PriceLimit, SearchRequest, VenueFilter

DEMO_QUERIES = (
    SearchRequest(query="a loft with brick walls and leather sofas"),
    SearchRequest(
        query="a house with a swimming pool", filters=VenueFilter(guests=50, price=PriceLimit(max=Decimal(5000)))
    ),
    SearchRequest(query="a wedding by a lake at sunset", filters=VenueFilter(guests=100)),
)
"""Asked of the sample venues."""

STAND_IN_QUERIES = (
    SearchRequest(query="a cup of coffee on a wooden table"),
    SearchRequest(query="a pagoda with tiled roofs"),
    SearchRequest(query="a flower in bloom"),
)
"""Asked of the stand-ins, where npm could not be had."""
