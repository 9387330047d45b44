"""Services: the catalog of the tenant, which organizations may ask for what, and who looks after them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import events, sites, values
from domain.editing import Field, change, checked
from domain.refusals import InvalidTransition, Refused
from models import AccountManager, Organization, Place, Service, ServiceSubscription, User, UserKind, Versioned

P = Permission

FIELDS: Mapping[str, Field] = {
    "name": Field(values.text(1, 191)),
    "description": Field(values.optional(values.text(1, 4000))),
}


class ServiceArchived(Refused):
    """A service that is not offered any more is not assigned anew."""

    code = "SERVICE_ARCHIVED"
    field = "serviceId"


class NotOfTheStaff(Refused):
    """Organizations are looked after by the company's own people."""

    code = "NOT_STAFF"
    field = "userId"


async def create(session: AsyncSession, actor: Actor, *, fields: Mapping[str, Any]) -> Service:
    """A new service of the catalog, assigned to nobody yet."""
    place = Place(actor.tenant_id)
    actor.require(P.MANAGE_CLIENT_ORGANIZATIONS, place)
    service = Service(tenant_id=actor.tenant_id, **checked(actor, place, FIELDS, fields))
    session.add(service)
    await events.record(session, actor, events.ServiceCreated(service))
    return service


async def update(session: AsyncSession, actor: Actor, service: Service, *, fields: Mapping[str, Any]) -> Service:
    """Change named fields; what was asked for under the former name stays asked for."""
    actor.require(P.MANAGE_CLIENT_ORGANIZATIONS, service.place)
    changes = change(service, checked(actor, service.place, FIELDS, fields))
    if changes:
        await events.record(session, actor, events.ServiceUpdated(service, changes))
    return service


async def archive(session: AsyncSession, actor: Actor, row: Service, *, on: datetime) -> None:
    """Not offered any more; nobody can ask for it from now on."""
    actor.require(P.MANAGE_CLIENT_ORGANIZATIONS, row.place)
    _check_living(row, "service")
    await events.record(session, actor, events.ServiceArchived(row, change(row, {"archived_at": on})))


async def assign(
    session: AsyncSession, actor: Actor, organization: Organization, service: Service
) -> ServiceSubscription:
    """From now on the organization's people may ask for the service."""
    actor.require(P.EDIT_CLIENTS, organization.place)
    sites.check_open(organization)
    if service.archived_at is not None:
        raise ServiceArchived("The service is not offered any more.")
    row = ServiceSubscription(tenant_id=actor.tenant_id, organization_id=organization.id, service_id=service.id)
    session.add(row)
    await events.record(session, actor, events.ServiceSubscriptionCreated(row))
    return row


async def withdraw(session: AsyncSession, actor: Actor, row: ServiceSubscription, *, on: datetime) -> None:
    """The organization's people may not ask for the service any more, nor see it in the catalog."""
    actor.require(P.EDIT_CLIENTS, row.place)
    _check_living(row, "assignment")
    await events.record(session, actor, events.ServiceWithdrawn(row, change(row, {"archived_at": on})))


async def assign_manager(session: AsyncSession, actor: Actor, organization: Organization, user: User) -> AccountManager:
    """Somebody of the staff looks after the organization, and is told what its people ask for."""
    actor.require(P.EDIT_CLIENTS, organization.place)
    if user.kind is not UserKind.STAFF:
        raise NotOfTheStaff("Only the staff looks after organizations.")
    row = AccountManager(tenant_id=actor.tenant_id, organization_id=organization.id, user_id=user.id)
    session.add(row)
    await events.record(session, actor, events.AccountManagerCreated(row))
    return row


async def remove_manager(session: AsyncSession, actor: Actor, row: AccountManager, *, on: datetime) -> None:
    """Somebody does not look after the organization any more."""
    actor.require(P.EDIT_CLIENTS, row.place)
    _check_living(row, "assignment")
    await events.record(session, actor, events.AccountManagerRemoved(row, change(row, {"archived_at": on})))


def _check_living(row: Versioned, what: str) -> None:
    if row.archived_at is not None:
        raise InvalidTransition(f"The {what} has ended already.")
