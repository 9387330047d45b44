"""What is settled with a partner's application before its operation runs: that it may ask for this, and its price."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.grants import Credential, load_actor
from auth.partners import Terms
from models.database import snapshot
from resolvers.commands import Unauthenticated
from resolvers.context import Services
from server.budgets import Budgets, Charge
from server.documents import Prepared, RequestRefused
from server.limits import NODES, TooMuch
from server.tally import nodes_in

LEAST = 1


class Throttled(RequestRefused):
    """The application has not points enough just now."""

    def __init__(self, charge: Charge, terms: Terms) -> None:
        assert charge.retry_after is not None
        self.retry_after = charge.retry_after
        self.cost = _said(charge.requested, 0, terms.bucket, charge.available, terms.restore_rate)
        wait = round(charge.retry_after, 3)
        message = f"This takes {charge.requested} points and {charge.available} are left. Try again in {wait:g} s."
        said = {"code": "THROTTLED", "requested": charge.requested, "available": charge.available, "retryAfter": wait}
        super().__init__(GraphQLError(message, extensions=said))


def check_fields(prepared: Prepared, actor: Actor) -> None:
    """Raise RequestRefused if the operation asks for a field the application may not ask for."""
    if actor.fields is None:
        return
    refusals = prepared.operation.asked.refusals(actor.fields, prepared.variables)
    if refusals:
        raise RequestRefused(*refusals)


@dataclass
class Bill:
    """The price of one operation, settled once however often its execution begins anew."""

    budgets: Budgets
    prepared: Prepared
    wanted: bool = False
    """Whether people, who pay nothing, want to know what they would have paid."""
    charge: Charge | None = None
    terms: Terms | None = None

    @property
    def requested(self) -> int:
        """The most nodes the operation may return; nothing is for nothing."""
        return max(self.prepared.operation.nodes(self.prepared.variables), LEAST)

    async def admit(self, actor: Actor) -> None:
        """Let the operation of a partner's application run: RequestRefused if it may not ask, or cannot pay."""
        check_fields(self.prepared, actor)
        if actor.terms is not None and self.charge is None:
            self._check_size(actor.terms)
            self._settle(await self.budgets.charge(actor.tenant_id, actor.terms, self.requested), actor.terms)

    async def admit_within(self, session: AsyncSession, actor: Actor) -> None:
        """As ``admit``, paid in the command's own transaction: one that is rolled back and begun anew is paid once."""
        check_fields(self.prepared, actor)
        if actor.terms is not None:
            self._check_size(actor.terms)
            self._settle(await self.budgets.spend(session, actor.tenant_id, actor.terms, self.requested), actor.terms)

    def _check_size(self, terms: Terms) -> None:
        if self.requested > terms.bucket:
            part = self.prepared.operation.dearest(self.prepared.variables)
            raise RequestRefused(TooMuch("points", self.requested, terms.bucket, part))

    def _settle(self, charge: Charge, terms: Terms) -> None:
        if charge.retry_after is not None:
            raise Throttled(charge, terms)
        self.charge, self.terms = charge, terms

    @property
    def statements(self) -> int:
        """How many statements settling it took."""
        return int(self.charge is not None)

    def extensions(self, data: Callable[[], Any]) -> Mapping[str, Any] | None:
        """The answer's extensions; what it holds is counted only for those who are told."""
        if self.terms is None and not self.wanted:
            return None
        asked = self.prepared.question
        return {"cost": self._cost(nodes_in(data(), asked.operation, asked.fragments))}

    def _cost(self, actual: int) -> Mapping[str, Any]:
        """People have no bucket, only the bound of a single operation."""
        if self.charge is None or self.terms is None:
            return _said(self.requested, actual, NODES, None, None)
        terms = self.terms
        return _said(self.requested, actual, terms.bucket, self.charge.available, terms.restore_rate)


async def settle(
    services: Services, budgets: Budgets, prepared: Prepared, credential: Credential | None
) -> Sequence[GraphQLError]:
    """Settle with a partner's application before a subscription is opened: why it cannot be, if it cannot."""
    try:
        await Bill(budgets, prepared).admit(await _present(services, credential))
    except RequestRefused as refusal:
        return refusal.errors
    except Exception as error:  # noqa: BLE001  (An outage or a mistake of ours; it is told and logged as such.)
        return [GraphQLError(str(error), original_error=error)]
    return []


async def _present(services: Services, credential: Credential | None) -> Actor:
    """Whoever a credential stands for just now."""
    if credential is None:
        raise Unauthenticated
    async with snapshot(services.engine, credential.tenant_id) as connection:
        actor = await load_actor(connection, credential)
    if actor is None:
        raise Unauthenticated
    return actor


def _said(requested: int, actual: int, most: int, available: int | None, rate: int | None) -> Mapping[str, Any]:
    return {"requested": requested, "actual": actual, "max": most, "available": available, "restoreRate": rate}
