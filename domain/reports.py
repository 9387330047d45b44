"""Reports: written as drafts, read by clients once published, gone from their sight when withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import events, states, values
from domain.editing import Field, change, checked
from domain.figures import figures
from domain.refusals import Invalid, InvalidTransition
from models import Job, Report, Site

P = Permission

FIELDS: Mapping[str, Field] = {
    "kind": Field(),
    "title": Field(values.text(1, 200)),
    "summary": Field(values.optional(values.text(1, 1000))),
    "body": Field(values.optional(values.text(1, 50000))),
    "figures": Field(figures),
    "period_start": Field(),
    "period_end": Field(),
    "internal_notes": Field(values.optional(values.text(1, 4000)), P.VIEW_INTERNAL_NOTES),
    "external_id": Field(values.optional(values.text(1, 120))),
}


class PeriodReversed(Invalid):
    """A period cannot end before it starts."""

    code = "PERIOD_REVERSED"
    field = "periodEnd"


class JobElsewhere(Invalid):
    """The job a report is about lies at the report's site."""

    code = "JOB_ELSEWHERE"
    field = "jobId"


async def create(
    session: AsyncSession,
    actor: Actor,
    site: Site,
    job: Job | None,
    *,
    fields: Mapping[str, Any],
) -> Report:
    """A draft about a site, or about one job there."""
    actor.require(P.EDIT_REPORTS, site.place)
    check_job(job, site)
    report = Report(
        tenant_id=actor.tenant_id,
        organization_id=site.organization_id,
        site_id=site.id,
        job_id=job.id if job else None,
        **checked(actor, site.place, FIELDS, fields),
    )
    check_period(report)
    session.add(report)
    await events.record(session, actor, events.ReportCreated(report))
    return report


async def update(session: AsyncSession, actor: Actor, report: Report, *, fields: Mapping[str, Any]) -> Report:
    """Change named fields."""
    actor.require(P.EDIT_REPORTS, report.place)
    changes = change(report, checked(actor, report.place, FIELDS, fields))
    check_period(report)
    if changes:
        await events.record(session, actor, _updated(report, changes))
    return report


async def publish(session: AsyncSession, actor: Actor, row: Report, *, on: datetime) -> None:
    """From now on the clients who may read this kind at this site see it."""
    await states.take(session, actor, row, "publish", published_at=row.published_at or on)


async def withdraw(session: AsyncSession, actor: Actor, row: Report, *, on: datetime) -> None:
    """No client sees it any more."""
    await states.take(session, actor, row, "withdraw")


async def archive(session: AsyncSession, actor: Actor, row: Report, *, on: datetime) -> None:
    """Out of every list. A published report is withdrawn first."""
    actor.require(P.EDIT_REPORTS, row.place)
    if row.archived_at is not None:
        raise InvalidTransition("The report is archived already.")
    if row.status == "PUBLISHED":
        await withdraw(session, actor, row, on=on)
    changes = change(row, {"archived_at": on})
    await events.record(session, actor, events.ReportArchived(row, changes))


def _updated(report: Report, changes: events.Changes) -> events.Event:
    if "kind" in changes:
        return events.ReportReclassified(report, changes)
    return events.ReportUpdated(report, changes)


def check_job(job: Job | None, site: Site) -> None:
    if job is not None and job.site_id != site.id:
        raise JobElsewhere("The job is at another site.")


def check_period(report: Report) -> None:
    if report.period_end < report.period_start:
        raise PeriodReversed("A period cannot end before it starts.")
