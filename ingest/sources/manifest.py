"""A manifest: one venue a line with its photos, as JSON Lines, CSV or Parquet."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from ingest.sources.columns import check_columns, nested
from ingest.sources.found import Found, FoundVenue, Unreadable, is_utf8, listing_from
from venuefinder.errors import InputError, ListingError

SUFFIXES = ".jsonl, .csv, .parquet"
MAX_LINE = 10_000_000
"""Characters of one line; a longer one is not a venue."""
BATCH_ROWS = 200
NOT_UTF8 = "not UTF-8; save the manifest in UTF-8"


class ManifestSource:
    """The venues of a manifest; photo paths are relative to its folder."""

    def __init__(self, path: Path) -> None:
        readers = {".jsonl": read_jsonl, ".csv": read_csv, ".parquet": read_parquet}
        if path.suffix.lower() not in readers:
            raise InputError(
                f"{path}: found a {path.suffix or 'file without suffix'}, expected a manifest ({SUFFIXES}) or a folder"
            )
        self._path = path
        self._read = readers[path.suffix.lower()]
        self.identity = str(path)

    def count(self) -> int | None:
        """Return how many lines a JSONL file has; the other formats tell only when read."""
        if self._path.suffix.lower() != ".jsonl":
            return None
        with self._path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))

    def __iter__(self) -> Iterator[Found]:
        """Yield a venue for each line; raises InputError for what makes the whole file unreadable."""
        seen: dict[str, str] = {}
        line = 0
        for line, fields in self._read(self._path):
            place = f"{self._path.name}:{line}"
            try:
                yield self._found(place, fields, seen)
            except ListingError as error:
                yield Unreadable(place=place, reason=str(error))
        if not line:
            raise InputError(f"{self._path.name}: found no venues, expected one a line with its photos")

    def _found(self, place: str, fields: Any, seen: dict[str, str]) -> FoundVenue:
        if isinstance(fields, ListingError):
            raise fields
        listing = listing_from(fields)
        if first := seen.get(listing.external_id):
            raise ListingError(f"external_id {listing.external_id!r} is already used by {first}; each needs its own")
        seen[listing.external_id] = place
        return FoundVenue(place=place, listing=listing, folder=self._path.parent)


def read_jsonl(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number, parsed JSON), or a ListingError in place of a line that is not JSON. Blank lines pass."""
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), start=1):
            if len(line) > MAX_LINE:
                _skip_rest(file, line)
                yield number, ListingError(f"more than {MAX_LINE:,} bytes, expected one venue a line")
            elif line.strip():
                yield number, _parsed(line)


def _skip_rest(file: BinaryIO, part: bytes) -> None:
    """Read on from a part of a line to its end, never holding it whole."""
    while part and not part.endswith(b"\n"):
        part = file.readline(MAX_LINE)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return ListingError(f"{NOT_UTF8} (byte {error.start + 1} of the line)")
    except (ValueError, RecursionError) as error:
        found = line.decode("utf-8-sig").strip()[:60]
        return ListingError(f"not JSON ({error}); found {found!r}, expected one object a line")


def read_csv(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number, nested fields). The first line names the columns; a wrong one raises InputError."""
    csv.field_size_limit(MAX_LINE)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = csv.reader(_bounded_lines(file, path.name), strict=True)
        try:
            header = next(rows, None)
            if header is None:
                raise InputError(f"{path.name}: empty, expected a first line with the columns")
            check_columns(path.name, header)
            for row in rows:
                if row:
                    yield rows.line_num, _csv_fields(header, row)
        except csv.Error as error:
            raise InputError(f"{path.name}:{rows.line_num}: not CSV ({error}); quote values that hold quotes") from None


def _bounded_lines(file: TextIO, name: str) -> Iterator[str]:
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), ""), start=1):
        if len(line) > MAX_LINE:
            raise InputError(f"{name}:{number}: more than {MAX_LINE:,} characters, expected one venue a line")
        yield line


def _csv_fields(header: list[str], row: list[str]) -> Any:
    if len(row) != len(header):
        return ListingError(f"found {len(row)} values, expected {len(header)}, one a column")
    for column, value in zip(header, row, strict=True):
        if not is_utf8(value):
            return ListingError(f"{column}: {NOT_UTF8}")
    try:
        return nested(dict(zip(header, row, strict=True)))
    except ListingError as error:
        return error


def read_parquet(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (row number from 1, fields). Columns may be nested as in JSON, or flat as in CSV."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            check_columns(path.name, file.schema_arrow.names)
            number = 0
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                for fields in batch.to_pylist():
                    number += 1
                    yield number, _parquet_fields(fields)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not a Parquet file that can be read ({error})") from None


def _parquet_fields(fields: dict[str, Any]) -> Any:
    try:
        return nested({name: value for name, value in fields.items() if value is not None})
    except ListingError as error:
        return error
