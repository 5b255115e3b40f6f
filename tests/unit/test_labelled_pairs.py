"""Reading labelled pairs: what is wrong is named with its line."""

from pathlib import Path

import pytest

from venuefinder.errors import InputError
from venuefinder.labelled_pairs import read_labelled_pairs

HEADER = "query,external_id,relevant\n"


def test_pairs_are_read_in_any_order_of_columns_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(
        '\ufeffrelevant,query,external_id\r\n1,"a barn, with beams",mill-barn\r\n\r\n0,"two\nlines",hall-1\r\n'.encode()
    )

    first, second = read_labelled_pairs(path)

    assert (first.query, first.external_id, first.relevant, first.place) == (
        "a barn, with beams", "mill-barn", True, "pairs.csv:2"
    )  # fmt: skip
    assert (second.query, second.relevant, second.place) == ("two\nlines", False, "pairs.csv:5")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"pairs.csv:1: found no columns, expected query, external_id, relevant"),
        ("query,venue,relevant\n", r'pairs.csv:1: found the columns "query", "venue", "relevant", expected query'),
        ("query;external_id;relevant\n", r'found the columns "query;external_id;relevant", .* separated by commas'),
        (HEADER + "barn,a,1\nbarn,b\n", r"pairs.csv:3: found 2 values, expected 3"),
        (HEADER + "barn,a,yes\n", r'pairs.csv:2: relevant: found "yes"; expected 1 for a match or 0 for none'),
        (HEADER + "barn,a,\n", r'pairs.csv:2: relevant: found ""; expected 1'),
        (HEADER + " ,a,1\n", r"pairs.csv:2: query: .*expected words that describe a venue"),
        (HEADER + f"{'x' * 2001},a,1\n", r"pairs.csv:2: query: .*at most 2000 characters"),
        (HEADER + "barn,a b,1\n", r'pairs.csv:2: external_id: found "a b"; 1 to 200 letters'),
        (HEADER + "barn,a,1\nbarn,b,0\nbarn ,a,0\n", r"pairs.csv:4: query 'barn' and venue 'a' are labelled at .*:2"),
        (HEADER + 'barn,a,1\n"barn,b,0\n', r"pairs.csv:3: not CSV"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(text)

    with pytest.raises(InputError, match=message):
        read_labelled_pairs(path)


def test_other_files_are_explained(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + "Gießen,a,1\n".encode("latin-1"))

    with pytest.raises(InputError, match="not UTF-8 \\(byte 31\\); save the file as CSV in UTF-8"):
        read_labelled_pairs(tmp_path / "latin.csv")
    for path in (tmp_path, tmp_path / "none.csv", Path("/dev/zero")):
        with pytest.raises(InputError, match=f"{path}: no such file; expected a CSV"):
            read_labelled_pairs(path)
