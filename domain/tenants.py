"""Tenants: shut and opened again as a whole."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from domain import events
from domain.fencing import AccessChange, Consequence, note
from domain.refusals import InvalidTransition
from models import PermissionEpoch, Tenant, TenantStatus


async def suspend(session: AsyncSession, actor: Actor, tenant: Tenant) -> None:
    """Nobody of the tenant gets in, and whoever is in is out. Sessions wait for the tenant to be resumed."""
    await _turn(session, actor, tenant, TenantStatus.SUSPENDED, events.TenantSuspended)


async def resume(session: AsyncSession, actor: Actor, tenant: Tenant) -> None:
    """Everybody gets in again, with the rights they had."""
    await _turn(session, actor, tenant, TenantStatus.ACTIVE, events.TenantResumed)


async def _turn(
    session: AsyncSession, actor: Actor, tenant: Tenant, status: TenantStatus, event: type[events.Event]
) -> None:
    if tenant.status is status:
        raise InvalidTransition(f"The tenant is {status} already.")
    note(session, AccessChange(tenant.id, None, Consequence.CLOSE))
    # Every epoch moves, so that commands which rest on one are waited for as with any other change of rights.
    await session.execute(
        update(PermissionEpoch)
        .where(PermissionEpoch.tenant_id == tenant.id)
        .values(number=PermissionEpoch.number + 1)
        .execution_options(synchronize_session=False)
    )
    before, tenant.status = tenant.status, status
    await events.record(session, actor, event(tenant, {"status": (before, status)}))
