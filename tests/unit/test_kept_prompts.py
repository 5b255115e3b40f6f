"""Prompts are encoded once for all processes; a file that is broken, or cannot be written, costs time alone."""

from pathlib import Path

import numpy as np
import pytest

from venuefinder.kept_prompts import KeptPrompts
from venuefinder.protocols import TextEncoder
from venuefinder.testing import FakeEncoder

TEXTS = ["a barn", "a hall", "red"]


def encoded(folder: Path, encoder: FakeEncoder, texts: list[str] = TEXTS) -> np.ndarray:
    kept: TextEncoder = KeptPrompts(encoder, folder)
    assert (kept.space, kept.count_tokens(texts)) == (encoder.space, encoder.count_tokens(texts))
    rows = kept.encode_texts(texts)
    np.testing.assert_array_equal(rows, FakeEncoder().encode_texts(texts))
    return rows


def test_another_process_reads_what_one_encoded(tmp_path: Path) -> None:
    first, second = FakeEncoder(), FakeEncoder()
    assert encoded(tmp_path / "new", first).dtype == encoded(tmp_path / "new", second).dtype == np.float32
    assert (first.texts, second.texts) == (TEXTS, [])


def test_other_texts_another_order_and_another_space_are_encoded(tmp_path: Path) -> None:
    encoded(tmp_path, FakeEncoder())
    for texts, encoder in ((TEXTS[:2], FakeEncoder()), (TEXTS[::-1], FakeEncoder()), (TEXTS, FakeEncoder(weights="o"))):
        encoded(tmp_path, encoder, texts)
        assert encoder.texts == texts


@pytest.mark.parametrize(
    "broken",
    [b"", b"\x93NUMPY", b"no array at all", np.zeros((2, 2), np.float32), np.full((3, 16), np.nan, np.float32)],
)
def test_a_file_that_is_broken_is_made_anew(tmp_path: Path, broken: bytes | np.ndarray) -> None:
    encoded(tmp_path, FakeEncoder())
    (path,) = tmp_path.glob("*.npy")
    if isinstance(broken, bytes):
        path.write_bytes(broken)
    else:
        np.save(path, broken)
    again, after = FakeEncoder(), FakeEncoder()
    encoded(tmp_path, again)
    encoded(tmp_path, after)
    assert (again.texts, after.texts) == (TEXTS, [])


def test_a_folder_that_cannot_be_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    encoder = FakeEncoder()
    encoded(tmp_path / "file" / "folder", encoder)
    assert encoder.texts == TEXTS
