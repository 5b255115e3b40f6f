"""Sample venues for the demo, built from freely licensed photographs; and the questions the demo asks of them."""

from venuefinder.domain import AmenityFilter, SearchRequest, VenueFilter

DEMO_QUERIES = (
    SearchRequest(query="a brick loft with tall windows and leather sofas"),
    SearchRequest(query="a house with a swimming pool", filters=VenueFilter(guests=50)),
    SearchRequest(
        query="a ceremony in the woods", filters=VenueFilter(amenities=AmenityFilter(all=("outdoor space",)))
    ),
)
"""Asked of the sample venues."""

STAND_IN_QUERIES = (
    SearchRequest(query="a cup of coffee on a wooden table"),
    SearchRequest(query="a pagoda with tiled roofs"),
    SearchRequest(query="a flower in bloom"),
)
"""Asked of the stand-ins, where npm could not be had."""
