"""GraphQL over HTTP, as the audits of the npm package graphql-http judge it."""

import fcntl
import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from server.postgres_process import locked
from tools.build_portal import node_and_npm, npm_environment

SOURCES = Path(__file__).parents[1] / "clients"
BUILT = Path(__file__).parents[2] / "build" / "clients"


@pytest.fixture(scope="session")
def clients() -> Path:
    """Other people's clients, installed by the lock, once for each lock."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    folder = BUILT / hashlib.sha256(lock).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    # Tests may run beside each other in several processes.
    with locked(folder / "lock", fcntl.LOCK_EX):
        if not (folder / "installed").exists():
            _install(folder)
    return folder


def _install(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_bytes((SOURCES / name).read_bytes())
    node, npm = node_and_npm()
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    command = [node, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(command, cwd=folder, env=os.environ | npm_environment(path), check=True, capture_output=True)
    (folder / "installed").touch()


def audit(url: str, header: str, clients: Path) -> dict[str, str]:
    """What came of each audit, by its id and name."""
    node, _ = node_and_npm()
    command = [node, SOURCES / "audits.mjs", url, header, clients]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return {f"{one['id']} {one['name']}: {one.get('reason')}": one["status"] for one in json.loads(done.stdout)}


def test_every_audit_passes_for_a_script_with_a_token(served: str, person, clients: Path) -> None:
    results = audit(f"{served}/graphql", f"authorization: Bearer {person.token}", clients)
    assert [name for name, status in results.items() if status != "ok"] == []
    assert len(results) == 61
