"""Inviting a client's people: each command finds its rows, locked, and calls the domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func

import models
from auth.permissions import PORTAL_ROLES, REPORT_FEATURES, kind_of
from domain import contacts, finding, invitations
from domain.invitability import InviteRefusal, refusal, statement
from domain.invitations import Welcome
from domain.refusals import Invalid, NotFound
from models import GrantKind, InvitationDelivery, InvitationStatus, Place, Versioned
from resolvers.acts import organization_of, place_given
from resolvers.commands import Acting
from resolvers.context import Context
from resolvers.expressed import Expressed, ForHolders
from resolvers.ids import decode
from resolvers.loaders import Key
from resolvers.record import Record

MOST_PLACES = 100
WELCOME: Mapping[str, str] = {
    "delivery": "InvitationDelivery | None",
    "role": "str | None",
    "features": "list[str] | None",
    "report_kinds": "list[ReportKind] | None",
    "place_ids": "list[ID] | None",
}
"""What an invited person is given, as input fields."""


async def create_contact(acting: Acting) -> Versioned:
    """A new contact and, if so asked, the invitation along with it: both or neither."""
    organization, site = await place_given(acting)
    contact = await contacts.create(acting.session, acting.actor, organization, site, fields=acting.fields)
    wanted = acting.given.get("invite")
    if wanted is not None:
        await acting.session.flush()
        welcome = await _welcome(acting, organization, wanted)
        await invitations.invite(acting.session, acting.actor, organization, contact, welcome, on=acting.now)
    return contact


async def invite(acting: Acting) -> Versioned:
    contact = await acting.find(models.Contact, "contact_id")
    organization = await organization_of(acting, contact.organization_id)
    welcome = await _welcome(acting, organization, acting.given)
    return await invitations.invite(acting.session, acting.actor, organization, contact, welcome, on=acting.now)


async def resend(acting: Acting) -> Versioned:
    former = await acting.subject(models.Invitation)
    organization = await acting.session.get_one(models.Organization, (former.tenant_id, former.organization_id))
    delivery = acting.given.get("delivery")
    return await invitations.resend(
        acting.session, acting.actor, organization, former, delivery=delivery, on=acting.now
    )


async def _welcome(acting: Acting, organization: models.Organization, given: Mapping[str, Any]) -> Welcome:
    """What the person is to have, in the words of the policy: a role, features, and one feature a kind of report."""
    role = given.get("role")
    if role is not None and role not in PORTAL_ROLES:
        raise Invalid("This is no role of portal users.", field="role")
    features = list(given.get("features") or ())
    if not all(_is_feature(one) for one in features):
        raise Invalid("This is no feature of the portal.", field="features")
    kinds = [REPORT_FEATURES[kind] for kind in given.get("report_kinds") or ()]
    places = await _places(acting, organization, given.get("place_ids") or ())
    names = [*([role] if role else []), *features, *kinds]
    return Welcome(names, places, given.get("delivery") or InvitationDelivery.LINK)


def _is_feature(name: str) -> bool:
    try:
        return kind_of(name) is GrantKind.FEATURE
    except ValueError:
        return False


async def _places(acting: Acting, organization: models.Organization, ids: Any) -> list[Place]:
    """The organization itself or sites of it; those of others are not found."""
    if len(ids) > MOST_PLACES:
        raise Invalid(f"Name {MOST_PLACES} places at most.", field="placeIds", code="OUT_OF_RANGE")
    places: list[Place] = []
    for id in dict.fromkeys(ids):
        target = decode(id)
        if target == (models.Organization, organization.id):
            places.append(organization.place)
        elif target is not None and target[0] is models.Site:
            places.append(await _site(acting, organization, target[1]))
        else:
            raise NotFound("placeIds")
    return places


async def _site(acting: Acting, organization: models.Organization, id: Any) -> Place:
    site = await finding.find(acting.session, acting.actor, models.Site, id, field="placeIds")
    if site.organization_id != organization.id:
        raise NotFound("placeIds")
    return site.place


async def invite_refusal(context: Context, record: Record) -> InviteRefusal | None:
    """Why the viewer cannot invite this contact. Who could invite nobody is told nothing about the contact by it."""
    place = Place(record.row.tenant_id, record.row.organization_id)
    if not context.actor.holds(invitations.P.INVITE_TO_PORTAL, place):
        return InviteRefusal.FORBIDDEN

    async def load(keys: list[Key]) -> list[InviteRefusal | None]:
        rows = await context.loaders.reader.all(statement(context.actor.tenant_id, [id for _, id in keys]))
        found = {row.id: InviteRefusal(row.reason) if row.reason else None for row in rows}
        return [found[id] for _, id in keys]

    return await context.loaders.own("invite refusal", load).load((context.actor.user_id, record.key))


def has_expired(context: Context, record: Record) -> bool:
    """Whether an invitation still waits for its person and cannot be used any more."""
    return record.row.status == InvitationStatus.PENDING and record.row.expires_at < context.now


async def can_invite(context: Context, record: Record) -> bool:
    """Whether the viewer can invite this contact now."""
    return await invite_refusal(context, record) is None


def _expired(invitation: FromClause) -> ColumnElement[bool]:
    return and_(invitation.c.status == InvitationStatus.PENDING, invitation.c.expires_at < func.now())


_P = invitations.P.INVITE_TO_PORTAL
EXPIRED = Expressed(_expired)
CAN_INVITE = Expressed(lambda contact: refusal(contact).is_(None), ForHolders(_P, others=False))
INVITE_REFUSAL = Expressed(refusal, ForHolders(_P, InviteRefusal.FORBIDDEN.value))
"""The three of the above as SQL."""
