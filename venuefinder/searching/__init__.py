"""From a request to ranked venues, each with the photo that matched and a mark for every clause."""
