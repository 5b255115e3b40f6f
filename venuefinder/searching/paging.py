"""Pages of one order, defined in tiers, so that its first page costs little and every page agrees.

    places 1 to 30        the best 30 of a search that looks for 30
    places 31 to 300      the best of a search that looks for 300, but for those 30
    places 301 to 1,000   likewise
    beyond                all others that pass, by reading every row

An approximate index may find in a wider search what it missed in a narrower one. Since each tier leaves the places of
those before it alone, a venue has one place however the list is cut into pages.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from venuefinder.errors import QueryError
from venuefinder.request import SearchRequest
from venuefinder.searching.ranking import RankedVenue

TIERS = (30, 300, 1_000)
DEEPEST = TIERS[-1]
MOST_PLACES = 1_000_000_000
BETWEEN_PAGES = {"cursor", "limit", "facets", "explain", "rerank", "rerank_wait"}
"""What may differ from page to page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where the next page begins: after the venue `after`, or where that is gone, after `offset` places.

    By relevance, places beyond 1,000 are counted, not looked for.
    """

    offset: int
    after: str
    query: str
    generation: str

    def encode(self) -> str:
        """Return the cursor as a caller keeps it."""
        fields = [self.offset, self.after, self.query, self.generation]
        return urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")


def fingerprint(request: SearchRequest) -> str:
    """Return what tells the query of a request from others, 16 hexadecimal digits."""
    asked = request.model_dump_json(exclude=BETWEEN_PAGES)
    return sha256(asked.encode()).hexdigest()[:16]


def read_cursor(request: SearchRequest, generation: str) -> Cursor | None:
    """Return the request's cursor, None on a first page.

    Raises QueryError where it is no cursor, or one of another query or another generation of the index.
    """
    if request.cursor is None:
        return None
    cursor = _decoded(request.cursor)
    if cursor.query != fingerprint(request):
        raise QueryError("cursor: it belongs to another query; send the query it came from, or leave the cursor out")
    if cursor.generation != generation:
        raise QueryError("cursor: the index was rebuilt since that page; start again without a cursor")
    return cursor


def _decoded(text: str) -> Cursor:
    try:
        fields = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        offset, after, query, generation = fields
        valid = type(offset) is int and 0 <= offset <= MOST_PLACES
        if not valid or not all(_is_text(field) for field in (after, query, generation)):
            raise ValueError
    except (ValueError, TypeError, Base64Error, RecursionError):
        raise QueryError(f"cursor: found {text[:40]!r}, expected next_cursor of an answer") from None
    return Cursor(offset=offset, after=after, query=query, generation=generation)


def _is_text(field: Any) -> bool:
    """Return whether the database could hold it; raises ValueError for half of a surrogate pair."""
    return isinstance(field, str) and b"\0" not in field.encode()


def places(end: int, search: Callable[[int], Sequence[RankedVenue]]) -> list[RankedVenue]:
    """Return the venues of places 1 to `end`, 1,000 at most, in order; fewer where no more pass.

    `search(depth)` returns at least the `depth` best venues, best first, or all there are.
    """
    found: list[RankedVenue] = []
    for depth in TIERS:
        taken = {venue.venue_id for venue in found}
        found += [venue for venue in search(depth) if venue.venue_id not in taken][: depth - len(found)]
        if end <= depth or len(found) < depth:
            break
    return found[:end]


def start_of(cursor: Cursor | None, order: Sequence[str]) -> int:
    """Return how many places come before the page, given the external ids of the first places."""
    if cursor is None:
        return 0
    return order.index(cursor.after) + 1 if cursor.after in order else cursor.offset
