"""Reading labelled pairs: what is wrong is named with its line."""

from pathlib import Path

import pytest

from venuefinder.calibrating.labelled_pairs import read_labels
from venuefinder.errors import InputError

HEADER = "query,external_id,relevant\n"
PHOTOS = "phrase,external_id,uri,shown\n"


def test_pairs_are_read_in_any_order_of_columns_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(
        '\ufeffrelevant,query,external_id\r\n1,"a barn, with beams",mill-barn\r\n\r\n0,"two\nlines",hall-1\r\n'.encode()
    )

    first, second = read_labels(path).venues

    assert (first.query, first.external_id, first.relevant, first.place) == (
        "a barn, with beams", "mill-barn", True, "pairs.csv:2"
    )  # fmt: skip
    assert (second.query, second.relevant, second.place) == ("two\nlines", False, "pairs.csv:5")


def test_labels_of_photos_are_told_by_their_header(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(
        "shown,uri,phrase,external_id\n1, front.jpg,swimming pool,mill-barn\n0,b.jpg,swimming pool,mill-barn\n"
    )

    labels = read_labels(path)

    assert labels.venues == ()
    assert [(pair.phrase, pair.photo, pair.shown, pair.place) for pair in labels.photos] == [
        ("swimming pool", ("mill-barn", " front.jpg"), True, "pairs.csv:2"),
        ("swimming pool", ("mill-barn", "b.jpg"), False, "pairs.csv:3"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"pairs.csv:1: found no columns, expected query, external_id, relevant \(venues\) or phrase, "),
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
        ("phrase,external_id,shown\n", r'found the columns "phrase", .* or phrase, external_id, uri, shown \(photos\)'),
        (PHOTOS + "pool,a,1.jpg,2\n", r'pairs.csv:2: shown: found "2"; expected 1 for a match or 0 for none'),
        (PHOTOS + "pool,a,,1\n", r'pairs.csv:2: uri: found ""; .*at least 1 character'),
        (PHOTOS + "pool,a,\0.jpg,1\n", r"pairs.csv:2: uri: .*control character"),
        (PHOTOS + f"pool,a,{'x' * 2001},1\n", r"pairs.csv:2: uri: .*at most 2000 characters"),
        (PHOTOS + "pool,a b,1.jpg,1\n", r"pairs.csv:2: external_id: "),
        (PHOTOS + " ,a,1.jpg,1\n", r"pairs.csv:2: phrase: "),
        (
            PHOTOS + "pool,a,1.jpg,1\npool,a,2.jpg,1\npool,a,1.jpg,0\n",
            r"pairs.csv:4: phrase 'pool' and photo '1.jpg' of venue 'a' are labelled at pairs.csv:2 already; keep one",
        ),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(text)

    with pytest.raises(InputError, match=message):
        read_labels(path)


def test_other_files_are_explained(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + "Gießen,a,1\n".encode("latin-1"))

    with pytest.raises(InputError, match="not UTF-8 \\(byte 31\\); save the file as CSV in UTF-8"):
        read_labels(tmp_path / "latin.csv")
    for path in (tmp_path, tmp_path / "none.csv", Path("/dev/zero")):
        with pytest.raises(InputError, match=f"{path}: no such file; expected a CSV"):
            read_labels(path)
