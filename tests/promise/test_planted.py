"""The checker finds every planted bug: only then does it mean anything that it finds none in the sound build."""

from __future__ import annotations

import pytest

from tests.promise.checker import check
from tests.promise.lanes import REMEMBERED
from tests.promise.nodes import Nursery
from tests.promise.plan import Plan
from tests.promise.planted import BUGS, Bug

pytestmark = [pytest.mark.slow, pytest.mark.database]


def plan_for(bug: Bug) -> Plan:
    """The same check as for the sound build, until the first breach."""
    return Plan(bug.revokes, kinds=bug.kinds or REMEMBERED, within=600, first_only=True, freezes=bug.freezes)


@pytest.mark.timeout(700)
@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
async def test_a_planted_bug_is_caught(database_url: str, nodes_of: Nursery, bug: Bug) -> None:
    how = {"planted": bug.planted, "settings": bug.settings, "lease": bug.lease}
    async with nodes_of.nodes(database_url, **how) as nodes:
        found = await check(database_url, nodes, plan_for(bug))
    assert {one.rule for one in found.violations} & {"P1", "P2", "P3"}, f"{found.revokes} revokes"
