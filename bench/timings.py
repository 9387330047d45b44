"""Whether the time an answer takes tells a known account from an unknown one, or a hidden row from none.

The figure is the area under the curve: of one answer of either kind, how often the known one took longer. One half is
what a coin would give. Both kinds take turns, so that whatever else the machine does befalls both alike.
"""

from __future__ import annotations

import asyncio
import base64
import random
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import psycopg
from argon2 import PasswordHasher

import models
from bench.company import ORGANIZATIONS, SITES, Company, found
from bench.stage import Node, database, percentile, serving
from resolvers.ids import encode

PAIRS, QUICK_PAIRS = 1_000, 150
NODES, QUICK_NODES = 2_000, 300
NODE = "query Node($id: ID!) { node(id: $id) { id ... on Job { title status site { name } } } }"
GENUINE = {"x-portico-client": "bench"}
PEOPLE = ORGANIZATIONS * (SITES + 1)
"""One for every client and every site."""
PASSWORD = "correct horse battery"
Asked = Callable[[int, str], tuple[str, dict[str, Any]]]


async def run(quick: bool) -> dict[str, Any]:
    """The area for signing in, asking for a reset, looking at a link, and asking for a job of another site."""
    pairs, nodes = (QUICK_PAIRS, QUICK_NODES) if quick else (PAIRS, NODES)
    with database() as url:
        known, link = await asyncio.to_thread(_founded, url, pairs)
        viewer, hidden = _hidden(await asyncio.to_thread(found, url, PEOPLE, 1), nodes)
        unknown = [f"{secrets.token_hex(6)}@nowhere.example" for _ in range(pairs)]
        async with serving(url, 1, PORTICO_TRUSTED_PROXIES="127.0.0.1") as (node,):
            return {
                "pairs": pairs,
                "sign_in": await _measured(node, known, unknown, _sign_in),
                "reset_request": await _measured(node, known, unknown, _reset),
                "dead_link": await _measured(node, [link] * pairs, [_token() for _ in range(pairs)], _look),
                "hidden_node": await _measured(
                    node, hidden, [encode(models.Job, uuid.uuid4()) for _ in hidden], _ask, viewer
                ),
            }


def _hidden(company: Company, count: int) -> tuple[dict[str, str], list[str]]:
    """Somebody who sees one site, as headers, and jobs of other clients, again and again."""
    viewer = next(one for one in company.people if one.place.site)
    jobs = [encode(models.Job, id) for id, at in company.jobs if at.organization != viewer.place.organization]
    return {"authorization": f"Bearer {viewer.token}"}, [jobs[turn % len(jobs)] for turn in range(count)]


def _sign_in(_turn: int, email: str) -> tuple[str, dict[str, Any]]:
    return "/auth/sign-in", {"email": email, "password": "wrong password"}


def _reset(_turn: int, email: str) -> tuple[str, dict[str, Any]]:
    return "/auth/reset/request", {"email": email}


def _look(_turn: int, token: str) -> tuple[str, dict[str, Any]]:
    return "/auth/invitation/look", {"token": token}


def _ask(_turn: int, id: str) -> tuple[str, dict[str, Any]]:
    return "/graphql", {"query": NODE, "variables": {"id": id}}


async def _measured(
    node: Node, known: list[str], unknown: list[str], asked: Asked, headers: Mapping[str, str] = GENUINE
) -> dict[str, Any]:
    """Each pair is asked about in an order a coin decides, each from an address of its own."""
    took: tuple[list[float], list[float]] = ([], [])
    answers: set[tuple[int, int]] = set()
    dice = random.Random(2026)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", timeout=30) as http:
        for turn, pair in enumerate(zip(known, unknown, strict=True)):
            order = [0, 1] if dice.random() < 0.5 else [1, 0]
            for side in order:
                path, content = asked(turn, pair[side])
                from_there = {"x-forwarded-for": f"10.{side}.{turn // 250}.{turn % 250 + 1}"}
                began = time.perf_counter()
                response = await http.post(path, json=content, headers={**headers, **from_there})
                took[side].append(time.perf_counter() - began)
                answers.add((response.status_code, len(response.content)))
    return {
        "auc": round(_area(*took), 3),
        "median_ms": [round(percentile(side, 0.5) * 1000, 2) for side in took],
        "answers": sorted(answers),
    }


def _area(known: list[float], unknown: list[float]) -> float:
    """How often one of ``known`` is longer than one of ``unknown``."""
    ranked = sorted([(value, 1) for value in known] + [(value, 0) for value in unknown])
    ranks = sum(rank for rank, (_, side) in enumerate(ranked, 1) if side)
    return (ranks - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown))


def _founded(url: str, count: int) -> tuple[list[str], str]:
    """A tenant with so many people who have a password; their addresses, and a token that names the tenant."""
    tenant, stored = uuid.uuid4(), PasswordHasher().hash(PASSWORD)
    emails = [f"person{number}@known.example" for number in range(count)]
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection:
        connection.execute(
            "insert into tenant (id, slug, name, status) values (%s, 'known', 'Known', 'ACTIVE')", (tenant,)
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into app_user (tenant_id, id, kind, status, name, email, password_hash)"
                " values (%s, gen_random_uuid(), 'STAFF', 'ACTIVE', 'Person', %s, %s)",
                [(tenant, email, stored) for email in emails],
            )
    return emails, _token(tenant)


def _token(tenant: uuid.UUID | None = None) -> str:
    """A token nobody was given, of the tenant or of none there is."""
    raw = (tenant or uuid.uuid4()).bytes + secrets.token_bytes(32)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
