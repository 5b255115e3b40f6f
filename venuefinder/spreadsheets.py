"""Cells of tables that strangers' text goes into, and that people open in a spreadsheet."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take the rest of a cell for."""


def as_cell(text: str) -> str:
    """Return a cell that shows `text` and computes nothing: what would be a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(FORMULA) else text
