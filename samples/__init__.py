"""Sample venues for the demo, built from freely licensed photographs; and the questions the demo asks of them."""

from venuefinder.request import SearchRequest

DEMO_QUERIES = (
    SearchRequest(query="a loft with brick walls and leather sofas"),
    SearchRequest(query="a house with a swimming pool for 50 guests under £5,000"),
    SearchRequest(query="sunlight between trees for 50 guests under £2,000 near Bristol, no camping"),
)
"""Asked of the sample venues: what a photo shows, what a listing says, and a whole sentence."""

STAND_IN_QUERIES = (
    SearchRequest(query="a cup of coffee on a wooden table"),
    SearchRequest(query="a pagoda with tiled roofs"),
    SearchRequest(query="a flower in bloom"),
)
"""Asked of the stand-ins, where npm could not be had."""
