"""`venuefinder search` in this process, over the fake encoder: what it asks, and what it shows of the answer."""

import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.serving import photo
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.domain import Venue
from venuefinder.records import VenueDraft
from venuefinder.settings import Settings
from venuefinder.testing import FakeEncoder, FakeVisionLanguageModel
from venuefinder.uploads import Upload

VENUES: dict[str, dict[str, Any]] = {
    "red": {"city": "Bath", "country": "GB", "latitude": 51.38, "longitude": -2.36, "capacity": {"seated": 120}},
    "blue": {"city": "Lyon", "country": "FR", "capacity": {"seated": 60}},
    "green": {"kind": "barn"},
}


@pytest.fixture(scope="module", autouse=True)
def catalogue(api_services: Services) -> None:
    """Three venues of a photo each."""
    venues = [
        Venue.model_validate({"external_id": colour, "name": f"{colour.title()} House", **fields})
        for colour, fields in VENUES.items()
    ]
    api_services.catalogue.upsert([VenueDraft(venue=venue, source=None) for venue in venues])
    for colour in VENUES:
        api_services.uploads.add(colour, [Upload(name="a", size=1, read=partial(photo, colour))])


@pytest.fixture(autouse=True)
def command_line(api_services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line that finds them; services over a database that is not theirs outlive it."""
    monkeypatch.setattr(cli, "Services", lambda _: api_services)


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Return the exit code, and what was printed."""
    monkeypatch.setattr(sys, "argv", ["venuefinder", "search", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def names(printed: str) -> list[str]:
    return re.findall(r"^ *\d+  (\w+) House", printed, re.MULTILINE)


def test_a_sentence_is_understood(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = run(monkeypatch, capsys, "red walls for 100 guests near Bath, no carpets", "--all")

    assert code == 0
    assert printed.startswith("“red walls” · within 25 km of Bath · 100 guests · ")
    assert "carpets" in printed.splitlines()[0]
    assert names(printed) == ["Red"]
    assert "“for 100 guests”" in printed


def test_parts_are_switched_off_by_their_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    query = "red walls for 100 guests near Bath"
    _, printed = run(monkeypatch, capsys, query, "--switch-off", "100 guests", "--switch-off", "bath", "--all")
    code, refused = run(monkeypatch, capsys, query, "--switch-off", "walls")

    assert printed.startswith(f"“{query}”\n")
    assert len(names(printed)) == 3
    assert code == 2
    assert "--switch-off: found 'walls', expected words of a part that was understood" in refused


def test_pictures_and_pages_of_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The next page names the uploads, since a file uploaded again would be another picture."""
    (tmp_path / "mood.jpg").write_bytes(photo("blue"))
    image = ["--image", str(tmp_path / "mood.jpg"), "--all"]
    whole = names(run(monkeypatch, capsys, *image)[1])
    _, first = run(monkeypatch, capsys, *image, "--limit", "2")
    options = (
        first.splitlines()[-1].removeprefix("next page: add ").replace(", and in place of the pictures", "").split()
    )
    code, second = run(monkeypatch, capsys, *options, "--limit", "2", "--all")

    assert whole[0] == "Blue"
    assert names(first) == whole[:2]
    assert code == 0, second
    assert names(second) == whole[2:]
    assert "next page" not in second


def test_a_picture_that_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "menu.pdf").write_bytes(b"%PDF-1.7 ...")
    code, printed = run(monkeypatch, capsys, "--image", "menu.pdf")

    assert code == 2
    assert printed.startswith("error: menu.pdf: ")


def test_an_id_that_is_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, capsys, "--image", "photo:99")[0] == 2
    assert "no upload 'gone'; it may have expired" in run(monkeypatch, capsys, "--image", "upload:gone")[1]


def test_json_is_the_answer_of_the_api(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = run(monkeypatch, capsys, "red", "--facet", "city", "--explain", "--json", "--strict")
    answer = json.loads(printed)

    assert code == 0
    assert {value["value"] for value in answer["facets"]["city"]} == {"Bath", "Lyon"}
    assert answer["results"][0]["explain"]
    assert [hit["venue"]["external_id"] for hit in answer["results"]] == ["red"]


def test_filters_alone_list_by_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert names(run(monkeypatch, capsys)[1]) == ["Blue", "Green", "Red"]
    assert names(run(monkeypatch, capsys, "--country", "FR")[1]) == ["Blue"]
    assert names(run(monkeypatch, capsys, "--box", "51,-3,52,-2")[1]) == ["Red"]
    assert names(run(monkeypatch, capsys, "--sort", "-guests")[1]) == ["Red", "Blue", "Green"]


def test_nothing_found_names_what_to_relax(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, printed = run(monkeypatch, capsys, "red", "--city", "Bath", "--guests", "500")

    assert "no venue passes these filters" in printed
    assert "without “500 guests”: 1 venue" in printed


def seeing(monkeypatch: pytest.MonkeyPatch, services: Services, model: FakeVisionLanguageModel) -> None:
    """Have each command line look at photos by this model."""

    def made(_: Settings) -> Services:
        return Services(services.settings, encoder=FakeEncoder(), database=services.database, vision=model)

    monkeypatch.setattr(cli, "Services", made)


def test_a_rerank_shows_its_order_and_scores(
    api_services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, retrieved = run(monkeypatch, capsys, "blue, red walls", "--all")
    seeing(monkeypatch, api_services, FakeVisionLanguageModel(model="a seeing model"))
    code, printed = run(monkeypatch, capsys, "red walls", "--rerank", "--all")
    _, dumped = run(monkeypatch, capsys, "red walls", "--rerank", "--rerank-wait", "30", "--json")

    assert "order:" not in retrieved
    assert code == 0
    assert names(printed)[0] == "Red"
    assert re.search(r"fits 0\.95 \(photo \d+\)", printed)
    assert "order: by how well photos fit, as a seeing model sees them" in printed
    rerank = json.loads(dumped)["rerank"]
    assert (rerank["state"], rerank["stream"]) == ("done", None)


def test_a_rerank_that_fails_leaves_retrievals_order_and_says_so(
    api_services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = FakeVisionLanguageModel(model="a model that is down")
    model.down = True
    seeing(monkeypatch, api_services, model)
    code, printed = run(monkeypatch, capsys, "red walls", "--rerank", "--all")
    refused, words = run(monkeypatch, capsys, "red walls", "--no-rerank", "--rerank-wait", "3")

    assert code == 0
    assert names(printed)[0] == "Red"
    assert "order: retrieval's" in printed
    assert "rerank: the vision-language model is down" in printed
    assert refused == 2
    assert "rerank_wait" in words
