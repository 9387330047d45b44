"""Proposals: a client's people say what should be different about a contact, and the staff decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import contacts, events, notices, states, values
from domain.editing import Field, camel, checked
from domain.refusals import Conflict, Invalid, InvalidTransition, Refused
from models import ChangeRequest, Contact, ContactField, NotificationKind

P = Permission

FIELDS: Mapping[str, Field] = {one.value.lower(): contacts.FIELDS[one.value.lower()] for one in ContactField}
_reason = values.text(1, 1000)


class NothingProposed(Refused):
    """What is proposed is what stands already."""

    code = "NOTHING_PROPOSED"
    field = "contactId"


class NotYourProposal(Refused):
    """A proposal is taken back by whoever made it."""

    code = "NOT_YOUR_PROPOSAL"
    field = "id"


async def propose(
    session: AsyncSession, actor: Actor, contact: Contact, *, expected: int | None, fields: Mapping[str, Any]
) -> ChangeRequest:
    """Propose other values for named fields of a contact; those who look after the organization are told."""
    actor.require(P.PROPOSE_CONTACT_CHANGES, contact.place)
    if expected is not None and expected != contact.version:
        raise Conflict(contact.version, field="contactVersion")
    _check_living(contact)
    given = checked(actor, contact.place, FIELDS, _present(fields))
    proposed = {name: value for name, value in given.items() if getattr(contact, name) != value}
    if not proposed:
        raise NothingProposed("Nothing would change.")
    row = ChangeRequest(
        tenant_id=contact.tenant_id,
        organization_id=contact.organization_id,
        site_id=contact.site_id,
        contact_id=contact.id,
        contact_version=contact.version,
        proposed_by_id=actor.user_id,
        changed_fields=[one for one in ContactField if one.value.lower() in proposed],
        **proposed,
    )
    session.add(row)
    await events.record(session, actor, events.ChangeRequestCreated(row))
    managers = await notices.managers_of(session, row.tenant_id, row.organization_id)
    await notices.tell(session, actor, NotificationKind.CHANGE_PROPOSED, managers, row)
    return row


async def approve(
    session: AsyncSession, actor: Actor, row: ChangeRequest, contact: Contact, *, on: datetime
) -> ChangeRequest:
    """Change the contact as proposed, unless it has changed since."""
    actor.require(P.EDIT_CONTACTS, row.place)
    states.step_of(row, "approve")
    _check_living(contact)
    if contact.version != row.contact_version:
        raise Conflict(contact.version, field="id")
    fields = {one.value.lower(): getattr(row, one.value.lower()) for one in row.changed_fields}
    await contacts.update(session, actor, contact, fields=fields)
    await states.take(session, actor, row, "approve", decided_at=on)
    await notices.tell(session, actor, NotificationKind.CHANGE_APPROVED, [row.proposed_by_id], row)
    return row


async def decline(
    session: AsyncSession, actor: Actor, row: ChangeRequest, *, reason: str, on: datetime
) -> ChangeRequest:
    """Leave the contact as it is, and say why."""
    actor.require(P.EDIT_CONTACTS, row.place)
    try:
        said = _reason(reason)
    except Invalid as refusal:
        raise Invalid(str(refusal), field="reason", code=refusal.code) from refusal
    await states.take(session, actor, row, "decline", decided_at=on, reason=said)
    await notices.tell(session, actor, NotificationKind.CHANGE_DECLINED, [row.proposed_by_id], row)
    return row


async def withdraw(session: AsyncSession, actor: Actor, row: ChangeRequest, *, on: datetime) -> None:
    """Whoever proposed it takes it back."""
    actor.require(P.PROPOSE_CONTACT_CHANGES, row.place)
    if row.proposed_by_id != actor.user_id:
        raise NotYourProposal("A proposal is taken back by whoever made it.")
    await states.take(session, actor, row, "withdraw", decided_at=on)


def _present(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """``fields``, of which some can be emptied and some cannot."""
    for name, value in fields.items():
        if value is None and not Contact.__table__.c[name].nullable:
            raise Refused("This cannot be null.", field=camel(name), code="REQUIRED")
    return fields


def _check_living(contact: Contact) -> None:
    if contact.archived_at is not None:
        raise InvalidTransition("The contact is archived.", field="contactId")
