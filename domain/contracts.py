"""Contracts: for a whole organization or one site, from draft to termination."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import events, states, values
from domain.editing import Field, change, checked
from domain.references import new_reference
from domain.refusals import Invalid, InvalidTransition, Refused
from models import Contract, ContractStatus, Organization, OrganizationStatus, Place, Site, SiteStatus

P = Permission

_RATE = values.optional(values.number(Decimal(0), Decimal(9999999999)))
_MULTIPLIER = values.optional(values.number(Decimal(0), Decimal(100)))

FIELDS: Mapping[str, Field] = {
    "reference": Field(values.text(1, 60)),
    "title": Field(values.text(1, 200)),
    "start_on": Field(),
    "end_on": Field(),
    "cadence": Field(),
    "overtime_policy": Field(),
    "currency": Field(values.currency, P.VIEW_RATES),
    "base_rate": Field(_RATE, P.VIEW_RATES),
    "weekend_multiplier": Field(_MULTIPLIER, P.VIEW_RATES),
    "holiday_multiplier": Field(_MULTIPLIER, P.VIEW_RATES),
    "commercial_terms": Field(values.optional(values.text(1, 10000)), P.VIEW_COMMERCIAL_TERMS),
    "internal_notes": Field(values.optional(values.text(1, 4000)), P.VIEW_INTERNAL_NOTES),
    "external_id": Field(values.optional(values.text(1, 120))),
}


class ContractEndsBeforeStart(Invalid):
    """A contract cannot end before it starts."""

    code = "CONTRACT_ENDS_BEFORE_START"
    field = "endOn"


class ContractEnded(Refused):
    """The contract's last day has passed."""

    code = "CONTRACT_ENDED"
    field = "id"


class PlaceNotOpen(Refused):
    """The organization or the site takes no new contracts."""

    code = "PLACE_NOT_OPEN"
    field = "organizationId"


async def create(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    site: Site | None,
    *,
    fields: Mapping[str, Any],
) -> Contract:
    """A draft for the organization, or for one site of it."""
    place = Place(actor.tenant_id, organization.id, site.id if site else None)
    actor.require(P.EDIT_CONTRACTS, place)
    check_open(organization, site)
    given = {"reference": new_reference("C"), **checked(actor, place, FIELDS, fields)}
    contract = Contract(tenant_id=actor.tenant_id, organization_id=organization.id, site_id=place.site, **given)
    check_dates(contract)
    session.add(contract)
    await events.record(session, actor, events.ContractCreated(contract))
    return contract


async def update(session: AsyncSession, actor: Actor, contract: Contract, *, fields: Mapping[str, Any]) -> Contract:
    """Change named fields; a terminated contract stays as it ended."""
    actor.require(P.EDIT_CONTRACTS, contract.place)
    if contract.status is ContractStatus.TERMINATED:
        raise InvalidTransition("A terminated contract cannot be changed.")
    changes = change(contract, checked(actor, contract.place, FIELDS, fields))
    check_dates(contract)
    if changes:
        await events.record(session, actor, events.ContractUpdated(contract, changes))
    return contract


async def activate(session: AsyncSession, actor: Actor, row: Contract, *, on: datetime) -> None:
    """The draft comes into force, unless its last day has passed."""
    actor.require(P.ACTIVATE_CONTRACTS, row.place)
    states.step_of(row, "activate")
    if row.end_on is not None and row.end_on < on.date():
        raise ContractEnded(f"The contract ended on {row.end_on}.")
    await states.take(session, actor, row, "activate")


async def expire(session: AsyncSession, actor: Actor, row: Contract, *, on: datetime) -> None:
    """The end is near: the worker takes this step, sixty days ahead."""
    await states.take(session, actor, row, "expire")


async def terminate(session: AsyncSession, actor: Actor, row: Contract, *, on: datetime) -> None:
    """The contract ends, at the latest today."""
    today: date = on.date()
    end = min(row.end_on or today, today)
    await states.take(session, actor, row, "terminate", end_on=max(end, row.start_on))


async def move(session: AsyncSession, actor: Actor, row: Contract, site: Site | None) -> Contract:
    """Hold for another site of the organization from now on, or for all of it.

    Whoever may read contracts at the former place alone sees it no more.
    """
    former, place = row.place, Place(row.tenant_id, row.organization_id, site.id if site else None)
    actor.require(P.EDIT_CONTRACTS, former)
    actor.require(P.EDIT_CONTRACTS, place)
    if row.status is ContractStatus.TERMINATED or former == place:
        raise InvalidTransition("A contract that has ended, or holds there already, is not moved.")
    if site is not None and site.status is SiteStatus.CLOSED:
        raise PlaceNotOpen("The site is closed.", field="siteId")
    changes = change(row, {"site_id": place.site})
    await events.record(session, actor, events.ContractMoved(row, changes, left=former))
    return row


def check_dates(contract: Contract) -> None:
    if contract.end_on is not None and contract.end_on < contract.start_on:
        raise ContractEndsBeforeStart("A contract cannot end before it starts.")


def check_open(organization: Organization, site: Site | None) -> None:
    if organization.status is OrganizationStatus.ARCHIVED:
        raise PlaceNotOpen("The organization is archived.")
    if site is not None and site.status is SiteStatus.CLOSED:
        raise PlaceNotOpen("The site is closed.", field="siteId")
