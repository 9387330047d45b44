"""The embedded PostgreSQL: a real server of our own, started on first use and stopped by its last user.

In its home folder live `postgres/` (the data) and `postgres.password`. The server listens on a Unix socket only, in a
folder closed to others, and asks for the password even there. Several processes may use one home: each holds a shared
lock on `postgres.users`, which the kernel takes back however the process ends, so that whoever stops knows whether it
was the last. Starting and stopping take turns by `postgres.turn`. A server that outlived its users is used again.
"""

import atexit
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import BinaryIO, Self

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow
from sqlalchemy import URL

from server.postgres_install import Account, PostgresUnavailable, account, programs, shared
from server.postgres_process import (
    PATIENCE,
    SUPERUSER,
    ended,
    initdb,
    locked,
    make_owned,
    open_log,
    works_in,
    write_private,
)

DATABASE = "portico"
# A Unix socket's path is limited to 104 bytes on macOS and 108 on Linux; its name takes 14 of them.
LONGEST_FOLDER = 88

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # The promises of the service rest on these three: what was answered is on the disk.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    # Our statements are short: compiling them, or starting helpers for them, costs more than they take. Helpers would
    # also need more shared memory than containers are given.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgres:
    """One PostgreSQL server with its data under `home`; start() and stop() may be called by many processes."""

    def __init__(self, home: Path, *, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        self.home = home.expanduser().resolve()
        self._settings = {**SETTINGS, **settings}
        self._users: BinaryIO | None = None
        self._process = 0

    def __enter__(self) -> Self:
        _exit_on_sigterm()
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def folder(self) -> Path:
        """The server's own folder: data, log, and the socket if the path is short enough."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory; without links, as PostgreSQL itself names it."""
        return self.folder.resolve() / "data"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.folder / "server.log"

    @property
    def socket(self) -> Path:
        """The folder of the Unix socket."""
        beside = self.folder.resolve() / "socket"
        if len(os.fsencode(beside)) <= LONGEST_FOLDER:
            return beside
        return Path("/tmp", "portico-" + hashlib.sha256(os.fsencode(beside)).hexdigest()[:16])  # noqa: S108

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the superuser; holds the password."""
        at = {"host": str(self.socket)}
        url = URL.create("postgresql+psycopg", SUPERUSER, self._password(), database=DATABASE, query=at)
        return url.render_as_string(hide_password=False)

    def start(self) -> str:
        """Start the server, or join the one that runs, and return its URL."""
        if self._users is None:
            self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
            with self._turn():
                self._run(self._prepared())
                self._create_database()
                self._users = locked(self.home / "postgres.users", fcntl.LOCK_SH)
            self._process = os.getpid()
            atexit.register(self.stop)
        return self.url

    def stop(self) -> None:
        """Leave the server; the last to leave stops it."""
        # A forked child shares the lock of its parent, who still needs the server.
        if self._users is None or self._process != os.getpid():
            return
        atexit.unregister(self.stop)
        with self._turn(), self._users as users:
            self._users = None
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._shut_down()

    @contextmanager
    def _turn(self) -> Generator[None]:
        with locked(self.home / "postgres.turn", fcntl.LOCK_EX):
            yield

    def _prepared(self) -> Account:
        """Make the folder and the data, unless they are there, and say who runs the server."""
        if self.folder.is_symlink() and not self.folder.exists():
            raise PostgresUnavailable(f"The data of {self.folder} is gone from {self.folder.readlink()}.")
        user = account(self.data)
        if not self.folder.exists():
            self._make_folder(user)
        if not self.data.exists():
            self._make_data(user)
        self._make_socket_folder(user)
        return user

    def _make_socket_folder(self, user: Account) -> None:
        if not self.socket.exists():
            make_owned(self.socket, user)
        found = self.socket.lstat()
        if (found.st_uid, found.st_mode) != (user.uid, stat.S_IFDIR | 0o700):
            raise PostgresUnavailable(f"{self.socket} must be a folder of user {user.uid} with mode 0700.")

    def _make_folder(self, user: Account) -> None:
        make_owned(self.folder, user)
        if not user.can_enter(self.folder):
            elsewhere = shared() / f"data-{secrets.token_hex(6)}"
            make_owned(elsewhere, user)
            self.folder.rmdir()
            self.folder.symlink_to(elsewhere)

    def _make_data(self, user: Account) -> None:
        """Run initdb beside the final place, so that what stands there is always complete."""
        draft, secret = self.data.with_name("data.new"), self.data.with_name("password.new")
        shutil.rmtree(draft, ignore_errors=True)
        write_private(secret, self._new_password(), user)
        try:
            initdb(programs(user, draft), user, ["--pgdata", str(draft), "--pwfile", str(secret)])
        finally:
            secret.unlink()
        draft.rename(self.data)

    def _new_password(self) -> str:
        path = self.home / "postgres.password"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24), None)
        return self._password()

    def _password(self) -> str:
        try:
            return (self.home / "postgres.password").read_text()
        except OSError as error:
            raise PostgresUnavailable(f"{error.filename} cannot be read ({error.strerror}).") from error

    def _run(self, user: Account) -> None:
        """Bring a server to answer: the one that runs, or a new one."""
        server: subprocess.Popen[str] | None = None
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"PostgreSQL does not answer within {PATIENCE:.0f} s: see {self.log}.")
            if not self._is_alive(server):
                self._explain_exit(server)
                server = self._launched(user)
            time.sleep(0.05)
        if server:
            # The server may outlive us, if others use it: subprocess need not warn that we did not wait for it.
            server.returncode = 0

    def _is_alive(self, server: subprocess.Popen[str] | None) -> bool:
        return server.poll() is None if server else self._postmaster() is not None

    def _explain_exit(self, server: subprocess.Popen[str] | None) -> None:
        """Refuse if our server gave up, unless it only found the last backends of a killed one still leaving."""
        said = self.log.read_text(errors="replace").splitlines()[-20:] if server else []
        if server and not any("shared memory block" in line for line in said):
            raise PostgresUnavailable("PostgreSQL stopped at once:\n" + "\n".join(said) + "\n")

    def _launched(self, user: Account) -> subprocess.Popen[str]:
        self._clear_remains()
        settings = self._settings | {"unix_socket_directories": str(self.socket)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [programs(user, self.data) / "postgres", "-D", self.data, *options]
        with open_log(self.log) as log:
            # A session of its own: Ctrl-C in the terminal must reach us first, and the server only through stop().
            return subprocess.Popen(
                command,
                text=True,
                **user.options,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _clear_remains(self) -> None:
        """Remove what a killed server left, where PostgreSQL would take a stranger with its old number for it."""
        remains = [*self.socket.glob(".s.PGSQL.*"), self.data / "postmaster.pid"]
        for path in remains:
            path.unlink(missing_ok=True)

    def _postmaster(self) -> int | None:
        """The number of the running server: the one in its file, if that is indeed a process at home in our data."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if works_in(pid, self.data) else None

    def _answers(self) -> bool:
        try:
            self._connected().close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise PostgresUnavailable(f"The password in {self.home} is not that of its server.") from error
            return False
        return True

    def _connected(self) -> psycopg.Connection[TupleRow]:
        return psycopg.connect(
            host=str(self.socket),
            user=SUPERUSER,
            password=self._password(),
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        )

    def _create_database(self) -> None:
        with self._connected() as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _shut_down(self) -> None:
        """End all connections and stop; a server that hangs is cut off, which costs its next start a recovery."""
        pid = self._postmaster()
        for request in (signal.SIGINT, signal.SIGQUIT):
            if pid is None or ended(pid, request, self.data):
                return


def _exit_on_sigterm() -> None:
    """Let SIGTERM and a closed terminal end the process as Ctrl-C does: through its `finally` blocks."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, lambda caught, _: sys.exit(128 + caught))
