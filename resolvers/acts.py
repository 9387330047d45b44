"""What each command does: it finds the rows its input refers to, locked, and calls the domain function."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

import models
from domain import access, access_sets, contacts, contracts, finding, jobs, organizations, reports, sites, users
from domain.engagement import Owner
from domain.refusals import NotFound
from models import Place, Versioned
from resolvers.commands import Acting
from resolvers.ids import decode


async def create_organization(acting: Acting) -> Versioned:
    owner = await acting.find_optional(models.User, "owner_id")
    return await organizations.create(
        acting.session, acting.actor, owner_id=owner.id if owner else None, fields=acting.fields
    )


async def update_organization(acting: Acting) -> Versioned:
    row = await acting.subject(models.Organization)
    found = await acting.find_optional(models.User, "owner_id")
    owner = Owner(found.id if found else None) if "owner_id" in acting.given else None
    return await organizations.update(
        acting.session, acting.actor, row, owner=owner, fields=acting.fields, on=acting.now
    )


async def create_site(acting: Acting) -> Versioned:
    organization = await acting.find(models.Organization, "organization_id")
    return await sites.create(acting.session, acting.actor, organization, fields=acting.fields)


async def place_given(acting: Acting) -> tuple[models.Organization, models.Site | None]:
    """The organization and, if given, the site of it a new row belongs to."""
    organization = await acting.find(models.Organization, "organization_id")
    site = await acting.find_optional(models.Site, "site_id")
    if site is not None and site.organization_id != organization.id:
        raise NotFound("siteId")
    return organization, site


async def make_primary(acting: Acting) -> Versioned:
    # The organization is locked before any contact: moves that each held their own contact would wait for one another.
    organization = await organization_of(acting, await _home_of(acting, acting.given["id"]))
    contact = await acting.subject(models.Contact)
    named = acting.given.get("expected_primary_id")
    believed = decode(named) if named is not None else None
    if named is not None and (believed is None or believed[0] is not models.Contact):
        raise NotFound("expectedPrimaryId")
    return await contacts.make_primary(
        acting.session, acting.actor, organization, contact, instead_of=believed[1] if believed else None
    )


async def create_contract(acting: Acting) -> Versioned:
    organization, site = await place_given(acting)
    return await contracts.create(acting.session, acting.actor, organization, site, fields=acting.fields)


async def create_job(acting: Acting) -> Versioned:
    site = await acting.find(models.Site, "site_id")
    organization = await organization_of(acting, site.organization_id)
    contract = await acting.find_optional(models.Contract, "contract_id")
    fields = {"scheduled_at": acting.now, **acting.fields}
    return await jobs.create(acting.session, acting.actor, organization, site, contract, fields=fields, on=acting.now)


async def add_party(acting: Acting) -> Versioned:
    job = await acting.subject(models.Job)
    organization = await acting.find(models.Organization, "organization_id")
    contact = await acting.find_optional(models.Contact, "contact_id")
    if contact is not None and contact.organization_id != organization.id:
        raise NotFound("contactId")
    return await jobs.add_party(
        acting.session,
        acting.actor,
        job,
        organization,
        contact_id=contact.id if contact else None,
        role=acting.given["role"],
    )


async def remove_party(acting: Acting) -> Versioned:
    job = await acting.subject(models.Job)
    party = await acting.find(models.JobParty, "party_id")
    if party.job_id != job.id or party.archived_at is not None:
        raise NotFound("partyId")
    return await jobs.remove_party(acting.session, acting.actor, job, party, on=acting.now)


async def create_report(acting: Acting) -> Versioned:
    site = await acting.find(models.Site, "site_id")
    job = await acting.find_optional(models.Job, "job_id")
    return await reports.create(acting.session, acting.actor, site, job, fields=acting.fields)


async def create_staff(acting: Acting) -> Versioned:
    return await users.create_staff(
        acting.session,
        acting.actor,
        job_title=acting.given.get("job_title"),
        fields=acting.fields,
    )


async def grant(acting: Acting) -> Versioned:
    user = await acting.find(models.User, "user_id")
    at = await _grant_place(acting)
    return await access.grant(acting.session, acting.actor, user, name=acting.given["name"], at=at)


async def set_access(acting: Acting) -> Versioned:
    user = await acting.find(models.User, "id")
    wanted = [await _wanted(acting, one) for one in acting.given["grants"]]
    expected = acting.given.get("expected_epoch")
    await access_sets.set_access(acting.session, acting.actor, user, wanted, expected_epoch=expected, on=acting.now)
    return user


async def _wanted(acting: Acting, given: Mapping[str, str]) -> access_sets.Wanted:
    """A grant as it is written in an input."""
    target = decode(given["place_id"])
    actor = acting.actor
    if target == (models.Tenant, actor.tenant_id):
        return access_sets.Wanted(given["name"], Place(actor.tenant_id))
    if target is None or target[0] not in (models.Organization, models.Site):
        raise NotFound("grants")
    model: Any = target[0]
    row = await finding.find(acting.session, actor, model, target[1], field="grants")
    return access_sets.Wanted(given["name"], row.place)


async def revoke(acting: Acting) -> Versioned:
    row = await acting.subject(models.Grant)
    user = await _user_of(acting, row)
    return await access.revoke(acting.session, acting.actor, user, row, on=acting.now)


async def _grant_place(acting: Acting) -> Place:
    """The place an id names: the tenant, an organization or a site."""
    target = decode(acting.given["place_id"])
    if target is None:
        raise NotFound("placeId")
    if target == (models.Tenant, acting.actor.tenant_id):
        return Place(acting.actor.tenant_id)
    if target[0] is models.Organization:
        return (await acting.find(models.Organization, "place_id")).place
    if target[0] is models.Site:
        return (await acting.find(models.Site, "place_id")).place
    raise NotFound("placeId")


async def _home_of(acting: Acting, contact: str) -> uuid.UUID:
    """The organization of a contact that is not locked yet, nor known to be visible."""
    target = decode(contact)
    if target is None or target[0] is not models.Contact:
        raise NotFound
    held = models.Contact.tenant_id == acting.actor.tenant_id, models.Contact.id == target[1]
    home = await acting.session.scalar(select(models.Contact.organization_id).where(*held))
    if home is None:
        raise NotFound
    return home


async def organization_of(acting: Acting, id: uuid.UUID) -> models.Organization:
    """The organization of a row the actor sees, locked."""
    row = await acting.session.get(models.Organization, (acting.actor.tenant_id, id), with_for_update=True)
    if row is None:
        raise NotFound
    return row


async def _user_of(acting: Acting, grant: models.Grant) -> models.User:
    row = await acting.session.get(models.User, (grant.tenant_id, grant.user_id))
    if row is None:
        raise NotFound
    return row
