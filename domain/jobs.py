"""Jobs: work at a site, who takes part in it, and how it proceeds."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import events, notices, states, values
from domain.editing import Field, change, checked
from domain.references import new_reference
from domain.refusals import InvalidTransition, Refused
from models import (
    Contract,
    ContractStatus,
    Job,
    JobParty,
    JobStatus,
    NotificationKind,
    Organization,
    OrganizationStatus,
    PartyRole,
    Site,
    SiteStatus,
)

P = Permission

FIELDS: Mapping[str, Field] = {
    "reference": Field(values.text(1, 60)),
    "title": Field(values.text(1, 200)),
    "description": Field(values.optional(values.text(1, 4000))),
    "priority": Field(),
    "scheduled_at": Field(),
    "duration_minutes": Field(values.optional(values.number(1, 60 * 24 * 366))),
    "currency": Field(values.currency, P.VIEW_JOB_COST),
    "cost": Field(values.optional(values.number(Decimal(0), Decimal(999999999999))), P.VIEW_JOB_COST),
    "internal_notes": Field(values.optional(values.text(1, 4000)), P.VIEW_INTERNAL_NOTES),
    "external_id": Field(values.optional(values.text(1, 120))),
}

_OVER = (JobStatus.COMPLETED, JobStatus.CANCELLED)
_LONGEST_TIMELINE = 100
# What whoever asked for a job is told of it.
_TOLD: Mapping[str, NotificationKind] = {
    "schedule": NotificationKind.JOB_SCHEDULED,
    "complete": NotificationKind.JOB_COMPLETED,
    "cancel": NotificationKind.JOB_CANCELLED,
}


class SiteNotOpen(Refused):
    """A closed site takes no jobs."""

    code = "SITE_ARCHIVED"
    field = "siteId"


class OrganizationNotActive(Refused):
    """Jobs are for active organizations."""

    code = "ORGANIZATION_NOT_ACTIVE"
    field = "organizationId"


class OrganizationPaused(OrganizationNotActive):
    """While an organization is paused no work is asked for or planned."""

    code = "ORG_PAUSED"


class ContractNotApplicable(Refused):
    """The contract is not in force, or not for this site."""

    code = "CONTRACT_NOT_APPLICABLE"
    field = "contractId"


class PartyAlreadyLinked(Refused):
    """The organization takes part in this role already, or another one is primary."""

    code = "PARTY_ALREADY_LINKED"
    field = "organizationId"


class PrimaryPartyRequired(Refused):
    """A job keeps its primary party."""

    code = "PRIMARY_PARTY_REQUIRED"
    field = "id"


async def create(
    session: AsyncSession,
    actor: Actor,
    organization: Organization,
    site: Site,
    contract: Contract | None,
    *,
    fields: Mapping[str, Any],
    on: datetime,
) -> Job:
    """A requested job at the site; the site's organization is its primary party."""
    actor.require(P.EDIT_JOBS, site.place)
    check_open(organization, site)
    check_in_force(contract)
    check_place(contract, site)
    given = {"reference": new_reference("J"), **checked(actor, site.place, FIELDS, fields)}
    job = Job(
        tenant_id=actor.tenant_id,
        organization_id=site.organization_id,
        site_id=site.id,
        contract_id=contract.id if contract else None,
        timeline=[entry(JobStatus.REQUESTED, on)],
        **given,
    )
    session.add(job)
    await events.record(session, actor, events.JobCreated(job))
    session.add(party(job, organization.id, None, PartyRole.PRIMARY))
    return job


async def update(session: AsyncSession, actor: Actor, job: Job, *, fields: Mapping[str, Any]) -> Job:
    """Change named fields; a finished job stays as it ended."""
    actor.require(P.EDIT_JOBS, job.place)
    if job.status in _OVER:
        raise InvalidTransition(f"A job that is {job.status} cannot be changed.")
    changes = change(job, checked(actor, job.place, FIELDS, fields))
    if changes:
        await events.record(session, actor, events.JobUpdated(job, changes))
    return job


async def schedule(session: AsyncSession, actor: Actor, row: Job, *, on: datetime) -> None:
    """The requested job is planned for its time."""
    await proceed(session, actor, row, "schedule", on=on)


async def start(session: AsyncSession, actor: Actor, row: Job, *, on: datetime) -> None:
    """Work begins now."""
    await proceed(session, actor, row, "start", on=on, started_at=row.started_at or on)


async def hold(session: AsyncSession, actor: Actor, row: Job, *, on: datetime) -> None:
    """Work waits."""
    await proceed(session, actor, row, "hold", on=on)


