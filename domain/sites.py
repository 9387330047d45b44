"""Sites: their fields, and what opening and closing them means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import events, states, values
from domain.editing import Field, change, checked
from domain.refusals import Refused
from models import Organization, OrganizationStatus, Site

P = Permission

FIELDS: Mapping[str, Field] = {
    "name": Field(values.text(1, 191)),
    "time_zone": Field(values.time_zone),
    "address_street": Field(values.optional(values.text(1, 200))),
    "address_city": Field(values.optional(values.text(1, 120))),
    "address_region": Field(values.optional(values.text(1, 120))),
    "address_postal_code": Field(values.optional(values.text(1, 20))),
    "address_country": Field(values.optional(values.country)),
    "latitude": Field(values.optional(values.number(Decimal(-90), Decimal(90)))),
    "longitude": Field(values.optional(values.number(Decimal(-180), Decimal(180)))),
    "service_details": Field(values.optional(values.text(1, 4000))),
    "internal_notes": Field(values.optional(values.text(1, 4000)), P.VIEW_INTERNAL_NOTES),
    "external_id": Field(values.optional(values.text(1, 120))),
}


class OrganizationArchived(Refused):
    """Nothing new can be added to an archived organization."""

    code = "ORGANIZATION_ARCHIVED"
    field = "organizationId"


async def create(session: AsyncSession, actor: Actor, organization: Organization, *, fields: Mapping[str, Any]) -> Site:
    """A new active site of the organization."""
    actor.require(P.EDIT_SITES, organization.place)
    check_open(organization)
    site = Site(
        tenant_id=actor.tenant_id,
        organization_id=organization.id,
        **checked(actor, organization.place, FIELDS, fields),
    )
    session.add(site)
    await events.record(session, actor, events.SiteCreated(site))
    return site


async def update(session: AsyncSession, actor: Actor, site: Site, *, fields: Mapping[str, Any]) -> Site:
    """Change named fields."""
    actor.require(P.EDIT_SITES, site.place)
    changes = change(site, checked(actor, site.place, FIELDS, fields))
    if changes:
        await events.record(session, actor, events.SiteUpdated(site, changes))
    return site


async def limit(session: AsyncSession, actor: Actor, row: Site, *, on: datetime) -> None:
    """Existing work goes on, new recurring work is refused."""
    await states.take(session, actor, row, "limit")


async def reopen(session: AsyncSession, actor: Actor, row: Site, *, on: datetime) -> None:
    """Back from limited to active."""
    await states.take(session, actor, row, "reopen")


async def close(session: AsyncSession, actor: Actor, row: Site, *, on: datetime) -> None:
    """Close and archive: no new work, the history stays."""
    await states.take(session, actor, row, "close", archived_at=on)


def check_open(organization: Organization) -> None:
    if organization.status is OrganizationStatus.ARCHIVED:
        raise OrganizationArchived("The organization is archived.")
