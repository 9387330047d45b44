"""What partners' applications may ask for in a time: a bucket of points that refills, shared by all processes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from auth.partners import Terms
from models.database import writing
from outbox.clock import Clock

# One statement, so that two processes cannot spend the same points. A clock that is behind another refills nothing.
_SPEND = text("""
insert into partner_budget as kept (tenant_id, id, available, refilled_at)
values (:tenant, :id, :most - :cost, :now)
on conflict (tenant_id, id) do update set
  available = least(:most, kept.available + :rate * greatest(0, extract(epoch from :now - kept.refilled_at))) - :cost,
  refilled_at = greatest(kept.refilled_at, :now)
where least(:most, kept.available + :rate * greatest(0, extract(epoch from :now - kept.refilled_at))) >= :cost
returning available
""")
_LEFT = text("""
select least(:most, available + :rate * greatest(0, extract(epoch from :now - refilled_at)))
from partner_budget where tenant_id = :tenant and id = :id
""")


@dataclass(frozen=True)
class Charge:
    """What came of a request for points: ``retry_after`` is None if they were spent, else the seconds to wait."""

    requested: int
    available: int
    retry_after: float | None = None


class Budgets:
    """The buckets of all applications."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    async def charge(self, tenant_id: UUID, terms: Terms, cost: int) -> Charge:
        """Spend ``cost`` points, which is at most the bucket, if there are as many."""
        async with writing(self._engine, tenant_id) as session:
            charge = await self.spend(session, tenant_id, terms, cost)
            await session.commit()
        return charge

    async def spend(self, session: AsyncSession, tenant_id: UUID, terms: Terms, cost: int) -> Charge:
        """As ``charge``, in a transaction that goes on: the points are spent when it commits."""
        given = {"tenant": tenant_id, "id": terms.application_id, "now": self._clock(), "cost": float(cost)}
        given |= {"most": float(terms.bucket), "rate": float(terms.restore_rate)}
        left = await session.scalar(_SPEND, given)
        if left is not None:
            return Charge(cost, math.floor(left))
        left = await session.scalar(_LEFT, given)
        missing = cost - float(left or 0)
        return Charge(cost, math.floor(left or 0), max(missing, 0) / terms.restore_rate)
