"""Manifests as text, a venue a line: JSON Lines and CSV."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO, TextIO

from ingest.sources.columns import check_columns, nested
from ingest.sources.found import is_utf8
from venuefinder.errors import InputError, ListingError

MAX_LINE = 10_000_000
"""Characters of one line; a longer one is not a venue."""
NOT_UTF8 = "not UTF-8; save the manifest in UTF-8"


def read_jsonl(file: BinaryIO, _: str) -> Iterator[tuple[int, Any]]:
    """Yield (line number, parsed JSON), or a ListingError in place of a line that is not JSON. Blank lines pass."""
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


def read_csv(file: BinaryIO, name: str) -> Iterator[tuple[int, Any]]:
    """Yield (line number, nested fields). The first line names the columns; a wrong one raises InputError."""
    csv.field_size_limit(MAX_LINE)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    rows = csv.reader(_bounded_lines(text, name), strict=True)
    try:
        header = next(rows, None)
        if header is None:
            raise InputError(f"{name}: empty, expected a first line with the columns")
        check_columns(name, header)
        for row in rows:
            if row:
                yield rows.line_num, _csv_fields(header, row)
    except csv.Error as error:
        raise InputError(f"{name}:{rows.line_num}: not CSV ({error}); quote values that hold quotes") from None
    finally:
        text.detach()  # the file stays its opener's to close


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
