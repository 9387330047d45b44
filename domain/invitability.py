"""Whether a contact can be invited, and if not, why: the same answer before the command and from it."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, FromClause, Select, Uuid, and_, any_, case, exists, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from domain.refusals import Refused
from models import Contact, Organization, OrganizationStatus, PortalUser, User


class InviteRefusal(enum.StrEnum):
    """Why a contact cannot be invited, the first that applies."""

    FORBIDDEN = "FORBIDDEN"
    CONTACT_ARCHIVED = "CONTACT_ARCHIVED"
    ORGANIZATION_NOT_ACTIVE = "ORGANIZATION_NOT_ACTIVE"
    ALREADY_A_PORTAL_USER = "ALREADY_A_PORTAL_USER"
    ALREADY_INVITED = "ALREADY_INVITED"
    PRIMARY_CONTACT_EMAIL_MISSING = "PRIMARY_CONTACT_EMAIL_MISSING"
    EMAIL_IN_USE = "EMAIL_IN_USE"


R = InviteRefusal
_SAID: Mapping[InviteRefusal, tuple[str, str]] = {
    R.CONTACT_ARCHIVED: ("contactId", "An archived contact cannot be invited."),
    R.ORGANIZATION_NOT_ACTIVE: ("contactId", "Only contacts of active organizations can be invited."),
    R.ALREADY_A_PORTAL_USER: ("contactId", "The contact is a portal user."),
    R.ALREADY_INVITED: ("contactId", "The contact was invited. Send the invitation again instead."),
    R.PRIMARY_CONTACT_EMAIL_MISSING: ("contactId", "The contact has no e-mail address."),
    R.EMAIL_IN_USE: ("email", "Another user signs in with the contact's address."),
}


class NotInvitable(Refused):
    """The contact cannot be invited, for a reason that can be known beforehand."""


def refused(reason: InviteRefusal) -> NotInvitable:
    """The refusal of a command for this reason."""
    field, message = _SAID[reason]
    return NotInvitable(message, field=field, code=reason.value)


async def refusal_of(session: AsyncSession, contact: Contact) -> InviteRefusal | None:
    """Why this contact cannot be invited by somebody who has the right; None if they can."""
    _, reason = (await session.execute(statement(contact.tenant_id, [contact.id]))).one()
    return InviteRefusal(reason) if reason else None


def statement(tenant_id: uuid.UUID, contacts: Collection[uuid.UUID]) -> Select[uuid.UUID, str | None]:
    """For each contact the first reason that applies, or null."""
    meant = Contact.id == any_(literal(list(contacts), ARRAY(Uuid())))
    reason = refusal(Contact.__table__).label("reason")
    return select(Contact.id, reason).where(Contact.tenant_id == tenant_id, meant)


def refusal(contact: FromClause) -> ColumnElement[str | None]:
    """The first reason that applies to a row of ``contact``, or null."""
    home = and_(Organization.tenant_id == contact.c.tenant_id, Organization.id == contact.c.organization_id)
    enrolled = and_(PortalUser.tenant_id == contact.c.tenant_id, PortalUser.contact_id == contact.c.id)
    enrolled = and_(enrolled, PortalUser.archived_at.is_(None))
    arrived = exists().where(
        enrolled, User.tenant_id == PortalUser.tenant_id, User.id == PortalUser.user_id, User.password_hash.is_not(None)
    )
    same = and_(User.tenant_id == contact.c.tenant_id, User.email == contact.c.email, User.archived_at.is_(None))
    return case(
        (contact.c.archived_at.is_not(None), R.CONTACT_ARCHIVED.value),
        (~exists().where(home, Organization.status == OrganizationStatus.ACTIVE), R.ORGANIZATION_NOT_ACTIVE.value),
        (arrived, R.ALREADY_A_PORTAL_USER.value),
        (exists().where(enrolled), R.ALREADY_INVITED.value),
        (contact.c.email.is_(None), R.PRIMARY_CONTACT_EMAIL_MISSING.value),
        (exists().where(same), R.EMAIL_IN_USE.value),
    )
