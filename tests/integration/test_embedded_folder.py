"""The folders of the embedded PostgreSQL, for real: any name, moved, copied, half-made, and closed to others."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from tests.servers import OtherProcess, kill_server, mode, words, write
from venuefinder.errors import ConfigurationError, DatabaseUnavailableError
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.embedded_folder import find_binaries
from venuefinder.store.embedded_runner import new_runner

AS_ROOT = os.geteuid() == 0
LONG = "l" * 120
AWKWARD = ["with space", "quo'te", 'double"quote', "comma,colon:%25", "back\\slash $HOME `x`", "Grüße-会場-🏰", LONG]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("made") / "data"
    with EmbeddedPostgres(data_dir) as server:
        write(server, "made")
    return data_dir


@pytest.fixture
def named(made: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data folder, moved to the name that the test asks for and back."""
    moved = made.rename(made.parent / getattr(request, "param", "moved"))
    yield moved
    moved.rename(made)


@pytest.mark.parametrize("named", AWKWARD, indirect=True)
def test_moved_folder_works_under_any_name(named: Path) -> None:
    with EmbeddedPostgres(named) as server:
        assert words(server) == {"made"}
        socket_folder = server.socket_folder
        assert mode(socket_folder) == 0o700
        assert len(os.fsencode(socket_folder / ".s.PGSQL.5432")) <= 107
        engine = create_engine(server.url())
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_database()")) == "venuefinder"
        engine.dispose()
    assert not (socket_folder / ".s.PGSQL.5432").exists()
    assert socket_folder.exists() == (socket_folder == server.folder)


@pytest.mark.parametrize("named", [LONG], indirect=True)
def test_processes_find_a_socket_that_had_to_go_elsewhere(named: Path) -> None:
    other = OtherProcess(named)
    pid = other.server_pid()
    with EmbeddedPostgres(named) as server:
        assert server.pid == pid
        assert not server.socket_folder.is_relative_to(named)
    other.leave()


@pytest.mark.parametrize("named", [LONG], indirect=True)
def test_killed_server_leaves_no_socket_folder_behind(named: Path) -> None:
    with EmbeddedPostgres(named) as server:
        left = server.socket_folder
        kill_server(server)
    assert left.exists()
    with EmbeddedPostgres(named):
        assert not left.exists()


def test_folder_moved_after_a_crash_recovers(made: Path) -> None:
    with EmbeddedPostgres(made) as server:
        kill_server(server)
    moved = made.rename(made.parent / "moved")
    with EmbeddedPostgres(moved) as server:
        assert words(server) == {"made"}
    moved.rename(made)


def test_new_folder_may_have_any_name(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "new" / "a b'c\"d, é$HOME\\") as server:
        write(server, "made")


def test_nothing_is_open_to_others(embedded_server: EmbeddedPostgres) -> None:
    data_dir, folder = embedded_server.data_dir, embedded_server.folder
    socket = embedded_server.socket_folder / ".s.PGSQL.5432"
    assert mode(folder) == mode(socket.parent) == mode(data_dir / "postgres.locks") == mode(socket) == 0o700
    assert mode(data_dir / "postgres.log") == 0o600
    assert [path for path in folder.rglob("*") if not path.is_symlink() and mode(path) & 0o077] == []
    with embedded_server.administer() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_modes_and_owners_of_the_folders_around_stay(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    with EmbeddedPostgres(private / "data") as server:
        server_user = psutil.Process(server.pid).uids().real
    around = [private, private / "data", private / "data" / "postgres.log", private / "data" / "postgres.locks"]
    assert mode(private) == 0o700
    assert {path.stat().st_uid for path in around} == {os.geteuid()}
    assert (private / "data" / "postgres").stat().st_uid == server_user
    assert (server_user == os.geteuid()) == (not AS_ROOT)


def test_programs_in_a_private_folder_run(tmp_path: Path) -> None:
    """Root's clone in a 0700 folder, installed under umask 077: no other user could even start the programs."""
    package = find_binaries().parent
    private = tmp_path / "site-packages"
    shutil.copytree(package, private / package.parent.name / package.name)
    for libraries in package.parent.parent.glob(f"{package.parent.name}.*libs"):
        shutil.copytree(libraries, private / libraries.name)
    for path in [private, *private.rglob("*")]:
        path.chmod(mode(path) & 0o700)
    binaries = private / package.parent.name / package.name / "bin"
    with EmbeddedPostgres(tmp_path / "data", binaries=binaries) as server, server.administer() as connection:
        connection.execute("CREATE EXTENSION vector")
    assert mode(private) == 0o700


def test_killed_initdb_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres.new-killed"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    (tmp_path / "postgres").mkdir()  # empty: prepared by its user
    with EmbeddedPostgres(tmp_path) as server:
        write(server, "complete")
    assert not unfinished.exists()


def test_copy_with_wide_modes_is_closed_again(made: Path) -> None:
    (made / "postgres").chmod(0o755)
    with EmbeddedPostgres(made) as server:
        assert mode(server.folder) == 0o700


def test_database_of_another_version_is_refused(tmp_path: Path) -> None:
    foreign_folder(tmp_path, "PG_VERSION", "16\n")
    with pytest.raises(DatabaseUnavailableError, match=r"made by PostgreSQL 16, this one is 18; move it away"):
        EmbeddedPostgres(tmp_path).start()


def test_folder_of_something_else_is_refused_and_kept(tmp_path: Path) -> None:
    foreign_folder(tmp_path, "thesis.txt", "precious")
    with pytest.raises(DatabaseUnavailableError, match=r"holds no database \(no PG_VERSION\)"):
        EmbeddedPostgres(tmp_path).start()
    assert (tmp_path / "postgres" / "thesis.txt").read_text() == "precious"


def foreign_folder(data_dir: Path, name: str, content: str) -> None:
    folder = data_dir / "postgres"
    folder.mkdir()
    (folder / name).write_text(content)
    new_runner().own(folder)


def test_folder_that_every_user_may_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigurationError, match="every user may write to it; run: chmod o-w"):
        EmbeddedPostgres(tmp_path).start()


def test_file_in_the_way_of_the_data_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(DatabaseUnavailableError, match=r"File exists: .*data.*VENUEFINDER_DATA_DIR"):
        EmbeddedPostgres(tmp_path / "data").start()


def test_programs_out_of_reach_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match=r"cannot use .* with .*missing.*VENUEFINDER_DATA_DIR"):
        new_runner().able_to_use(tmp_path, tmp_path / "missing")
