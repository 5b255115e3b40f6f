"""Draws answers of real searches as one picture: the one in the README.

python -m samples.gallery docs/images/results.jpg --photos SAMPLES --ask "a brick loft" answer.json [--ask …]

An answer is what `venuefinder search "a brick loft" --json` printed; the photos are the folder that was ingested.
"""

import argparse
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image, ImageDraw, ImageFont, ImageOps
from pydantic import ValidationError
from rich.console import Console

from samples.errors import SamplesError
from samples.sources import PACKAGES
from venuefinder.answers import ClauseAnswer, SearchAnswer, Status, VenueHit
from venuefinder.domain import Price, Venue
from venuefinder.errors import VenueFinderError

SHOWN = 4
"""Results a search."""
MAX_BYTES = 300_000
_WIDTH, _MARGIN, _GAP = 1280, 28, 16
_CARD = (_WIDTH - 2 * _MARGIN - (SHOWN - 1) * _GAP) // SHOWN
_PHOTO = (_CARD, 200)
_HEADING, _ROW, _FOOTER = 52, 348, 62
_INK, _QUIET, _PAPER, _ACCENT = "#1d2329", "#66707a", "#ffffff", "#0b6e4f"
MARKS: Mapping[Status, tuple[str, str]] = {
    "seen": ("#0b6e4f", "a photo shows it"),
    "stated": ("#1f5fa8", "the listing says it"),
    "contradicted": ("#b3261e", "contradicted"),
    "unknown": ("#c3c9cf", "not known"),
}
"""The colour of a clause's dot, and what it means."""
_DOT = 9
_UNITS = {"event": "an event", "hour": "an hour", "day": "a day", "head": "a head"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: what was asked in words, and what came back."""

    words: str
    hits: Sequence[VenueHit]


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the picture and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        asked = [Asked(words, _read(Path(file))) for words, file in options.ask]
        picture = draw(asked, options.photos)
        options.picture.parent.mkdir(parents=True, exist_ok=True)
        options.picture.write_bytes(small_jpeg(picture))
    except (VenueFinderError, OSError) as error:
        Console(stderr=True, soft_wrap=True).print(f"gallery: {error}", style="red", markup=False)
        return error.exit_code if isinstance(error, VenueFinderError) else 1
    return 0


def draw(asked: Sequence[Asked], photos: Path) -> Image.Image:
    """Return the picture: each search as a heading in words, and its first four venues below, best first."""
    height = _MARGIN + len(asked) * (_HEADING + _ROW) + _FOOTER
    sheet = Image.new("RGB", (_WIDTH, height), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for row, search in enumerate(asked):
        top = _MARGIN + row * (_HEADING + _ROW)
        pen.text((_MARGIN, top), f"“{search.words}”", fill=_INK, font=_font(28))
        for place, hit in enumerate(search.hits[:SHOWN]):
            _draw_card(sheet, hit, photos, (_MARGIN + place * (_CARD + _GAP), top + _HEADING))
    if any(hit.clauses for search in asked for hit in search.hits[:SHOWN]):
        _draw_dots(pen, (_MARGIN, height - _FOOTER), list(MARKS.values()), _WIDTH - 2 * _MARGIN)
    pen.text((_MARGIN, height - _FOOTER + 24), _credits(), fill=_QUIET, font=_font(13))
    return sheet


def small_jpeg(picture: Image.Image) -> bytes:
    """Return the picture as a JPEG of at most 300,000 bytes, as good as fits; raises SamplesError if none does."""
    for quality in range(90, 25, -5):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= MAX_BYTES:
            return buffer.getvalue()
    raise SamplesError(f"gallery: found no JPEG quality below {MAX_BYTES} bytes; ask fewer questions")


def _draw_card(sheet: Image.Image, hit: VenueHit, photos: Path, corner: tuple[int, int]) -> None:
    left, top = corner
    sheet.paste(_photo(hit, photos), corner)
    pen = ImageDraw.Draw(sheet)
    pen.rounded_rectangle((left + 8, top + 8, left + 38, top + 38), radius=15, fill=_PAPER)
    pen.text((left + 23, top + 23), str(hit.rank), fill=_INK, font=_font(17), anchor="mm")
    below = top + _PHOTO[1]
    pen.text((left, below + 8), _cut(hit.venue.name, 20), fill=_INK, font=_font(20))
    pen.text((left, below + 35), _cut(_place(hit.venue), 15), fill=_QUIET, font=_font(15))
    pen.text((left, below + 56), _cut(_price(hit.venue.price), 15), fill=_QUIET, font=_font(15))
    pen.text((left, below + 77), _cut(_worth(hit), 15), fill=_ACCENT, font=_font(15))
    _draw_dots(pen, (left, below + 100), [_dot(clause) for clause in hit.clauses], _CARD)


def _dot(clause: ClauseAnswer) -> tuple[str, str]:
    colour, _ = MARKS[clause.status]
    return colour, clause.text


def _draw_dots(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], labels: Sequence[tuple[str, str]], width: int
) -> None:
    """Draw words in a line, a dot of their colour before each, for as long as they fit in `width` pixels."""
    (left, top), font = corner, _font(14)
    right = left + width
    for colour, words in labels:
        length = int(font.getlength(words))
        if left + _DOT + 4 + length > right:
            break
        pen.ellipse((left, top + 4, left + _DOT, top + 4 + _DOT), fill=colour)
        pen.text((left + _DOT + 4, top), words, fill=_INK, font=font)
        left += _DOT + 4 + length + 12


def _photo(hit: VenueHit, photos: Path) -> Image.Image:
    if hit.photo is None:
        return Image.new("RGB", _PHOTO, "#e7eaed")
    path = photos / hit.venue.external_id / PurePosixPath(hit.photo.uri).name
    try:
        with Image.open(path) as image:
            return ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), _PHOTO, Image.Resampling.LANCZOS)
    except OSError as error:
        raise SamplesError(f"photo {path}: found none that opens, expected the one that was ingested") from error


def _place(venue: Venue) -> str:
    most = venue.capacity.largest()
    return " · ".join(filter(None, [venue.city, f"up to {most:,} guests" if most else None]))


def _price(price: Price | None) -> str:
    if price is None:
        return "Price on request"
    # Currency by its code: Pillow's own font has no sign for some.
    return f"{price.currency} {price.amount:,.0f} {_UNITS[price.unit]}"


def _worth(hit: VenueHit) -> str:
    percentile = "" if hit.percentile is None else f" · photo beats {int(hit.percentile)} % of unrelated"
    return f"Score {hit.score:.2f}{percentile}"


def _cut(text: str, size: int) -> str:
    font = _font(size)
    if font.getlength(text) <= _CARD:
        return text
    while text and font.getlength(f"{text}…") > _CARD:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _credits() -> str:
    packages = "; ".join(f"{package.spec} ({package.licence})" for package in PACKAGES.values())
    return f"Photos: {packages}. Venues: our own invention."


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise SamplesError("gallery: found a Pillow without FreeType, expected one with it; install Pillow's wheel")
    return font


def _read(file: Path) -> Sequence[VenueHit]:
    try:
        return SearchAnswer.model_validate_json(file.read_bytes()).results
    except ValidationError as error:
        raise SamplesError(f"{file}: found no answer of `venuefinder search --json` ({error})") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m samples.gallery", description="Draw answers of searches.")
    parser.add_argument("picture", type=Path, help="the JPEG to write")
    parser.add_argument("--photos", type=Path, required=True, help="the folder that was ingested")
    parser.add_argument(
        "--ask", nargs=2, action="append", required=True, metavar=("QUERY", "ANSWER.json"), help="a search; repeat it"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
