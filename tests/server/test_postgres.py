"""The embedded PostgreSQL, really started: kept data, killed processes, closed doors."""

import multiprocessing
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from server import postgres_install
from server.postgres import EmbeddedPostgres
from server.postgres_install import PostgresUnavailable, account

HOLDER = """
import signal, sys, time
from pathlib import Path
from server.postgres import EmbeddedPostgres
# Tests that run in the background hand on that they ignore them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    time.sleep(60)
"""
Hold = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def home(open_folder: Path) -> Path:
    return open_folder / secrets.token_hex(3)


@pytest.fixture
def hold(home: Path) -> Generator[Hold]:
    """Starts another process that uses the server until it is told to end."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen([sys.executable, "-c", HOLDER, home], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql")
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def connected(url: str) -> psycopg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def noted(server: EmbeddedPostgres) -> int:
    with connected(server.url) as connection:
        return connection.execute("SELECT count(*) FROM note").fetchone()[0]


def note(server: EmbeddedPostgres) -> None:
    with connected(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (id int)")
        connection.execute("INSERT INTO note VALUES (1)")


def pid(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])


def is_running(server: EmbeddedPostgres) -> bool:
    return (server.data / "postmaster.pid").exists()


def until_stopped(server: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + 10
    while is_running(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_running(server)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_data_is_kept_and_the_end_is_clean(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        note(server)
    assert not is_running(server)
    with EmbeddedPostgres(home) as server:
        assert noted(server) == 1
    assert "automatic recovery" not in server.log.read_text()
    assert "database system was not properly shut down" not in server.log.read_text()


def test_it_keeps_what_is_answered_and_speaks_utf8(home: Path) -> None:
    asked = ["fsync", "synchronous_commit", "full_page_writes", "server_encoding", "listen_addresses", "timezone"]
    with EmbeddedPostgres(home, settings={"max_connections": "37"}) as server, connected(server.url) as connection:
        told = [connection.execute("SELECT current_setting(%s)", [name]).fetchone()[0] for name in asked]
        assert told == ["on", "on", "on", "UTF8", "", "UTC"]
        assert connection.execute("SHOW max_connections").fetchone() == ("37",)
        assert connection.execute("SELECT lower('ÄÇØ')").fetchone() == ("äçø",)


def test_only_its_owner_comes_in_and_only_with_the_password(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        assert [mode(path) for path in (server.folder, server.data, server.socket)] == [0o700] * 3
        assert mode(home / "postgres.password") == mode(server.log) == 0o600
        wrong = make_url(server.url).set(password="wrong").render_as_string(hide_password=False)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connected(wrong)


def test_folders_above_keep_their_modes(open_folder: Path, home: Path) -> None:
    above = [open_folder, *open_folder.parents, *Path(sys.prefix).parents]
    before = [mode(path) for path in above]
    with EmbeddedPostgres(home):
        pass
    assert [mode(path) for path in above] == before


def test_a_killed_server_recovers(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        note(server)
        os.kill(pid(server), signal.SIGKILL)
        with EmbeddedPostgres(home) as again:
            assert noted(again) == 1
    until_stopped(server)


def test_a_server_whose_user_was_killed_is_used_again(home: Path, hold: Hold) -> None:
    holder = hold()
    server = EmbeddedPostgres(home)
    left = pid(server)
    holder.kill()
    holder.wait()
    with server:
        assert pid(server) == left
    assert not is_running(server)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_it(home: Path, hold: Hold, number: signal.Signals) -> None:
    holder = hold()
    holder.send_signal(number)
    holder.wait(60)
    assert not is_running(EmbeddedPostgres(home))


def test_the_last_of_several_users_stops_it(home: Path, hold: Hold) -> None:
    holder = hold()
    with EmbeddedPostgres(home) as server:
        holder.terminate()
        holder.wait(60)
        note(server)
        with EmbeddedPostgres(home):
            pass
        assert noted(server) == 1
    assert not is_running(server)


def test_many_may_start_at_once(home: Path) -> None:
    command = [sys.executable, "-c", HOLDER.replace("time.sleep(60)", ""), home]
    racing = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(4)]
    said = [process.communicate(timeout=60)[0] for process in racing]
    assert len(set(said)) == 1
    assert [process.returncode for process in racing] == [0] * 4
    assert not is_running(EmbeddedPostgres(home))


def test_a_stranger_with_the_old_number_is_left_alone(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        note(server)
        lines = (server.data / "postmaster.pid").read_text().split("\n")
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (server.data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]))
        with EmbeddedPostgres(home) as again:
            assert noted(again) == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_long_path_gets_its_socket_elsewhere(home: Path) -> None:
    with EmbeddedPostgres(home / ("long" * 30)) as server:
        assert server.socket.parent == Path("/tmp")
        assert mode(server.socket) == 0o700
        note(server)
    server.socket.rmdir()


def test_a_foreign_folder_in_the_place_of_the_socket_is_refused(home: Path) -> None:
    server = EmbeddedPostgres(home / ("long" * 30))
    server.socket.mkdir(mode=0o755)
    try:
        with pytest.raises(PostgresUnavailable, match="with mode 0700"):
            server.start()
    finally:
        server.socket.rmdir()


def test_what_stops_it_at_once_is_told(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        pass
    (server.data / "postgresql.conf").write_text("no such line\n")
    with pytest.raises(PostgresUnavailable, match="syntax error"):
        server.start()


def test_a_missing_password_is_told(home: Path) -> None:
    with EmbeddedPostgres(home):
        pass
    (home / "postgres.password").unlink()
    with pytest.raises(PostgresUnavailable, match=r"postgres\.password cannot be read"):
        EmbeddedPostgres(home).start()


@pytest.fixture
def shared(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for root's own folder, /var/lib/portico."""
    folder = open_folder / f"lib-{secrets.token_hex(3)}"
    monkeypatch.setattr(postgres_install, "SHARED", folder)
    return folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may have folders PostgreSQL's account cannot reach")
