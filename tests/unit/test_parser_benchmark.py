"""The labelled requests are as described, and are understood at least as well as the guide says."""

import pytest
from asking import labelled, world

from benchmarks.parser import KINDS, Counts, Request, count, describe, kind_of, understood
from venuefinder.query.interpretation import Part


def test_splits_hold_requests_traps_and_other_languages():
    requests = labelled()[1]
    sizes = {split: [request.about for request in requests if request.split == split] for split in ("dev", "test")}

    assert {split: len(abouts) for split, abouts in sizes.items()} == {"dev": 100, "test": 50}
    assert sizes["dev"].count("trap") == 15
    assert sizes["dev"].count("foreign") == 10
    assert len({request.query for request in requests}) == len(requests)
    assert {kind_of(part) for request in requests for part in request.parts} == set(KINDS)


@pytest.mark.parametrize(("split", "precision", "recall"), [("dev", 0.97, 0.97), ("test", 0.93, 0.88)])
def test_requests_are_understood(split, precision, recall):
    catalogue, requests = labelled()
    chosen = [request for request in requests if request.split == split]
    found = {request.query: understood(request.query, catalogue, world()) for request in chosen}
    overall = count(chosen, found)["all"]

    assert overall.precision >= precision
    assert overall.recall >= recall


def test_a_part_counts_only_when_kind_meaning_and_application_are_right():
    request = Request("q", "request", "dev", ("guests 80", "place York 25 km", "see bar"))
    counts = count([request], {"q": ("guests 80", "place? York", "must bar", "kind bar")})

    assert counts["guests"] == Counts(right=1)
    assert counts["place"] == Counts(wrong=1, missed=1)
    assert counts["amenity"] == Counts(wrong=1, missed=1)
    assert counts["kind"] == Counts(wrong=1)
    assert counts["all"] == Counts(right=1, wrong=3, missed=2)
    assert (counts["all"].precision, counts["all"].recall) == (0.25, 1 / 3)


def test_a_part_is_described_as_it_is_labelled():
    price = {"max": 50, "currency": "GBP", "per": "head"}
    part = Part(start=0, end=5, words="£50pp", kind="price", meaning={"price": price}, applied=True)

    assert describe(part) == "price max 50 GBP head"
