"""What clients ask for and propose, and what the staff offers them: each finds its rows and calls the domain."""

from __future__ import annotations

import models
from domain import contracts, notices, proposals, requests, services
from domain.refusals import NotFound
from models import Versioned
from resolvers.commands import Acting
from resolvers.ids import decode


async def create_service(acting: Acting) -> Versioned:
    return await services.create(acting.session, acting.actor, fields=acting.fields)


async def assign_service(acting: Acting) -> Versioned:
    organization = await acting.find(models.Organization, "organization_id")
    service = await acting.find(models.Service, "service_id")
    return await services.assign(acting.session, acting.actor, organization, service)


async def assign_manager(acting: Acting) -> Versioned:
    organization = await acting.find(models.Organization, "organization_id")
    user = await acting.find(models.User, "user_id")
    return await services.assign_manager(acting.session, acting.actor, organization, user)


async def request_job(acting: Acting) -> Versioned:
    site = await acting.find(models.Site, "site_id")
    organization = await acting.session.get_one(
        models.Organization, (acting.actor.tenant_id, site.organization_id), with_for_update={"read": True}
    )
    # The service is not sought among those one sees: what is not assigned is told in one way, whether it exists or not.
    target, preferred = decode(acting.given["service_id"]), acting.given.get("preferred_at")
    return await requests.request(
        acting.session,
        acting.actor,
        organization,
        site,
        target[1] if target is not None and target[0] is models.Service else None,
        fields={**acting.fields, **({"scheduled_at": preferred} if preferred else {})},
        on=acting.now,
    )


async def propose_change(acting: Acting) -> Versioned:
    contact = await acting.find(models.Contact, "contact_id")
    expected = acting.given.get("contact_version")
    return await proposals.propose(acting.session, acting.actor, contact, expected=expected, fields=acting.fields)


async def approve_change(acting: Acting) -> Versioned:
    row = await acting.subject(models.ChangeRequest)
    contact = await acting.session.get_one(
        models.Contact, (row.tenant_id, row.contact_id), with_for_update=True, populate_existing=True
    )
    return await proposals.approve(acting.session, acting.actor, row, contact, on=acting.now)


async def decline_change(acting: Acting) -> Versioned:
    row = await acting.subject(models.ChangeRequest)
    return await proposals.decline(acting.session, acting.actor, row, reason=acting.given["reason"], on=acting.now)


async def mark_all_read(acting: Acting) -> Versioned:
    row = await acting.find(models.Notification, "up_to")
    return await notices.mark_read_up_to(acting.session, acting.actor, row, on=acting.now)


async def move_contract(acting: Acting) -> Versioned:
    row = await acting.subject(models.Contract)
    site = await acting.find_optional(models.Site, "site_id")
    if site is not None and site.organization_id != row.organization_id:
        raise NotFound("siteId")
    return await contracts.move(acting.session, acting.actor, row, site)
