"""What a command costs: bare, and with a payload whose row is read by a compiled statement or field by field."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

import models
from bench import company as companies
from bench.company import Company
from bench.peers.load import drive
from bench.stage import Node, database, percentile, postgres_cpu, serving
from models import new_id
from resolvers.ids import encode

CALLERS, SECONDS = 4, 3.0
BARE = "mutation($i: UpdateJobInput!) { updateJob(input: $i) { userErrors { code } } }"
SHOWN = """mutation($i: UpdateJobInput!) { updateJob(input: $i) {
  job { id version title description status priority scheduledAt viewerPermissions cost { amount currencyCode }
    site { id name timeZone address { street city country } } organization { id shortName status viewerPermissions }
    contract { id reference title } }
  userErrors { field code message } } }"""
DOCUMENTS = {"bare": BARE, "with payload": SHOWN}


@dataclass
class Tally:
    """What one way took for one document so far."""

    way: str
    command: str
    count: int = 0
    app: float = 0.0
    postgres: float = 0.0
    times: list[float] = field(default_factory=list[float])

    def row(self) -> dict[str, Any]:
        """Its figures, for one command."""
        app, postgres = self.app / self.count * 1e3, self.postgres / self.count * 1e3
        said = {"cpu_ms": app + postgres, "cpu_ms_app": app, "cpu_ms_postgres": postgres}
        shown = {name: round(value, 2) for name, value in said.items()}
        p50 = round(percentile(self.times, 0.5) * 1e3, 2)
        return {"way": self.way, "command": self.command, "commands": self.count, **shown, "p50_ms": p50}


async def run(quick: bool) -> list[dict[str, Any]]:
    """A row for each way and document."""
    with database() as url:
        company = await asyncio.to_thread(companies.found, url, 500, 500)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as generator:
            return await _commands(url, company, generator, 2 if quick else 8)


async def _commands(url: str, company: Company, generator: Executor, rounds: int) -> list[dict[str, Any]]:
    """Bare ones and those with a payload take turns, so that whatever else the machine does befalls both alike."""
    tallies: list[Tally] = []
    for way, compiled in (("compiled", "1"), ("field by field", "0")):
        pair = [Tally(way, command) for command in DOCUMENTS]
        async with serving(url, 1, PORTICO_COMPILED=compiled) as (node,):
            for turn in range(rounds + 1):
                for tally in pair if turn else [replace(each, times=[]) for each in pair]:
                    await _measure(url, node, company, generator, tally)
        tallies += pair
    return [each.row() for each in tallies]


async def _measure(url: str, node: Node, company: Company, generator: Executor, tally: Tally) -> None:
    requests = _requests(company, DOCUMENTS[tally.command])
    app, postgres = node.cpu(), postgres_cpu(url)
    sample = await _driven(generator, node, requests, SECONDS)
    tally.app += node.cpu() - app
    tally.postgres += postgres_cpu(url) - postgres
    tally.count += sample.requests
    tally.times += sample.times


async def _driven(generator: Executor, node: Node, requests: list[bytes], seconds: float) -> Any:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(generator, drive, node.port, requests, CALLERS, seconds)


def _requests(company: Company, document: str) -> list[bytes]:
    """Titles nothing ever had, so that each command changes something."""
    assert company.administrator is not None
    asked = [{"id": encode(models.Job, job), "title": f"Patrol {new_id()}"} for job, _ in company.jobs * 3]
    return [_request(company.administrator.token, {"query": document, "variables": {"i": one}}) for one in asked]


def _request(token: str, content: dict[str, Any]) -> bytes:
    body = orjson.dumps(content)
    head = (
        "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: application/json\r\n"
        f"authorization: Bearer {token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
