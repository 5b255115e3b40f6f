"""The embedded PostgreSQL, for real: processes come, go and are killed."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.servers import OtherProcess, gone, kill_server, runs, server_is_down, words, write
from venuefinder.errors import DatabaseUnavailableError
from venuefinder.store.embedded import EmbeddedPostgres
from venuefinder.store.embedded_folder import find_binaries
from venuefinder.store.embedded_runner import new_runner

Start = Callable[[Path], OtherProcess]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a stopped database, for tests that do not mind what was in it before."""
    data_dir = tmp_path_factory.mktemp("made") / "data"
    with EmbeddedPostgres(data_dir) as server, server.administer() as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # processes are killed here, machines are not
    return data_dir


@pytest.fixture
def data_dir(made: Path) -> Iterator[Path]:
    """That data folder; its server is down before and after."""
    yield made
    assert server_is_down(made)


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[OtherProcess] = []

    def start(data_dir: Path) -> OtherProcess:
        started.append(OtherProcess(data_dir))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def test_killed_process_leaves_its_server_to_the_next(data_dir: Path, start: Start) -> None:
    killed = start(data_dir)
    pid = killed.server_pid()
    killed.kill()
    assert runs(pid)
    with EmbeddedPostgres(data_dir) as server:
        assert server.pid == pid
        write(server, "adopted")
    assert not runs(pid)


def test_processes_share_one_server_and_the_last_stops_it(tmp_path: Path, start: Start) -> None:
    others = [start(tmp_path) for _ in range(3)]  # all at once, on an empty folder
    pids = {other.server_pid() for other in others}
    with EmbeddedPostgres(tmp_path) as server:
        pid = server.pid
        others[0].leave()
        others[1].kill()
        write(server, "shared")
    assert pids == {pid}
    assert runs(pid)
    others[2].leave()
    assert not runs(pid)
    assert server_is_down(tmp_path)


def test_two_users_in_one_process_count_as_two(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as first:
        with EmbeddedPostgres(data_dir) as second:
            assert second.pid == first.pid
        write(first, "still here")
        assert "still here" in words(first)


def test_forked_child_that_ends_does_not_stop_the_server_of_its_parent(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        child = os.fork()
        if child == 0:
            server.close()
            os._exit(0)
        os.waitpid(child, 0)
        write(server, "not stopped")
        with EmbeddedPostgres(data_dir) as second:
            assert second.pid == server.pid


def test_interrupt_in_the_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        assert os.getsid(server.pid) != os.getsid(0)


def test_crashed_server_is_started_anew_beside_a_waiting_user(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as first:
        write(first, "recovered")
        crashed = first.pid
        kill_server(first)
        with EmbeddedPostgres(data_dir) as second:
            assert second.pid != crashed
            assert "recovered" in words(second)


@pytest.mark.parametrize("reused", ["by its parent", "by a server elsewhere"])
def test_reused_process_id_is_no_server(data_dir: Path, embedded_server: EmbeddedPostgres, reused: str) -> None:
    with EmbeddedPostgres(data_dir) as server:
        write(server, reused)
        kill_server(server)
        pid_file = server.folder / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        lines[0] = str(os.getpid() if reused == "by its parent" else embedded_server.pid)
        pid_file.write_text("\n".join(lines) + "\n")
    with EmbeddedPostgres(data_dir) as server:
        assert reused in words(server)
    assert runs(embedded_server.pid)


@pytest.mark.parametrize("text", ["", "not a number\n", "-1\n", "4194304\n/elsewhere\n"])
def test_damaged_process_id_file_is_no_server(data_dir: Path, text: str) -> None:
    (data_dir / "postgres" / "postmaster.pid").write_text(text)
    with EmbeddedPostgres(data_dir) as server:
        write(server, "started")


def test_server_that_someone_else_started_is_left_alone(data_dir: Path) -> None:
    with foreign_server(data_dir) as pid:
        with pytest.raises(DatabaseUnavailableError, match=rf"did not start \(process {pid}\); stop it: kill"):
            EmbeddedPostgres(data_dir).start()
        assert runs(pid)


@contextmanager
def foreign_server(data_dir: Path) -> Iterator[int]:
    folder, program = data_dir / "postgres", find_binaries() / "postgres"
    command = [program, "-D", folder, "--listen_addresses=", f'--unix_socket_directories="{folder}"']
    with (data_dir / "foreign.log").open("wb") as log:
        new_runner().able_to_use(folder, program).detach(command, log=log, inherit=log.fileno())
    pid_file = folder / "postmaster.pid"
    for _ in range(3000):
        if pid_file.exists() and "ready" in pid_file.read_text():
            break
        time.sleep(0.01)
    pid = int(pid_file.read_text().splitlines()[0])
    yield pid
    os.kill(pid, signal.SIGINT)
    assert gone(pid)


def test_server_that_cannot_start_gives_its_last_words(data_dir: Path) -> None:
    control, aside = data_dir / "postgres" / "global" / "pg_control", data_dir / "aside"
    control.rename(aside)
    with pytest.raises(DatabaseUnavailableError, match=r"(?s)ended while starting.*pg_control"):
        EmbeddedPostgres(data_dir).start()
    aside.rename(control)


def test_server_sees_neither_secrets_nor_settings_of_the_caller(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENUEFINDER_API_KEY", "secret")
    monkeypatch.setenv("PGPORT", "9999")
    with EmbeddedPostgres(data_dir) as server, server.administer() as connection:
        connection.execute("CREATE TEMP TABLE environment (line text)")
        connection.execute("COPY environment FROM PROGRAM 'env'")
        names = {line.split("=")[0] for (line,) in connection.execute("SELECT line FROM environment")}
    assert "PATH" in names
    assert names.isdisjoint({"VENUEFINDER_API_KEY", "PGPORT"})


def test_server_that_is_not_started_has_no_url(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.close()
    with pytest.raises(DatabaseUnavailableError, match="was not started, or is closed"):
        server.url()


def test_full_text_search_knows_letters_of_every_script(embedded_server: EmbeddedPostgres) -> None:
    with embedded_server.administer() as connection:
        query = "SELECT to_tsvector('simple', '“Rustic” ÉCOLE – 東京')::text"
        assert connection.execute(query).fetchone() == ("'rustic':1 'école':2 '東京':3",)


def test_a_server_that_recovers_from_a_crashed_session_is_waited_for(data_dir: Path) -> None:
    """Its file says ready all the while; who came then was once told to run the command again."""
    with EmbeddedPostgres(data_dir) as server:
        for number in range(3):
            crash_a_session(server)
            with EmbeddedPostgres(data_dir) as second:
                write(second, f"after crash {number}")
        assert {f"after crash {number}" for number in range(3)} <= words(server)


def crash_a_session(server: EmbeddedPostgres) -> None:
    """Kill one session, and return once the server has ended another for it."""
    with server.administer() as witness, server.administer() as victim:
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            witness.execute("SELECT pg_sleep(60)")
