"""How the cost of a search grows with the catalogue: a figure from the files of several runs of `benchmarks.search`.

Both axes are logarithmic. A line a filter; a dashed one for pgvector's statement alone.

    python -m benchmarks.search_growth 10k.json 100k.json 1m.json --out docs/images/search-growth.svg
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 60, 150, 40, 50
COLOURS = ("#1b6ca8", "#d1495b", "#2e933c", "#8f5ba3", "#c98a00", "#3d405b", "#777777")
LABEL_HEIGHT = 14.0


@dataclass(frozen=True, slots=True)
class Line:
    """Points (photos, milliseconds), by growing catalogue."""

    name: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    runs = sorted((json.loads(file.read_text()) for file in arguments.files), key=lambda run: int(run["photos"]))
    arguments.out.write_text(drawn(lines_of(runs)))


def lines_of(runs: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Return the p50 of whole searches by filter, and of the bare statement."""
    names = list(runs[0]["filters"])
    lines = [
        Line(name, tuple((run["photos"], run["filters"][name]["search"]["p50"]) for run in runs)) for name in names
    ]
    bare = tuple((run["photos"], run["ratios"]["bare"]["p50"]) for run in runs)
    return [*lines, Line("pgvector alone", bare, dashed=True)]


def drawn(lines: Sequence[Line]) -> str:
    """Return the figure as SVG."""
    photos = [point[0] for line in lines for point in line.points]
    times = [point[1] for line in lines for point in line.points]
    across = _Scale(log10(min(photos)), log10(max(photos)) or 1, LEFT, WIDTH - RIGHT)
    up = _Scale(floor(log10(min(times))), ceil(log10(max(times))), HEIGHT - BOTTOM, TOP)
    parts = [*_grid(sorted(set(photos)), across, up), *_curves(lines, across, up)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    white = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    title = _text(LEFT, 22, "Milliseconds of a whole search, p50, by photos in the catalogue", size=15)
    return "\n".join([head, white, title, *parts, "</svg>\n"])


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the logarithm of a value to a place on the page."""

    least: float
    most: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (log10(value) - self.least) / ((self.most - self.least) or 1)
        return round(self.start + share * (self.end - self.start), 1)


def _grid(photos: Sequence[float], across: _Scale, up: _Scale) -> list[str]:
    parts = []
    for power in range(int(up.least), int(up.most) + 1):
        place = up(10.0**power)
        parts.append(f'<path d="M{LEFT} {place}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, place + 4, f"{10.0**power:g}", anchor="end"))
    for count in photos:
        parts.append(f'<path d="M{across(count)} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(_text(across(count), HEIGHT - BOTTOM + 20, f"{count:,.0f}", anchor="middle"))
    return parts


def _curves(lines: Sequence[Line], across: _Scale, up: _Scale) -> list[str]:
    parts, lowest = [], float(HEIGHT)
    colours = dict(zip((line.name for line in lines), COLOURS * len(lines), strict=False))
    for line in sorted(lines, key=lambda line: line.points[-1][1]):
        colour = colours[line.name]
        places = [(across(photos), up(milliseconds)) for photos, milliseconds in line.points]
        path = "L".join(f"{x} {y}" for x, y in places)
        dash = ' stroke-dasharray="6 4"' if line.dashed else ""
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places]
        lowest = min(places[-1][1], lowest - LABEL_HEIGHT)
        label = f"{line.name}: {line.points[-1][1]:.1f}"
        parts.append(_text(WIDTH - RIGHT + 10, lowest + 4, label, colour=colour))
    return parts


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#333", size: int = 12) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{escape(text)}</text>'


if __name__ == "__main__":
    main()