def test_out_of_reach_the_data_lives_elsewhere(tmp_path: Path, shared: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "home") as server:
        note(server)
        assert server.folder.readlink().parent == shared
        assert mode(closed) == 0o700
        assert account(server.data).uid != 0
    shutil.rmtree(server.folder.readlink())
    with pytest.raises(PostgresUnavailable, match="is gone"):
        server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may have folders PostgreSQL's account cannot reach")
def test_out_of_reach_the_programs_are_copied_once(
    tmp_path: Path, home: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = next(postgres_install._candidates()).parents[1]
    for part in package.parent.glob(f"{package.name}*"):
        if not part.name.endswith("dist-info"):
            shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setattr(postgres_install, "_candidates", lambda: iter([closed / package.name / "pginstall" / "bin"]))
    for _ in range(2):
        with EmbeddedPostgres(home) as server:
            note(server)
    copies = list(shared.glob("programs-*"))
    assert [mode(path) for path in copies] == [0o755]
    assert next(copies[0].rglob("bin/postgres")).stat().st_uid == 0


def test_without_programs_it_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_install, "_candidates", lambda: iter([]))
    with pytest.raises(PostgresUnavailable, match=r"No PostgreSQL 15 or later was found .* DATABASE_URL"):
        EmbeddedPostgres(home).start()


def as_another_account(home: Path) -> None:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    with EmbeddedPostgres(home) as server:
        note(server)
        assert server.data.stat().st_uid == 65534
    with EmbeddedPostgres(home) as server:
        assert noted(server) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests show it already")
def test_it_runs_without_root(home: Path) -> None:
    home.mkdir()
    os.chown(home, 65534, 65534)
    # Forked rather than started anew: the interpreter itself may be out of the other account's reach.
    process = multiprocessing.get_context("fork").Process(target=as_another_account, args=[home])
    process.start()
    process.join(60)
    assert process.exitcode == 0
