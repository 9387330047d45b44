"""Liveness is one thing, readiness another, and metrics are for who may have them."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from server.health import Health
from server.replies import Refusal
from server.tracing import trace_of
from tests.server.talking import Station


def test_a_served_process_lives_and_is_ready(client: httpx2.Client) -> None:
    live, ready = client.get("/health/live"), client.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"live": True})
    checks = dict.fromkeys(("database", "listener", "lease", "not_draining"), True)
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "checks": checks})
    assert ready.headers["cache-control"] == "no-store"


async def lacking() -> Mapping[str, bool]:
    return {"database": False, "listener": True}


async def stuck() -> Mapping[str, bool]:
    await asyncio.sleep(30)
    return {}


async def broken() -> Mapping[str, bool]:
    raise RuntimeError("secret")


@pytest.mark.parametrize(
    ("ready", "checks"),
    [
        (lacking, b'{"ready":false,"checks":{"database":false,"listener":true}}'),
        (stuck, b'{"ready":false,"checks":{"answered":false}}'),
        (broken, b'{"ready":false,"checks":{"answered":false}}'),
    ],
)
async def test_a_process_that_lacks_something_is_not_ready(
    ready: Any, checks: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.health.READY_WITHIN", 0.05)
    reply = await Health(ready, None).ready({}, None)  # type: ignore[arg-type]
    assert (reply.status, reply.body) == (503, checks)


def test_metrics_can_be_read_on_this_machine(client: httpx2.Client, person) -> None:
    query = {"query": "query Counted { __typename }"}
    assert client.post("/graphql", json=query, headers=person.bearer).status_code == 200
    response = client.get("/metrics")
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    counted = r'^portico_request_seconds_count\{operation="Counted",pid="\d+",status="200"\} 1.0$'
    assert re.search(counted, response.text, re.MULTILINE)
    for name in (
        "portico_request_seconds_bucket",
        "portico_requests_in_flight",
        "portico_sockets_open",
        "portico_subscriptions_open",
        "portico_events_delivered_total",
        "portico_frames_withheld_total",
        "portico_fence_wait_seconds_bucket",
        "portico_operation_statements_bucket",
        "portico_cache_lookups_total",
        "portico_reads_together_total",
        "process_resident_memory_bytes",
    ):
        assert f"\n{name}{{" in response.text


def test_what_the_caches_knew_is_counted(own_station: Station) -> None:
    def looked_up() -> dict[str, float]:
        text = own_station.http.get("/metrics").text
        found = re.findall(r'portico_cache_lookups_total\{cache="(\w+)",outcome="(\w+)",.*\} (.+)', text)
        return {f"{cache} {outcome}": float(count) for cache, outcome, count in found}

    before = looked_up()
    for _ in range(3):
        own_station.ask("administrator", "query Known { viewer { name epoch } }")
    grown = {name: count - before[name] for name, count in looked_up().items()}
    assert grown == {
        "documents hit": 2, "documents miss": 1, "plans hit": 2, "plans miss": 1, "pushes hit": 0, "pushes miss": 0,
    }  # fmt: skip


HERE = {"host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("token", "peer", "headers", "allowed"),
    [
        (None, "127.0.0.1", HERE, True),
        (None, "::1", {"host": "localhost"}, True),
        (None, "10.0.0.1", HERE, False),
        (None, None, HERE, False),
        (None, "a socket", HERE, False),
        (None, "127.0.0.1", {"host": "evil.example"}, False),
        (None, "127.0.0.1", {**HERE, "x-forwarded-for": "127.0.0.1"}, False),
        (None, "127.0.0.1", {**HERE, "authorization": "Bearer guess"}, False),
        ("t" * 32, "10.0.0.1", {"authorization": "Bearer " + "t" * 32}, True),
        ("t" * 32, "10.0.0.1", {"authorization": "Bearer " + "u" * 32}, False),
        ("t" * 32, "127.0.0.1", {**HERE, "authorization": "Bearer \xff"}, False),
        ("t" * 32, "127.0.0.1", HERE, True),
        ("t" * 32, "10.0.0.1", {}, False),
    ],
)
async def test_metrics_need_the_token_elsewhere(
    token: str | None, peer: str | None, headers: dict[str, str], allowed: bool
) -> None:
    scope: dict[str, Any] = {
        "client": (peer, 1) if peer else None,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    health = Health(lacking, token)
    if allowed:
        assert (await health.metrics(scope, None)).status == 200  # type: ignore[arg-type]
    else:
        with pytest.raises(Refusal) as refused:
            await health.metrics(scope, None)  # type: ignore[arg-type]
        assert (refused.value.status, trace_of(scope).status) == (401, 0)
