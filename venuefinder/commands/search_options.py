"""The options of `venuefinder search`, made a search request."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from venuefinder.answers import PartAnswer, SearchAnswer, UploadAnswer
from venuefinder.decoding import SentFile
from venuefinder.errors import MissingImageError, QueryError
from venuefinder.request import SearchRequest
from venuefinder.validation import explained

Options = Mapping[str, Any]
"""By parameter name, as the command line read them; None or empty: not given."""

PASSED_ON = (
    "query",
    "query_weight",
    "limit",
    "sort",
    "cursor",
    "explain",
    "strict",
    "interpret",
    "rerank",
    "rerank_wait",
)
"""Options that are fields of the request under the same name."""
RERANK_WAIT = 60.0
"""Seconds, where none are given: a terminal has no stream to read."""
FILTERS = ("kind", "city", "country", "guests", "layout")
PRICES = ("max_price", "min_price", "max_minimum_spend", "hours")
"""Options that ask something of the price; currency and per only say how."""
AMENITIES = {"all": "amenity", "any": "any_amenity", "none": "no_amenity"}
_POINT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*,\s*([-+]?\d+(?:\.\d+)?)\s*")
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?")
_WEIGHTED = re.compile(r"(.+)=([-+]?(?:\d+\.?\d*|\.\d+))")
Upload = Callable[[Sequence[SentFile]], list[UploadAnswer]]
Answering = Callable[[SearchRequest], SearchAnswer]
_FILE = "file-"
"""Begins the id that stands for a file until it is uploaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that is valid but for its files: upload ids made up for them stand in it."""

    request: SearchRequest
    files: tuple[SentFile, ...] = ()
    switch_off: tuple[str, ...] = ()
    """Words of the query, whose parts are known once the query was understood."""

    def settled(self, upload: Upload, answer: Answering) -> SearchRequest:
        """Return the request with its files uploaded and its parts switched off."""
        request = self._with_uploads(upload)
        if not self.switch_off:
            return request
        first = request.model_copy(update={"limit": 1, "cursor": None, "facets": ()})
        understood = answer(first).interpreted
        spans = [span for words in self.switch_off for span in _spans(words, understood.parts if understood else [])]
        return request.model_copy(update={"switch_off": tuple(dict.fromkeys(spans))})

    def _with_uploads(self, upload: Upload) -> SearchRequest:
        """Return the request with the ids of the uploaded files. Without files nothing is."""
        if not self.files:
            return self.request
        ids = {f"{_FILE}{place}": found.upload_id for place, found in enumerate(upload(self.files))}
        images = [
            image.model_copy(update={"upload_id": ids.get(image.upload_id or "", image.upload_id)})
            for image in self.request.images
        ]
        return self.request.model_copy(update={"images": tuple(images)})


def asked(options: Options) -> Asked:
    """Return what the options ask.

    Raises QueryError naming the field or the option that is wrong, and ImageError for a picture that cannot be read.
    """
    images, files = _images(options["image"] or ())
    fields = {name: options[name] for name in PASSED_ON if options[name] is not None}
    if fields.get("rerank"):
        fields.setdefault("rerank_wait", RERANK_WAIT)
    fields |= {"images": images, "filters": _filters(options), "facets": options["facet"] or ()}
    try:
        request = SearchRequest.model_validate(fields)
    except ValidationError as error:
        raise QueryError(f"search: {explained(error)}") from None
    return Asked(request=request, files=files, switch_off=tuple(options["switch_off"] or ()))


def waiting(request: SearchRequest) -> SearchRequest:
    """Return the request as one that waits for its final order, should it be reranked: there is no stream to read."""
    return request if request.rerank_wait is not None else request.model_copy(update={"rerank_wait": RERANK_WAIT})


def _filters(options: Options) -> dict[str, Any]:
    amenities = {name: options[option] or [] for name, option in AMENITIES.items()}
    return {name: options[name] for name in FILTERS} | {
        "near": _near(options["near"], options["radius_km"]),
        "box": _box(options["box"]),
        "price": _price(options),
        "amenities": amenities,
        "attributes": _attributes(options["attribute"] or ()),
    }


def _price(options: Options) -> dict[str, Any] | None:
    if all(options[name] is None for name in PRICES):
        for name in ("currency", "per"):
            if options[name] is not None:
                raise QueryError(
                    f"--{name}: found no --max-price with it; it says how prices count: give one, or leave it out"
                )
        return None
    amounts = {"max": "max_price", "min": "min_price", "max_minimum_spend": "max_minimum_spend"}
    given: dict[str, Any] = {
        field: Decimal(str(options[name])) for field, name in amounts.items() if options[name] is not None
    }
    return given | {name: options[name] for name in ("currency", "per", "hours") if options[name] is not None}


def _near(place: str | None, radius_km: float | None) -> dict[str, Any] | None:
    if place is None:
        if radius_km is not None:
            raise QueryError("--radius-km: found no --near with it; give the place it is around")
        return None
    radius = {} if radius_km is None else {"radius_km": radius_km}
    if point := _POINT.fullmatch(place):
        return {"latitude": float(point[1]), "longitude": float(point[2])} | radius
    return {"place": place} | radius


def _box(box: str | None) -> dict[str, float] | None:
    if box is None:
        return None
    try:
        south, west, north, east = (float(number) for number in box.split(","))
    except ValueError:
        raise QueryError(f"--box: found {box[:80]!r}, expected SOUTH,WEST,NORTH,EAST in degrees") from None
    return {"south": south, "west": west, "north": north, "east": east}


def _attributes(given: Sequence[str]) -> dict[str, Any]:
    """Return tests by name: one value, a list where a name is given more than once, a range of `low..high`."""
    values: dict[str, list[Any]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise QueryError(f"--attribute: found {text[:80]!r}, expected NAME=VALUE or NAME=LOW..HIGH")
        values.setdefault(name.strip(), []).append(_attribute(value.strip()))
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _attribute(text: str) -> Any:
    if (bounds := _RANGE.fullmatch(text)) and text != "..":
        return {name: float(bound) for name, bound in zip(("min", "max"), bounds.groups(), strict=True) if bound}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value)) else text


def _spans(words: str, parts: Sequence[PartAnswer]) -> list[tuple[int, int]]:
    """Return the spans of the parts that these words are, or are in."""
    asked = " ".join(words.casefold().split())
    if found := [part.span for part in parts if asked and asked in " ".join(part.text.casefold().split())]:
        return found
    there = ", ".join(f"'{part.text}'" for part in parts) or "none"
    raise QueryError(f"--switch-off: found {words[:80]!r}, expected words of a part that was understood ({there})")


def _images(given: Sequence[str]) -> tuple[list[dict[str, Any]], tuple[SentFile, ...]]:
    images: list[dict[str, Any]] = []
    files: list[SentFile] = []
    for name, weight in map(_weighed, given):
        kind, _, picture_id = name.partition(":")
        if kind == "photo" and picture_id.isascii() and picture_id.isdecimal():
            image: dict[str, Any] = {"photo_id": int(picture_id)}
        elif kind == "upload":
            image = {"upload_id": picture_id}
        else:
            image = {"upload_id": f"{_FILE}{len(files)}"}
            files.append(_file(name))
        images.append(image | weight)
    return images, tuple(files)


def _weighed(text: str) -> tuple[str, dict[str, float]]:
    """Split PATH=WEIGHT, unless there is a file of that whole name."""
    parts = _WEIGHTED.fullmatch(text)
    if parts is None or Path(text).exists():
        return text, {}
    return parts[1], {"weight": float(parts[2])}


def _file(name: str) -> SentFile:
    path = Path(name)
    try:
        if path.is_file():
            return SentFile(name=name, size=path.stat().st_size, read=path.read_bytes)
    except (OSError, ValueError):  # a name too long, a null character
        pass
    raise MissingImageError(f"--image: found no file {name[:200]!r}; expected a picture's path, photo:ID or upload:ID")
