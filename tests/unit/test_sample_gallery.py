import json

import pytest
from PIL import Image, ImageColor

from samples.gallery import MARKS, MAX_BYTES, Asked, draw, main
from venuefinder.answers import VenueHit


@pytest.fixture
def photos(tmp_path):
    for name, colour in {"hall": "red", "barn": "blue"}.items():
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.new("RGB", (900, 700), colour).save(tmp_path / "photos" / name / "a.jpg")
    return tmp_path / "photos"


def hit(rank: int, name: str, uri: str = "a.jpg") -> dict[str, object]:
    venue = {"external_id": name, "name": f"The {name}", "city": "Bath", "capacity": {"seated": 120}}
    photo = {"id": rank, "uri": uri, "url": f"/v1/photos/{rank}/image", "width": 900, "height": 700}
    return {"rank": rank, "venue": venue, "score": 3.1, "probability": None, "percentile": 99.7, "photo": photo}


def answer(folder, *hits: dict[str, object]) -> str:
    path = folder / "answer.json"
    path.write_text(json.dumps({"results": hits, "space": "fake"}))
    return str(path)


def test_draws_the_photo_that_matched_of_each_venue_in_order(photos, tmp_path):
    file = answer(tmp_path, hit(1, "barn"), hit(2, "hall", uri="hall/a.jpg"))
    picture = tmp_path / "images" / "results.jpg"

    assert main([str(picture), "--photos", str(photos), "--ask", "a barn", file, "--ask", "a hall", file]) == 0

    assert picture.stat().st_size < MAX_BYTES
    with Image.open(picture) as drawn:
        first, second, third = (drawn.convert("RGB").getpixel((x, 200)) for x in (170, 480, 790))
    assert first[2] > 200 > 100 > first[0]
    assert second[0] > 200 > 100 > second[2]
    assert third == (255, 255, 255)


def test_each_clause_has_a_dot_of_its_marks_colour(photos):
    def dots(*statuses: str) -> dict[str, int]:
        clauses = [{"text": "x", "status": status} for status in statuses]
        found = VenueHit.model_validate(
            hit(1, "barn") | {"clauses": [*clauses, {"text": "wide " * 99, "status": "seen"}]}
        )
        card = draw([Asked("a barn", [found])], photos).crop((28, 380, 320, 400))
        colours = {colour: count for count, colour in card.getcolors(100_000)}
        return {name: colours.get(ImageColor.getrgb(colour), 0) for name, (colour, _) in MARKS.items()}

    one = dots("seen")
    assert one["seen"] > 40
    assert one == dict.fromkeys(MARKS, 0) | {"seen": one["seen"]}
    assert dots("stated", "contradicted", "unknown", "seen", "seen") == dict.fromkeys(MARKS, one["seen"]) | {
        "seen": 2 * one["seen"]
    }


def test_a_photo_that_is_not_there_is_named(photos, tmp_path, capsys):
    file = answer(tmp_path, hit(1, "barn", uri="gone.jpg"))

    assert main([str(tmp_path / "r.jpg"), "--photos", str(photos), "--ask", "a barn", file]) == 2
    assert "barn/gone.jpg: found none that opens" in capsys.readouterr().err


def test_what_is_no_answer_is_refused(photos, tmp_path, capsys):
    (tmp_path / "answer.json").write_text("{}")

    code = main([str(tmp_path / "r.jpg"), "--photos", str(photos), "--ask", "q", str(tmp_path / "answer.json")])

    assert code == 2
    assert "found no answer of `venuefinder search --json`" in capsys.readouterr().err
