"""Changing the model while the old one serves, from an empty space to the one that is dropped."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from ingest import backfill
from ingest.backfill import Backfill, BackfillReport
from tests.catalogues import run, write_many
from tests.serving import photo, served
from tests.workers import eventually
from venuefinder import cli
from venuefinder.bootstrap import Services
from venuefinder.commands.comparison import compared
from venuefinder.errors import BusyError, InputError, NotFoundError, SpaceError
from venuefinder.models import Models
from venuefinder.records import StoredSpace
from venuefinder.settings import Settings
from venuefinder.spaces.space_states import Missing
from venuefinder.store import activations
from venuefinder.store.database import Database
from venuefinder.testing import FakeEncoder

PHOTOS, DESCRIPTIONS = 7, 2
VECTORS = "SELECT photo_id, view, embedding::text FROM photo_embeddings WHERE space_id = :space ORDER BY 1, 2"


class Told:
    """`BackfillProgress` that calls back as the run begins and goes on."""

    def __init__(
        self, *, begun: Callable[[], object] = lambda: None, updated: Callable[[BackfillReport], None] = lambda _: None
    ) -> None:
        self.missing: list[Missing] = []
        self.said: list[str] = []
        self._begun = begun
        self._updated = updated

    def begin(self, missing: Missing) -> None:
        self.missing.append(missing)
        self._begun()

    def update(self, report: BackfillReport) -> None:
        self._updated(report)

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def encoders() -> dict[str, FakeEncoder]:
    """What the registry would load, by spec: their vectors are the same, their spaces are not."""
    return {spec: FakeEncoder(weights=spec, spec=spec) for spec in ("starter", "new")}


@pytest.fixture
def services(database: Database, tmp_path: Path, encoders: dict[str, FakeEncoder]) -> Iterator[Services]:
    """Services that follow the space that serves."""
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", batch_size=3, decode_threads=2)
    with Services(settings, load=lambda spec, _: encoders[spec], database=database) as services:
        yield services


@pytest.fixture
def new(services: Services, folder: Path, encoders: dict[str, FakeEncoder]) -> StoredSpace:
    """An empty space beside the full one of four venues."""
    run(services, folder)
    return services.switching.create(encoders["new"].space)[0]


def filled(services: Services, space: StoredSpace, told: Told | None = None) -> BackfillReport:
    return Backfill(services.in_space(space), space, told or Told()).run()


def vectors(services: Services, space: StoredSpace) -> list[tuple[Any, ...]]:
    with services.database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(VECTORS), {"space": space.id})]


def test_a_space_is_filled_with_what_ingestion_would_have_made(services: Services, new: StoredSpace) -> None:
    told = Told()
    report = filled(services, new, told)
    again = filled(services, new)
    state = services.fills.states()[-1]

    assert told.missing == [Missing(photos=PHOTOS, descriptions=DESCRIPTIONS)]
    assert (report.photos, report.descriptions, report.failures, report.missing) == (
        PHOTOS,
        DESCRIPTIONS,
        [],
        Missing(photos=0, descriptions=0),
    )
    assert vectors(services, new) == vectors(services, services.switching.active())
    assert (again.photos, again.descriptions) == (0, 0)
    assert (state.role, state.photos, state.descriptions, state.indexes) == ("spare", PHOTOS, DESCRIPTIONS, ("hnsw",))
    assert services.spaces.require(new.space).photo_background is not None


def test_a_backfill_that_is_killed_goes_on_where_it_was(
    services: Services, encoders: dict[str, FakeEncoder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "GROUP", 6)
    run(services, write_many(tmp_path / "many.jsonl", venues=40))
    space, _ = services.switching.create(encoders["new"].space)

    def killed(report: BackfillReport) -> None:
        if report.photos >= 18:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        filled(services, space, Told(updated=killed))
    left = services.fills.missing(space).photos
    encoded = sum(encoders["new"].image_batches)
    report = filled(services, space)

    assert 0 < left <= 40 - 18
    assert encoded - (40 - left) <= 2 * 6  # what was in hand
    assert report.photos == left
    assert vectors(services, space) == vectors(services, services.switching.active())


def test_what_comes_and_goes_meanwhile_is_seen(services: Services, new: StoredSpace, tmp_path: Path) -> None:
    def meanwhile() -> None:
        run(services, write_many(tmp_path / "more.jsonl", venues=3))
        services.removals.remove_venues(["white-loft"])

    report = filled(services, new, Told(begun=meanwhile))

    assert (report.photos, report.missing.photos) == (PHOTOS + 3 - 1, 0)


def test_only_one_fills_a_space_at_a_time(services: Services, new: StoredSpace) -> None:
    def at_once() -> None:
        with pytest.raises(InputError, match="is being filled by another process"):
            filled(services, new)

    assert filled(services, new, Told(begun=at_once)).photos == PHOTOS


def test_photos_that_changed_or_vanished_are_named_and_hold_the_switch(
    services: Services, new: StoredSpace, folder: Path
) -> None:
    (folder / "red-barn" / "front.jpg").write_bytes(photo("white", size=(240, 180)))
    (folder / "white-loft" / "loft.jpg").unlink()
    report = filled(services, new)
    before = services.switching.active()
    with pytest.raises(SpaceError, match=r"2 photos and 0 descriptions have no embeddings in it.*spaces backfill new@"):
        services.switching.activate("new", incomplete=False)

    assert {(one.external_id, one.uri) for one in report.failures} == {
        ("red-barn", "front.jpg"),
        ("white-loft", "loft.jpg"),
    }
    assert report.missing == Missing(photos=2, descriptions=0)
    assert services.switching.active() == before
    space, missing = services.switching.activate("new", incomplete=True)
    assert (services.switching.active(), missing.photos) == (space, 2)


def test_there_and_back_again(services: Services, new: StoredSpace) -> None:
    switching, old = services.switching, services.switching.active()
    with pytest.raises(SpaceError, match="no other space served before"):
        switching.roll_back()
    with pytest.raises(SpaceError, match="serves searches"):
        switching.drop("starter")
    filled(services, new)
    switching.activate(new.space.key[:8], incomplete=False)
    roles = [state.role for state in services.fills.states()]
    back, missing = switching.roll_back()
    forth, _ = switching.roll_back()

    assert roles == ["previous", "active"]
    assert (back.id, bool(missing), forth.id) == (old.id, False, new.id)
    switching.drop("starter")
    assert [stored.id for stored in services.spaces.all()] == [new.id]
    with services.database.connect() as connection:
        assert connection.scalar(text(f"SELECT to_regclass('photo_embeddings_{old.id}')")) is None
    with pytest.raises(SpaceError, match="it was dropped"):
        switching.roll_back()
    with pytest.raises(NotFoundError, match="no space of that name, expected one of 'new@"):
        switching.named("starter")


def test_activation_waits_for_nobody_forever(
    services: Services, new: StoredSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(services, new)
    monkeypatch.setattr(activations, "WRITERS_WAIT", "50ms")
    with services.database.begin() as connection:
        connection.execute(text("UPDATE photos SET caption = caption"))
        with pytest.raises(BusyError, match="photos are being written"):
            services.switching.activate("new", incomplete=False)

    assert services.switching.active().space.encoder == "starter"


def test_a_running_server_follows_without_a_failed_request(
    services: Services, new: StoredSpace, encoders: dict[str, FakeEncoder]
) -> None:
    filled(services, new)
    answers: list[tuple[int, str]] = []
    asked, ending = iter(range(1_000_000)), threading.Event()

    with served(services) as api:

        def ask() -> None:
            while not ending.is_set():
                words = f"a red barn {next(asked)}"
                answers.append((api.post("/v1/search", json={"query": words}).status_code, words))

        def answered_by(spec: str) -> bool:
            words = answers[-1][1]
            return any(words.removeprefix("a ") in one for one in encoders[spec].texts)

        def put() -> int:
            listing = {"name": "Late", "description": f"Added late, as number {next(asked)}."}
            return api.put("/v1/venues/late", json=listing).status_code

        askers = [threading.Thread(target=ask) for _ in range(2)]
        for asker in askers:
            asker.start()
        try:
            eventually(lambda: answers and answered_by("starter"))
            services.switching.activate("new", incomplete=False)
            eventually(lambda: answered_by("new"))
            written = [put()]
            services.switching.roll_back()
            eventually(lambda: answered_by("starter"))
            written.append(put())
            services.switching.drop("new")
        finally:
            ending.set()
            for asker in askers:
                asker.join()

    assert {status for status, _ in answers} == {200}
    assert set(written) <= {200, 201}


def test_spaces_are_compared_by_what_they_find(services: Services, new: StoredSpace, tmp_path: Path) -> None:
    filled(services, new)
    pairs, queries = tmp_path / "pairs.csv", tmp_path / "queries.txt"
    pairs.write_text("query,external_id,relevant\nred,red-barn,1\nred,blue-hall,0\nblue,blue-hall,1\n")
    queries.write_text("a red room\n\nblue\n")

    sampled = compared(services, (None, None), queries=None, pairs=None, k=10)
    labelled = compared(services, ("new", "starter"), queries=None, pairs=pairs, k=2)
    asked = compared(services, ("new", None), queries=queries, pairs=None, k=2)

    assert (sampled.queries, sampled.overlap) == ({"words": 4, "photo": PHOTOS}, {"words": 1.0, "photo": 1.0})
    assert [side.space for side in sampled.sides] == ["starter@" + sampled.sides[0].space[8:], new.space.name]
    assert all(0 < side.p50 <= side.p95 for side in sampled.sides)
    assert (labelled.labelled, [side.ndcg for side in labelled.sides]) == (2, [1.0, 1.0])
    assert (asked.queries, [side.ndcg for side in asked.sides]) == ({"words": 2}, [None, None])
    with pytest.raises(InputError, match="the same space twice"):
        compared(services, ("new", "new"), queries=None, pairs=None, k=2)


def test_the_whole_story_from_the_command_line(
    encoders: dict[str, FakeEncoder],
    database_url: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("VENUEFINDER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(Models, "_from_registry", lambda _, spec, __: encoders[spec])
    monkeypatch.setattr("os.nice", lambda _: 0)

    def did(*words: str) -> Result:
        return CliRunner().invoke(cli.app, list(words))

    empty = did("spaces", "list")
    ingested = did("ingest", str(folder))
    created, again = did("spaces", "create", "new"), did("spaces", "create", "new")
    refused = did("spaces", "activate", "new")
    filling = did("spaces", "backfill", "--json")
    listed = json.loads(did("spaces", "list", "--json").stdout)
    table = did("spaces", "list")
    compared = did("spaces", "compare", "--k", "3")
    activated, back = did("spaces", "activate", "new"), did("spaces", "rollback")
    serving = did("spaces", "drop", "starter")
    dropped = did("spaces", "drop", "new")

    assert "there are no spaces yet" in empty.output
    assert ingested.exit_code == 0
    assert "made, empty; another goes on serving" in created.output
    assert "is there already" in again.output
    assert isinstance(refused.exception, SpaceError)
    assert filling.exit_code == 0
    assert json.loads(filling.stdout.splitlines()[-1])["photos"] == PHOTOS
    assert [(one["encoder"], one["role"], one["photos"]) for one in listed] == [
        ("starter", "active", {"embedded": PHOTOS, "missing": 0}),
        ("new", "spare", {"embedded": PHOTOS, "missing": 0}),
    ]
    assert "serves" in table.output
    assert "of the first 3 results in common" in compared.output
    assert "serves now; running servers follow within seconds" in activated.output
    assert "'starter@" in back.output
    assert isinstance(serving.exception, SpaceError)
    assert dropped.exit_code == 0
