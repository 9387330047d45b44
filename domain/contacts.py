"""Contacts: reachable people, exactly one of them primary."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import events, values
from domain.editing import Field, change, checked
from domain.refusals import Conflict, InvalidTransition, Refused
from models import Contact, Organization, Place, Site

P = Permission

FIELDS: Mapping[str, Field] = {
    "name": Field(values.text(1, 191)),
    "job_title": Field(values.optional(values.text(1, 120))),
    "email": Field(values.optional(values.email)),
    "phone": Field(values.optional(values.phone)),
    "private_phone": Field(values.optional(values.phone), P.VIEW_PRIVATE_PHONES),
    "preferred_channel": Field(),
    "language": Field(),
    "designations": Field(lambda given: sorted(set(given))),
    "internal_notes": Field(values.optional(values.text(1, 4000)), P.VIEW_INTERNAL_NOTES),
    "external_id": Field(values.optional(values.text(1, 120))),
}


class ContactUnreachable(Refused):
    """A contact needs at least one way to be reached."""

    code = "CONTACT_UNREACHABLE"
    field = "email"


class ContactIsPrimary(Refused):
    """The primary contact cannot go before another has taken its place."""

    code = "CONTACT_IS_PRIMARY"
    field = "id"


async def create(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    site: Site | None,
    *,
    fields: Mapping[str, Any],
) -> Contact:
    """A new contact; the first one of an organization is its primary contact."""
    place = Place(actor.tenant_id, organization.id, site.id if site else None)
    actor.require(P.EDIT_CONTACTS, place)
    contact = Contact(
        tenant_id=actor.tenant_id,
        organization_id=organization.id,
        site_id=place.site,
        **checked(actor, place, FIELDS, fields),
    )
    check_reachable(contact)
    contact.is_primary = await _primary_of(session, organization) is None
    session.add(contact)
    await events.record(session, actor, events.ContactCreated(contact))
    return contact


async def update(session: AsyncSession, actor: Actor, contact: Contact, *, fields: Mapping[str, Any]) -> Contact:
    """Change named fields."""
    actor.require(P.EDIT_CONTACTS, contact.place)
    changes = change(contact, checked(actor, contact.place, FIELDS, fields))
    check_reachable(contact)
    if changes:
        await events.record(session, actor, events.ContactUpdated(contact, changes))
    return contact


async def make_primary(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    contact: Contact,
    *,
    instead_of: uuid.UUID | None = None,
) -> Contact:
    """Move the designation, if it is still held by whom the caller believes to hold it.

    The organization is locked, so two such moves follow each other, and the second finds what the first has done.
    """
    actor.require(P.EDIT_CONTACTS, organization.place)
    if contact.archived_at is not None:
        raise InvalidTransition("An archived contact cannot be primary.")
    former = await _primary_of(session, organization)
    if instead_of is not None and former is not None and former.id != instead_of:
        raise Conflict(former.version, field="expectedPrimaryId")
    if former is contact:
        return contact
    if former is not None:
        changes = change(former, {"is_primary": False})
        await events.record(session, actor, events.ContactUpdated(former, changes))
    changes = change(contact, {"is_primary": True})
    await events.record(session, actor, events.ContactMadePrimary(contact, changes))
    return contact


async def archive(session: AsyncSession, actor: Actor, contact: Contact, *, on: datetime) -> None:
    """Out of every list; what was sent to the contact stays."""
    actor.require(P.EDIT_CONTACTS, contact.place)
    if contact.archived_at is not None:
        raise InvalidTransition("The contact is archived already.")
    if contact.is_primary:
        raise ContactIsPrimary("Make another contact primary first.")
    changes = change(contact, {"archived_at": on})
    await events.record(session, actor, events.ContactArchived(contact, changes))


async def _primary_of(session: AsyncSession, organization: Organization) -> Contact | None:
    query = select(Contact).where(
        Contact.tenant_id == organization.tenant_id,
        Contact.organization_id == organization.id,
        Contact.is_primary,
        Contact.archived_at.is_(None),
    )
    return await session.scalar(query.with_for_update())


def check_reachable(contact: Contact) -> None:
    if not (contact.email or contact.phone or contact.private_phone):
        raise ContactUnreachable("Give an e-mail address or a telephone number.")
