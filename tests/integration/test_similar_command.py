"""`venuefinder similar` in this process, over the fake encoder."""

import json
import sys

import pytest

from tests.catalogues import run as ingest
from tests.catalogues import write_folder
from venuefinder import cli
from venuefinder.bootstrap import Services


@pytest.fixture(scope="module", autouse=True)
def catalogue(api_services: Services, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Four venues."""
    ingest(api_services, write_folder(tmp_path_factory.mktemp("venues")))


@pytest.fixture(autouse=True)
def command_line(api_services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line that finds them; services over a database that is not theirs outlive it."""
    monkeypatch.setattr(cli, "Services", lambda _: api_services)
    monkeypatch.setattr("venuefinder.commands.similar.Services", lambda _: api_services)


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Return the exit code, and what was printed."""
    monkeypatch.setattr(sys, "argv", ["venuefinder", "similar", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out + printed.err


def test_each_venue_has_its_reason(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = run(monkeypatch, capsys, "red-barn", "--diversity", "0")
    lines = printed.splitlines()

    assert code == 0
    assert lines[0].startswith(" 1  Green Garden (green-garden) · Amsterdam, NL")  # roses as red as the barn
    assert "Red Barn" in lines[1]
    assert len(lines) == 2 * 3
    assert "(red-barn)" not in printed


def test_cheaper_for_so_many_guests(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = run(monkeypatch, capsys, "red-barn", "--cheaper", "--guests", "40", "--json")
    found = json.loads(printed)

    assert code == 0
    assert [one["venue"]["external_id"] for one in found["results"]] == ["blue-hall"]
    assert found["results"][0]["price"]["total"] == 3000


def test_nothing_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = run(monkeypatch, capsys, "red-barn", "--guests", "1000")

    assert code == 0
    assert printed == "no venue passes; leave out --cheaper or --guests\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "venue 'nowhere': not in this catalogue; see venuefinder search"),
        (("white-loft", "--cheaper"), "says no price"),
    ],
)
def test_what_cannot_be_answered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, printed = run(monkeypatch, capsys, *arguments)

    assert code not in (0, 1)
    assert said in printed
