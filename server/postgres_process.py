"""Files, folders and processes of the embedded PostgreSQL: what postgres.py needs of the operating system."""

import fcntl
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from server.postgres_install import Account, PostgresUnavailable

SUPERUSER = "postgres"
# How long, in seconds, a server may take to start after a crash, or to stop.
PATIENCE = 60.0
LARGEST_LOG = 10_000_000


def private(path: str, flags: int) -> int:
    """Opener for files that only their owner may touch."""
    return os.open(path, flags, 0o600)


def locked(path: Path, kind: int) -> BinaryIO:
    """Open a file and wait for a lock on it, which ends when the file is closed or the process ends."""
    file = open(path, "ab", opener=private)  # noqa: SIM115 - the caller closes it, and with it the lock.
    fcntl.flock(file, kind)
    return file


def open_log(path: Path) -> BinaryIO:
    """Open the server's log to be continued; one earlier log is kept."""
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return open(path, "ab", opener=private)


def make_owned(folder: Path, user: Account) -> None:
    """Make a folder that only `user` can enter."""
    folder.mkdir(mode=0o700)
    os.chown(folder, user.uid, user.gid)


def write_private(path: Path, text: str, user: Account | None) -> None:
    """Write a file that only its owner can read, and have it on the disk before anything relies on it."""
    path.unlink(missing_ok=True)
    with open(path, "x", opener=private) as file:
        if user:
            os.chown(file.fileno(), user.uid, user.gid)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def initdb(folder: Path, user: Account, options: list[str]) -> None:
    """Make a new cluster with the programs in `folder`."""
    # The builtin C.UTF-8 sorts alike on every machine; the character classes of pg_trgm come from the C library.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    always = ["--username", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"]
    attempts = [[*builtin, "--locale=C", "--lc-ctype=C.UTF-8"], [*builtin, "--locale=C"], ["--locale=C.UTF-8"]]
    said = ""
    for locale in attempts:
        done = user.run([folder / "initdb", *always, *locale, "--no-instructions", *options])
        if done.returncode == 0:
            return
        said = done.stderr.strip()
    raise PostgresUnavailable(f"The database could not be made: {said}.")


def works_in(pid: int, data: Path) -> bool:
    """Whether a process is the server of `data`; numbers are used again, so being alive proves nothing."""
    if Path("/proc/self/cwd").exists():
        with suppress(OSError):
            return Path(f"/proc/{pid}/cwd").readlink() == data
        return False
    listed = subprocess.run(
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return str(data) in listed.stdout


def ended(pid: int, request: signal.Signals, data: Path) -> bool:
    """Ask a server to end, and say whether it did so in time."""
    deadline = time.monotonic() + PATIENCE
    os.kill(pid, request)
    while works_in(pid, data) and time.monotonic() < deadline:
        time.sleep(0.02)
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return not works_in(pid, data)
