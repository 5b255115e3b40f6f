"""Cutting descriptions to the text tower's context."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from venuefinder.descriptions import chunks_of
from venuefinder.domain import Venue


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def letters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def described(text: str, kind: str | None = None) -> Venue:
    return Venue(external_id="v", name="Old Mill", kind=kind, description=text)


def test_a_short_description_is_one_piece_with_the_name() -> None:
    assert chunks_of(described("Brick. Beams.", kind="Barn"), words, 20) == ["Old Mill, barn. Brick. Beams."]


def test_no_description_has_no_pieces() -> None:
    assert chunks_of(described(""), words, 20) == []


def test_pieces_are_cut_between_sentences() -> None:
    pieces = chunks_of(described("One two three. Four five six. Seven."), words, 6)
    assert pieces == ["Old Mill. One two three.", "Old Mill. Four five six. Seven."]


@given(st.lists(st.text("abc ", min_size=1, max_size=40), max_size=8).map(". ".join), st.integers(6, 30))
def test_every_word_survives_and_every_piece_fits(text: str, length: int) -> None:
    venue = described(text)
    pieces = chunks_of(venue, words, length)
    assert max(words(pieces), default=0) <= length
    told = [word for piece in pieces for word in piece.removeprefix("Old Mill.").split()]
    assert told == [word for word in venue.description.split() if word] or not venue.description.strip(". ")


def test_text_without_spaces_is_read_to_its_end() -> None:
    """Chinese, Japanese and Thai put no spaces between words: all after the first context was once cut off unread."""
    text = "老磨坊坐落在河边" * 20
    pieces = chunks_of(described(text), letters, 40)
    assert max(letters(pieces)) <= 40
    assert "".join(piece.removeprefix("Old Mill. ") for piece in pieces) == text


def test_sentences_end_without_spaces_too() -> None:
    assert chunks_of(described("河边的老磨坊。可容纳百人！"), letters, 20) == [
        "Old Mill. 河边的老磨坊。",
        "Old Mill. 可容纳百人！",
    ]


def test_an_endless_description_costs_no_more_than_its_pieces() -> None:
    read: list[int] = []

    def counted(texts: Sequence[str]) -> list[int]:
        read.extend(map(len, texts))
        return words(texts)

    pieces = chunks_of(described("word " * 10_000), counted, 32)
    assert sum(piece.split().count("word") for piece in pieces) == 10_000
    assert sorted(read)[-2] < 500
    assert len(read) < 20 * len(pieces)