async def resume(session: AsyncSession, actor: Actor, row: Job, *, on: datetime) -> None:
    """Work is planned again."""
    await proceed(session, actor, row, "resume", on=on)


async def complete(session: AsyncSession, actor: Actor, row: Job, *, on: datetime) -> None:
    """Work is done, now."""
    await proceed(session, actor, row, "complete", on=on, completed_at=on)


async def cancel(session: AsyncSession, actor: Actor, row: Job, *, on: datetime) -> None:
    """The work will not be done."""
    await proceed(session, actor, row, "cancel", on=on)


async def proceed(session: AsyncSession, actor: Actor, row: Job, step: str, *, on: datetime, **also: Any) -> None:
    """Take a step, note it in the job's timeline, and tell whoever asked for the job."""
    reached = JobStatus(states.STEPS[Job][step].target)
    row.timeline = [*row.timeline, entry(reached, on)][-_LONGEST_TIMELINE:]
    await states.take(session, actor, row, step, **also)
    if row.requested_by_id is not None and step in _TOLD:
        await notices.tell(session, actor, _TOLD[step], [row.requested_by_id], row)


def entry(status: JobStatus, at: datetime) -> dict[str, Any]:
    """A line of a job's timeline, with the instant as the graph shows it."""
    shown = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return {"status": status.value, "at": f"{shown}Z"}


async def add_party(
    session: AsyncSession,
    actor: Actor,
    job: Job,
    organization: Organization,
    *,
    contact_id: uuid.UUID | None,
    role: PartyRole,
) -> Job:
    """Let another organization take part; whoever may see its jobs sees this one from now on."""
    actor.require(P.EDIT_JOBS, job.place)
    if organization.status is not OrganizationStatus.ACTIVE:
        raise OrganizationNotActive("Only active organizations can take part in a job.")
    parties = await _parties(session, job)
    if any(_same(one, organization.id, role) for one in parties):
        raise PartyAlreadyLinked("There is such a party already.")
    session.add(party(job, organization.id, contact_id, role))
    await events.record(session, actor, events.JobPartyAdded(job))
    return job


async def remove_party(session: AsyncSession, actor: Actor, job: Job, party: JobParty, *, on: datetime) -> Job:
    """End an organization's part in the job."""
    actor.require(P.EDIT_JOBS, job.place)
    if party.role is PartyRole.PRIMARY:
        raise PrimaryPartyRequired("A job keeps its primary party.")
    change(party, {"archived_at": on})
    left = party.place
    await events.record(session, actor, events.JobPartyRemoved(job, left=left))
    return job


def _same(party: JobParty, organization_id: uuid.UUID, role: PartyRole) -> bool:
    taken = party.role is PartyRole.PRIMARY and role is PartyRole.PRIMARY
    return taken or (party.organization_id == organization_id and party.role is role)


def party(job: Job, organization_id: uuid.UUID, contact_id: uuid.UUID | None, role: PartyRole) -> JobParty:
    """An organization's part in the job, yet to be added."""
    return JobParty(
        tenant_id=job.tenant_id,
        job_id=job.id,
        organization_id=organization_id,
        contact_id=contact_id,
        role=role,
    )


async def _parties(session: AsyncSession, job: Job) -> list[JobParty]:
    query = select(JobParty).where(
        JobParty.tenant_id == job.tenant_id,
        JobParty.job_id == job.id,
        JobParty.archived_at.is_(None),
    )
    return list(await session.scalars(query))


def check_open(organization: Organization, site: Site) -> None:
    if organization.status is OrganizationStatus.PAUSED:
        raise OrganizationPaused("The organization is paused.", field="siteId")
    if organization.status is not OrganizationStatus.ACTIVE:
        raise OrganizationNotActive(f"The organization is {organization.status}.", field="siteId")
    if site.status is SiteStatus.CLOSED:
        raise SiteNotOpen("The site is closed.")


def check_in_force(contract: Contract | None) -> None:
    in_force = contract is None or contract.status in (ContractStatus.ACTIVE, ContractStatus.EXPIRING)
    if not in_force:
        raise ContractNotApplicable("The contract is not in force.")


def check_place(contract: Contract | None, site: Site) -> None:
    if contract is None:
        return
    if contract.organization_id != site.organization_id:
        raise ContractNotApplicable("The contract is another organization's.")
    if contract.site_id not in (None, site.id):
        raise ContractNotApplicable("The contract is for another site.")
