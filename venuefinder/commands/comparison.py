"""`venuefinder spaces compare`: which spaces, which queries, and what is said of them."""

from pathlib import Path

from venuefinder.bootstrap import Services
from venuefinder.calibrating.labelled_pairs import LabelledPair, read_labels
from venuefinder.errors import InputError
from venuefinder.records import StoredSpace
from venuefinder.request import MAX_QUERY_CHARACTERS
from venuefinder.spaces.comparing import ComparedQuery, Comparison, compare

SAMPLE = 50
"""Venues, and photos, that a sample of the catalogue asks with."""
MAX_BYTES = 10_000_000
MOST_CHARACTERS = 200
"""Of a description that is asked with."""


def compared(
    services: Services, names: tuple[str | None, str | None], *, queries: Path | None, pairs: Path | None, k: int
) -> Comparison:
    """Compare two spaces, the newest that does not serve with the one that does where none are named.

    Raises InputError for files that are not as expected, SpaceError where there are no two spaces.
    """
    labels = _labels(pairs) if pairs else ()
    switching = services.switching
    one = switching.named(names[0]) if names[0] else switching.candidate()
    other = switching.named(names[1]) if names[1] else switching.active()
    if one.id == other.id:
        raise InputError(f"space {one.space.name!r}: found the same space twice, expected two to compare")
    asked = _queries(services, (one, other), labels, queries)
    searches = {stored.space.name: services.in_space(stored).search for stored in (other, one)}
    return compare(searches, asked, k=k, pairs=labels)


def _queries(
    services: Services, spaces: tuple[StoredSpace, StoredSpace], labels: tuple[LabelledPair, ...], file: Path | None
) -> list[ComparedQuery]:
    if file is not None:
        return [ComparedQuery(words=line) for line in _lines(file)]
    if labels:
        return [ComparedQuery(words=words) for words in dict.fromkeys(pair.query for pair in labels)]
    told = [ComparedQuery(words=_words(*of_venue)) for of_venue in services.query_samples.told(SAMPLE)]
    photos = services.query_samples.photos(*spaces, SAMPLE)
    sample = [*told, *(ComparedQuery(photo_id=photo_id, own=venue) for photo_id, venue in photos)]
    if not sample:
        raise InputError("compare: the catalogue is empty, expected venues to ask with; add --queries FILE")
    return sample


def _words(name: str, description: str) -> str:
    """Return what a venue says of itself, whole words of it; its name where that is nothing."""
    if len(description) <= MOST_CHARACTERS:
        return description or name
    return description[:MOST_CHARACTERS].rpartition(" ")[0] or name


def _labels(path: Path) -> tuple[LabelledPair, ...]:
    labels = read_labels(path)
    if labels.photos or not labels.venues:
        raise InputError(f"{path}: expected labelled venues, with the columns {', '.join(LabelledPair.COLUMNS)}")
    if not any(pair.relevant for pair in labels.venues):
        raise InputError(f"{path}: found no venue that matches, expected some with relevant 1: nDCG tells nothing else")
    return labels.venues


def _lines(path: Path) -> list[str]:
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise InputError(f"{path}: expected a file of at most {MAX_BYTES:,} bytes, with a query a line")
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start + 1}); save it as text in UTF-8") from None
    found = [line for line in lines if line]
    if long := next((line for line in found if len(line) > MAX_QUERY_CHARACTERS), None):
        raise InputError(
            f"{path}: found a query of {len(long):,} characters, expected at most {MAX_QUERY_CHARACTERS:,}"
        )
    if not found:
        raise InputError(f"{path}: found no queries, expected one a line")
    return found


def comparison_words(found: Comparison) -> list[str]:
    """Return a comparison for people, a line each."""
    kinds = {"words": "queries in words", "photo": "photos"}
    lines = [
        f"{count:,} {kinds[kind]}: {found.overlap[kind]:.0%} of the first {found.k} results in common"
        for kind, count in found.queries.items()
    ]
    for side in found.sides:
        ndcg = "" if side.ndcg is None else f", nDCG@10 {side.ndcg:.3f} ({found.labelled:,} queries)"
        lines.append(f"{side.space}: {side.p50:,.1f} ms a search at the median, {side.p95:,.1f} ms at p95{ndcg}")
    return lines
