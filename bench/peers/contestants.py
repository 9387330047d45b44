"""The servers that are compared, each one process with ten connections to the same database."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
import psycopg
from psycopg import sql

from bench.peers import queries
from bench.peers.data import People, plain
from bench.peers.queries import Ask
from bench.stage import ROOT, Node, free_port, serving
from tools.build_portal import node_and_npm, npm_environment

HERE = Path(__file__).parent
BUILT = ROOT / "build" / "peers"
FILES = ("package.json", "package-lock.json", "counted.mjs", "postgraphile.mjs", "yoga.mjs")


@dataclass
class Contestant:
    """A server that answers the four queries in its own spelling."""

    name: str
    node: Node
    ask: Ask
    count: Callable[[int], int]

    def cpu(self) -> float:
        """Seconds of processor time of its process and those it started."""
        main = psutil.Process(self.node.process.pid)
        times = [one.cpu_times() for one in (main, *main.children(recursive=True))]
        return sum(one.user + one.system for one in times)

    def statements(self) -> int:
        """How many statements it has sent to PostgreSQL so far."""
        return self.count(self.node.port)


@asynccontextmanager
async def contestants(url: str, people: People, *names: str) -> AsyncIterator[list[Contestant]]:
    """The named ones, serving."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(STARTS[name](url, people)) for name in names]


@asynccontextmanager
async def _portico(url: str, _people: People) -> AsyncIterator[Contestant]:
    async with serving(url, 1, PORTICO_COMPILED="1", PORTICO_POOL_SIZE="10") as (node,):
        yield Contestant("portico", node, queries.portico, _told_by_portico)


@asynccontextmanager
async def _limit(url: str, _people: People) -> AsyncIterator[Contestant]:
    port = free_port()
    command = [sys.executable, "-m", "bench.peers.limit", plain(url), str(port)]
    async with _started(command, port) as node:
        yield Contestant("limit", node, queries.portico, _told)


@asynccontextmanager
async def _postgraphile(url: str, people: People) -> AsyncIterator[Contestant]:
    with _secured(url) as role, _claims(people) as claims:
        given = {"database": plain(url), "role": role, "claims": claims}
        async with _node("postgraphile.mjs", given) as node:
            yield Contestant("postgraphile", node, queries.postgraphile, _told)


@asynccontextmanager
async def _node_dataloader(url: str, people: People) -> AsyncIterator[Contestant]:
    with _claims(people) as claims:
        async with _node("yoga.mjs", {"database": plain(url), "claims": claims}) as node:
            yield Contestant("node_dataloader", node, queries.yoga, _told)


STARTS = {
    "limit": _limit,
    "portico": _portico,
    "postgraphile": _postgraphile,
    "node_dataloader": _node_dataloader,
}
ALL = tuple(STARTS)


@asynccontextmanager
async def _node(script: str, given: dict[str, str]) -> AsyncIterator[Node]:
    port = free_port()
    node, _ = node_and_npm()
    command = [str(node), str(await asyncio.to_thread(installed) / script), json.dumps(given | {"port": port})]
    async with _started(command, port) as started:
        yield started


@asynccontextmanager
async def _started(command: list[str], port: int) -> AsyncIterator[Node]:
    environment = os.environ | {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        await _answers(process, port)
        yield Node(process, port)
    finally:
        process.terminate()
        process.wait(30)


async def _answers(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"a contestant ended with {process.returncode}")
        try:
            _told(port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise RuntimeError("a contestant did not get ready")


def installed() -> Path:
    """The folder in which the Node contestants lie with their packages, installed by the lock."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = BUILT / hashlib.sha256(lock).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (folder / name).write_bytes((HERE / name).read_bytes())
    if not (folder / "installed").exists():
        node, npm = node_and_npm()
        path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
        command = [node, npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=folder, env=os.environ | npm_environment(path), check=True)
        (folder / "installed").touch()
    return folder


@contextmanager
def _claims(people: People) -> Generator[str]:
    """A file of what every token says of its holder."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({one.token: one.claims() for one in people.all()}, file)
        file.flush()
        yield file.name


_TENANT = "tenant_id = (select current_setting('bench.tenant')::uuid) and archived_at is null"
_ALL = "(select current_setting('bench.all')::boolean)"


def _listed(column: str, claim: str) -> str:
    # The inner cast has the list read once a statement, the outer one says that it is one value and no rows.
    return f"{column} = any((select current_setting('bench.{claim}')::uuid[])::uuid[])"


def _at(site: str) -> str:
    return f"{_ALL} or {_listed('organization_id', 'organizations')} or {_listed(site, 'sites')}"


POLICIES = {
    "organization": f"{_ALL} or {_listed('id', 'touched')}",
    "site": _at("id"),
    "contract": f"{_ALL} or (status in ('ACTIVE', 'EXPIRING', 'TERMINATED') and ({_at('site_id')}))",
    "job": _at("site_id"),
}


@contextmanager
def _secured(url: str) -> Generator[str]:
    """A role that sees the four tables through policies of its own, as PostGraphile's users write them."""
    role = f"portico_bench_{secrets.token_hex(4)}"
    with psycopg.connect(plain(url), autocommit=True) as connection:
        name = sql.Identifier(role)
        connection.execute(sql.SQL("create role {}").format(name))
        connection.execute(sql.SQL("grant usage on schema public to {}").format(name))
        for table, seen in POLICIES.items():
            # Portico's own wall would be one more condition for this role.
            connection.execute(sql.SQL("alter policy tenant_wall on {} to portico_app").format(sql.Identifier(table)))
            connection.execute(
                sql.SQL("create policy {0} on {1} for select to {0} using ({2})").format(
                    name, sql.Identifier(table), sql.SQL(f"{_TENANT} and ({seen})")
                )
            )
            connection.execute(sql.SQL("grant select on {} to {}").format(sql.Identifier(table), name))
        try:
            yield role
        finally:
            for table in POLICIES:
                connection.execute(sql.SQL("drop policy {} on {}").format(name, sql.Identifier(table)))
            connection.execute(sql.SQL("drop owned by {}").format(name))
            connection.execute(sql.SQL("drop role {}").format(name))


def _told(port: int) -> int:
    with urlopen(f"http://127.0.0.1:{port}/statements", timeout=10) as answer:
        return int(answer.read())


def _told_by_portico(port: int) -> int:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        found = re.findall(
            r"^portico_operation_statements_sum\{.*\} ([0-9.e+]+)$", answer.read().decode(), re.MULTILINE
        )
    return int(sum(map(float, found)))
