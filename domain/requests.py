"""Requests for work: what a client's people ask for, as far as it was assigned to their organization."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import events, jobs, notices
from domain.editing import Field, checked
from domain.references import new_reference
from domain.refusals import Refused
from models import (
    Job,
    JobStatus,
    NotificationKind,
    Organization,
    PartyRole,
    PortalUser,
    Service,
    ServiceSubscription,
    Site,
)

P = Permission

FIELDS: Mapping[str, Field] = {name: jobs.FIELDS[name] for name in ("title", "description", "priority")}


class ServiceNotAssigned(Refused):
    """The organization's people may not ask for this. It is said of services that do not exist as well."""

    code = "SERVICE_NOT_ASSIGNED"
    field = "serviceId"

    def __init__(self) -> None:
        super().__init__("This service is not among those the organization can ask for.")


class NotYourRequest(Refused):
    """A request is taken back by whoever made it."""

    code = "NOT_YOUR_REQUEST"
    field = "id"


async def request(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    site: Site,
    service_id: uuid.UUID | None,
    *,
    fields: Mapping[str, Any],
    on: datetime,
) -> Job:
    """A requested job for a service assigned to the organization; those who look after it are told, once each."""
    actor.require(P.REQUEST_WORK, site.place)
    jobs.check_open(organization, site)
    job = Job(
        tenant_id=actor.tenant_id,
        organization_id=site.organization_id,
        site_id=site.id,
        service_id=await _assigned(session, organization, service_id),
        requested_by_id=actor.user_id,
        reference=new_reference("J"),
        timeline=[jobs.entry(JobStatus.REQUESTED, on)],
        **checked(actor, site.place, jobs.FIELDS, {"scheduled_at": on, **fields}),
    )
    session.add(job)
    await events.record(session, actor, events.JobCreated(job))
    session.add(jobs.party(job, organization.id, await _contact_of(session, actor), PartyRole.PRIMARY))
    managers = await notices.managers_of(session, job.tenant_id, job.organization_id)
    await notices.tell(session, actor, NotificationKind.JOB_REQUESTED, managers, job)
    return job


async def withdraw(session: AsyncSession, actor: Actor, row: Job, *, on: datetime) -> None:
    """Whoever asked for the job takes the request back before anything was planned."""
    actor.require(P.REQUEST_WORK, row.place)
    if row.requested_by_id != actor.user_id:
        raise NotYourRequest("A request is taken back by whoever made it.")
    await jobs.proceed(session, actor, row, "withdraw", on=on)
    managers = await notices.managers_of(session, row.tenant_id, row.organization_id)
    await notices.tell(session, actor, NotificationKind.JOB_REQUEST_WITHDRAWN, managers, row)


async def _assigned(session: AsyncSession, organization: Organization, service_id: uuid.UUID | None) -> uuid.UUID:
    """The service, if it is offered and assigned; the assignment cannot be withdrawn until the transaction ends."""
    query = (
        select(ServiceSubscription.service_id)
        .join(
            Service,
            (Service.tenant_id == ServiceSubscription.tenant_id) & (Service.id == ServiceSubscription.service_id),
        )
        .where(
            ServiceSubscription.tenant_id == organization.tenant_id,
            ServiceSubscription.organization_id == organization.id,
            ServiceSubscription.service_id == service_id,
            ServiceSubscription.archived_at.is_(None),
            Service.archived_at.is_(None),
        )
    )
    found = await session.scalar(query.with_for_update(read=True, of=ServiceSubscription))
    if found is None:
        raise ServiceNotAssigned
    return found


async def _contact_of(session: AsyncSession, actor: Actor) -> uuid.UUID | None:
    """The contact who asks, so that whoever plans the work knows whom to call."""
    query = select(PortalUser.contact_id).where(
        PortalUser.tenant_id == actor.tenant_id, PortalUser.user_id == actor.user_id, PortalUser.archived_at.is_(None)
    )
    return await session.scalar(query)
