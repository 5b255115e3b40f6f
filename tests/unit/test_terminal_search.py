"""What people see of a search."""

from typing import Any

import pytest
from rich.text import Text

from venuefinder.answers import SearchAnswer
from venuefinder.request import SearchRequest
from venuefinder.terminal_search import LEGEND, show_answer, understood


def hit(rank: int = 1, **fields: Any) -> dict[str, Any]:
    venue = {"external_id": f"v{rank}", "name": f"Venue {rank}", "city": "Bath", "country": "GB"} | fields.pop(
        "venue", {}
    )
    photo = {"id": 10 + rank, "uri": f"v{rank}/view.jpg", "url": "/v1/photos/1/image", "width": 9, "height": 9}
    return {
        "rank": rank,
        "venue": venue,
        "score": 3.2,
        "probability": None,
        "percentile": 99.9,
        "photo": photo,
    } | fields


def shown(
    capsys: pytest.CaptureFixture[str], *hits: dict[str, Any], asked: dict[str, Any] | None = None, **fields: Any
) -> list[str]:
    """Return the lines that a search prints."""
    request = SearchRequest.model_validate({"query": "a barn"} | (asked or {}))
    everything = fields.pop("everything", False)
    answer = SearchAnswer.model_validate(
        {"results": hits, "total": len(hits), "space": "fake"} | fields, extra="forbid"
    )
    show_answer(request, answer, everything=everything)
    return capsys.readouterr().out.splitlines()


INTERPRETED = {
    "text": "rustic barn",
    "negatives": ["carpets"],
    "filters": {
        "guests": 120,
        "price": {"max": 5000},
        "near": {"place": "Bath", "latitude": 51.4, "longitude": -2.4, "radius_km": 25},
    },
}


def test_it_says_how_it_understood(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, interpreted=INTERPRETED)

    assert lines[0].startswith("“rustic barn” · ")
    assert set(lines[0].split(" · ")) == {
        *("“rustic barn”", "120 guests", "at most £5,000", "within 25 km of Bath", "not: carpets")
    }


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"query": "barn", "filters": {"city": "Bath"}}, "“barn” · in Bath"),
        ({"images": [{"photo_id": 1}]}, "1 picture"),
        ({"query": "x", "images": [{"photo_id": 1}, {"photo_id": 2}]}, "“x” · 2 pictures"),
        ({}, "every venue"),
    ],
)
def test_what_was_asked_without_understanding(asked: dict[str, Any], line: str) -> None:
    answer = SearchAnswer(results=[], space="fake")

    assert Text.from_markup(understood(SearchRequest.model_validate(asked), answer)).plain == line


def test_each_venue_says_where_for_how_many_and_for_how_much(capsys: pytest.CaptureFixture[str]) -> None:
    venue = {"capacity": {"seated": 80}, "rooms": [{"name": "Loft", "capacity": {"standing": 1200}}]}
    price = {"total": 4800, "currency": "GBP", "basis": "£40 / head x 120"}
    lines = shown(capsys, hit(venue=venue, price=price, distance_km=3.14159, room="Loft"))

    assert " 1  Venue 1 · Bath, GB · 3.1 km · £4,800 in all · up to 1,200 guests · room: Loft" in lines
    assert "    v1/view.jpg (photo 11) · score 3.20 · beats 99 %" in lines


def test_a_price_without_a_total_is_the_listings(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, hit(venue={"price": {"amount": 40, "currency": "CHF", "unit": "head"}}))

    assert " 1  Venue 1 · Bath, GB · 40 CHF / head" in lines


def test_each_clause_has_its_mark(capsys: pytest.CaptureFixture[str]) -> None:
    clauses = [
        {"text": "oak beams", "status": "seen", "photo_id": 7},
        {"text": "lights", "status": "stated"},
        {"text": "no carpets", "status": "contradicted", "photo_id": 8},
        {"text": "a lake", "status": "unknown"},
    ]
    lines = shown(capsys, hit(clauses=clauses))

    assert "    ✓ oak beams (photo 7)  “lights”  ✗ no carpets (photo 8)  ? a lake" in lines
    assert LEGEND in lines
    assert LEGEND not in shown(capsys, hit())


def test_weak_matches_are_folded_away(capsys: pytest.CaptureFixture[str]) -> None:
    hits = [hit(1), hit(2, below_floor=True), hit(3, below_floor=True)]
    folded = shown(capsys, *hits)
    every = shown(capsys, *hits, everything=True)

    assert "2 weaker matches not shown; --all shows them" in folded
    assert not any("Venue 2" in line for line in folded)
    assert any("Venue 3" in line for line in every)
    assert sum("a weak match" in line for line in every) == 2
    assert not any("not shown" in line for line in every)


def test_nothing_found_says_what_to_relax(capsys: pytest.CaptureFixture[str]) -> None:
    relax = {"constraint": "city", "text": "in Bath", "venues": 3}

    assert {"no venue passes these filters", "without “in Bath”: 3 venues"} <= set(shown(capsys, relax=relax, total=0))
    assert "no venue matches well enough" in shown(capsys, total=5)


