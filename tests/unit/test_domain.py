"""Names and keys of embedding spaces."""

from dataclasses import replace

import pytest

from venuefinder.domain import EmbeddingSpace
from venuefinder.testing import FakeEncoder

SPACE = FakeEncoder().space


@pytest.mark.parametrize(
    ("encoder", "name"),
    [
        ("starter", "starter"),
        ("open_clip:ViT-B-32/laion2b_s34b_b79k", "open_clip-ViT-B-32-laion2b_s34b_b79k"),
        ("open_clip:local-dir:/srv/models/my model/", "open_clip-local-dir-my-model"),
    ],
)
def test_a_space_is_named_without_saying_where_it_lies(encoder: str, name: str) -> None:
    assert replace(SPACE, encoder=encoder).name == f"{name}@{SPACE.key[:8]}"


def test_the_same_weights_are_one_space_wherever_they_lie() -> None:
    assert replace(SPACE, encoder="elsewhere").key == SPACE.key


def test_everything_that_shapes_a_vector_is_in_the_key() -> None:
    others: list[EmbeddingSpace] = [
        replace(SPACE, weights="f" * 64),
        replace(SPACE, dimension=17),
        replace(SPACE, facts=replace(SPACE.facts, views=3)),
        replace(SPACE, facts=replace(SPACE.facts, text_template="a photo of {}")),
    ]
    assert len({space.key for space in (SPACE, *others)}) == 5
