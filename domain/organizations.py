"""Organizations: who may create and change them, and what their fields may hold."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import engagement, events, states, values
from domain.editing import Field, change, checked
from domain.engagement import Owner
from domain.refusals import Invalid
from models import Organization, PaymentTerms, Place, UserKind

P = Permission

FIELDS: Mapping[str, Field] = {
    "legal_name": Field(values.text(2, 191)),
    "short_name": Field(values.text(2, 191)),
    "kind": Field(),
    "location": Field(),
    "industry": Field(values.optional(values.text(1, 120))),
    "company_type": Field(values.optional(values.text(1, 120))),
    "description": Field(values.optional(values.text(1, 4000))),
    "website": Field(values.optional(values.website)),
    "new_business_year": Field(values.optional(values.number(2015, 9999))),
    "registration_number": Field(values.optional(values.text(1, 60)), P.VIEW_TAX_IDS),
    "tax_number": Field(values.optional(values.text(1, 60)), P.VIEW_TAX_IDS),
    "vat_number": Field(values.optional(values.text(1, 60)), P.VIEW_TAX_IDS),
    "payment_terms": Field(needs=P.EDIT_BILLING_PROFILE),
    "payment_days": Field(values.optional(values.number(0, 365)), P.EDIT_BILLING_PROFILE),
    "billing_currency": Field(values.currency, P.EDIT_BILLING_PROFILE),
    "billing_email": Field(values.optional(values.email), P.EDIT_BILLING_PROFILE),
    "remittance_details": Field(values.optional(values.text(1, 2000)), P.EDIT_BILLING_PROFILE),
    "internal_notes": Field(values.optional(values.text(1, 4000)), P.VIEW_INTERNAL_NOTES),
    "external_id": Field(values.optional(values.text(1, 120))),
}


class PaymentDaysMismatch(Invalid):
    """Days of payment belong to NET and MFI, and NET cannot do without."""

    code = "PAYMENT_DAYS_MISMATCH"
    field = "paymentDays"


async def create(
    session: AsyncSession,
    actor: Actor,
    *,
    owner_id: uuid.UUID | None = None,
    fields: Mapping[str, Any],
) -> Organization:
    """A new prospect. The actor owns the account unless another user is named."""
    place = Place(actor.tenant_id)
    actor.require(P.CREATE_CLIENTS, place)
    organization = Organization(tenant_id=actor.tenant_id, **checked(actor, place, FIELDS, fields))
    check_terms(organization)
    organization.owner_id = await _owner(session, actor, owner_id)
    session.add(organization)
    await session.flush()
    await engagement.begin(session, actor, organization)
    await events.record(session, actor, events.OrganizationCreated(organization))
    return organization


async def update(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    *,
    owner: Owner | None = None,
    fields: Mapping[str, Any],
    on: datetime,
) -> Organization:
    """Change named fields; fields that keep their value are not recorded. ``owner`` is given to change the manager."""
    actor.require(P.EDIT_CLIENTS, organization.place)
    given = checked(actor, organization.place, FIELDS, fields)
    former = organization.owner_id
    if owner is not None:
        given["owner_id"] = owner.id and await engagement.member(session, actor, owner.id)
    changes = change(organization, given)
    check_terms(organization)
    await engagement.hand_over(session, actor, organization, former, on=on)
    if changes:
        await events.record(session, actor, events.OrganizationUpdated(organization, changes))
    return organization


async def activate(session: AsyncSession, actor: Actor, row: Organization, *, on: datetime) -> None:
    """From prospect or paused to active."""
    await states.take(session, actor, row, "activate")


async def pause(session: AsyncSession, actor: Actor, row: Organization, *, on: datetime) -> None:
    """Active work stops until the organization is activated again."""
    await states.take(session, actor, row, "pause")


async def archive(session: AsyncSession, actor: Actor, row: Organization, *, on: datetime) -> None:
    """Out of every active list; its history stays."""
    await states.take(session, actor, row, "archive", archived_at=on)


async def _owner(session: AsyncSession, actor: Actor, owner_id: uuid.UUID | None) -> uuid.UUID | None:
    if owner_id is not None:
        return await engagement.member(session, actor, owner_id)
    return actor.user_id if actor.user_id.int and actor.kind is UserKind.STAFF else None


def check_terms(organization: Organization) -> None:
    timed = organization.payment_terms in (PaymentTerms.NET, PaymentTerms.MFI)
    if organization.payment_days is not None and not timed:
        raise PaymentDaysMismatch("Days of payment go with the terms NET or MFI only.")
    if organization.payment_terms is PaymentTerms.NET and organization.payment_days is None:
        raise PaymentDaysMismatch("The terms NET need their days of payment.")