def test_what_was_left_out_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    left_out = {"other_currency": 1200, "unknown_price": 1, "unknown_capacity": 2}
    facets = {"kind": [{"value": "barn", "count": 6}, {"value": "hall", "count": 1234}], "city": []}
    facets |= {"price": [{"value": 2000.0, "count": 3}], "attributes.licensed": [{"value": True, "count": 2}]}
    lines = shown(capsys, left_out=left_out, facets=facets, interpreted=INTERPRETED, warnings=["something odd"])

    assert "left out: 1,200 venues priced in other than GBP" in lines
    assert "left out: 1 venue without a price" in lines
    assert "left out: 2 venues of unknown capacity" in lines
    assert "kind: barn (6) · hall (1,234)" in lines
    assert "city: no venue says" in lines
    assert "price: from 2,000 (3)" in lines
    assert "attributes.licensed: yes (2)" in lines
    assert "something odd" in lines


def test_a_part_that_is_no_filter_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    candidates = [{"name": name, "latitude": 1, "longitude": 2} for name in ("Cambridge, GB", "Cambridge, US")]
    common = {"span": [0, 9], "kind": "place", "meaning": {}, "applied": False}
    parts = [
        common | {"text": "near Cambridge", "candidates": candidates},
        common | {"text": "for 40", "note": "you gave guests"},
        common | {"text": "quietly dropped"},
    ]
    lines = shown(capsys, interpreted={"text": "x", "filters": {}, "parts": parts})

    assert "“near Cambridge”: it may mean several places (Cambridge, GB; Cambridge, US; --near says which)" in lines
    assert "“for 40”: you gave guests" in lines
    assert not any("quietly" in line for line in lines)


def test_the_next_page(capsys: pytest.CaptureFixture[str]) -> None:
    cursor = "c" * 300
    images = {"images": [{"upload_id": "up", "weight": 2.5}, {"photo_id": 7}]}

    assert shown(capsys, hit(), next_cursor=cursor)[-1] == f"next page: add --cursor {cursor}"
    assert shown(capsys, hit(), next_cursor=cursor, asked=images)[-1] == (
        f"next page: add --cursor {cursor}, and in place of the pictures --image upload:up=2.5 --image photo:7"
    )


def test_the_parts_of_a_score(capsys: pytest.CaptureFixture[str]) -> None:
    explain = [
        {"leg": "photo", "value": 0.31, "standardised": 3.0, "weight": 0.7, "contribution": 2.1},
        {"leg": "words", "value": None, "standardised": 0, "weight": 0.5, "contribution": 0},
    ]
    price = {"total": 4800, "currency": "GBP", "basis": "£40 a head × 120 guests"}
    lines = shown(capsys, hit(explain=explain, probability=0.83, price=price))

    assert "    photo: +2.10 = 0.70 x +3.00, from 0.310" in lines
    assert "    words: +0.00 = 0.50 x +0.00" in lines
    assert any("match 83 %" in line for line in lines)
    assert "    price: £40 a head × 120 guests" in lines


def test_a_list_in_another_order_has_no_scores(capsys: pytest.CaptureFixture[str]) -> None:
    assert "    v1/view.jpg (photo 11)" in shown(capsys, hit(score=0, percentile=None))


def test_what_is_filtered_out_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    filters = {"amenities": {"none": ["carpets"]}}

    assert shown(capsys, interpreted={"text": "x", "negatives": ["Carpets", "neon"], "filters": filters})[0] == (
        "“x” · no carpets · not: neon"
    )


HOSTILE = "\x1b[31m[bold]evil[/bold]\u202e\n\\"


def test_strangers_texts_do_nothing_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    answer = {
        **hit(1, room=HOSTILE, clauses=[{"text": HOSTILE, "status": "seen"}]),
        "venue": {"external_id": "v", "name": "[red]\u202e[/red]\\", "city": "[link=x]y", "rooms": []},
    }
    answer["photo"] = answer["photo"] | {"uri": HOSTILE}
    lines = shown(
        capsys, answer, warnings=[HOSTILE], facets={"kind": [{"value": HOSTILE, "count": 1}]},
        relax={"constraint": "kind", "text": HOSTILE, "venues": 1}, next_cursor="[b]x",
        interpreted={"text": HOSTILE, "negatives": [HOSTILE], "filters": {}},
    )  # fmt: skip

    printed = "\n".join(lines)
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert "[bold]evil[/bold]" in printed
    assert " 1  [red][/red]\\ · [link=x]y" in printed


def test_narrow_terminals(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("venuefinder.terminal_search.WIDTH", 40)
    lines = shown(capsys, hit(clauses=[{"text": "a long clause of words", "status": "unknown"}] * 3))

    listed = lines[: lines.index(LEGEND)]
    assert max(map(len, listed)) <= 40
    assert sum("a long" in line for line in listed) >= 2


def test_a_venue_is_named_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, hit(venue={"name": ":bomb: [red]x\u202e\\"}))

    assert lines[2].startswith(" 1  :bomb: [red]x\\ · Bath")
