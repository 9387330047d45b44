"""The promise, checked from outside: two server processes, every kind of revoke, and not one breach."""

from __future__ import annotations

import pytest

from tests.promise.checker import check
from tests.promise.lanes import KINDS
from tests.promise.ledger import AWAY, HELD
from tests.promise.nodes import Nursery
from tests.promise.plan import Findings, Plan
from tests.promise.planted import FREEZE, FROZEN_LEASE, FROZEN_WEATHER
from tests.scale import scaled

pytestmark = [pytest.mark.slow, pytest.mark.database]
ROUGH = ("slow_turns", "slow_ears")


def faultless(found: Findings, revokes: int) -> None:
    assert found.violations == []
    assert found.revokes >= revokes
    assert set(found.by_kind) == set(KINDS)
    assert blind_spots(found) == []


def blind_spots(found: Findings) -> list[str]:
    """Kinds and ways of which too little was seen for their silence to mean anything.

    Every time a right is given back it has to be seen, and every time it was taken it has to be looked for.
    """
    return [
        f"{kind} by {way}: {phase} {seen[phase]} of {found.by_kind[kind]}"
        for kind, ways in found.ways.items()
        for way, seen in ways.items()
        for phase in (HELD, AWAY)
        if seen[phase] < found.by_kind[kind] - 1
    ]


@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("compiled", "revokes"), [("1", scaled(1500)), ("0", scaled(500))])
async def test_nothing_revoked_is_seen(database_url: str, nodes_of: Nursery, compiled: str, revokes: int) -> None:
    """However queries are executed; two thousand revokes in all."""
    async with nodes_of.nodes(database_url, settings={"PORTICO_COMPILED": compiled}) as nodes:
        found = await check(database_url, nodes, Plan(revokes, within=2900))
    faultless(found, revokes)


@pytest.mark.timeout(1200)
async def test_nothing_revoked_is_seen_in_bad_weather(database_url: str, nodes_of: Nursery) -> None:
    """Slow turns and late notifications, in which the planted bugs show so soon."""
    async with nodes_of.nodes(database_url, planted=ROUGH) as nodes:
        found = await check(database_url, nodes, Plan(100, within=1100))
    faultless(found, 100)


@pytest.mark.timeout(1200)
async def test_nothing_revoked_is_seen_when_a_process_freezes_again_and_again(
    database_url: str, nodes_of: Nursery
) -> None:
    async with nodes_of.nodes(database_url, planted=FROZEN_WEATHER, lease=FROZEN_LEASE) as nodes:
        found = await check(database_url, nodes, Plan(60, within=1100, freezes=FREEZE))
    faultless(found, 60)
