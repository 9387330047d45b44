"""Contracts, the jobs done under them, and the reports about it."""

# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportGeneralTypeIssues=false, reportUnusedImport=false
# The annotations name what the graph has, looked up when the schema is built; imports are for what they declare.

from __future__ import annotations

import models
from auth.permissions import Permission
from schema import lists  # noqa: F401  (the lists come before the types)
from schema.declaration import connection, edge, guarded, money, parts
from schema.graph import node

P = Permission


@node(models.Contract)
class Contract:
    """A commercial agreement: with a whole organization, or for one site of it."""

    reference: str
    title: str
    status: ContractStatus
    start_on: date
    end_on: date | None
    cadence: InvoicingCadence
    overtime_policy: OvertimePolicy
    external_id: str | None
    base_rate: Money | None = guarded(P.VIEW_RATES, money("base_rate"))
    weekend_multiplier: Decimal | None = guarded(P.VIEW_RATES)
    holiday_multiplier: Decimal | None = guarded(P.VIEW_RATES)
    commercial_terms: str | None = guarded(P.VIEW_COMMERCIAL_TERMS)
    internal_notes: str | None = guarded(P.VIEW_INTERNAL_NOTES)
    organization: Organization | None = edge(models.Contract.organization_id)
    site: Site | None = edge(models.Contract.site_id)
    jobs: JobConnection = connection("Job", models.Job.contract_id)


@node(models.Job)
class Job:
    """A piece of work at a site."""

    reference: str
    title: str
    description: str | None
    status: JobStatus
    priority: JobPriority
    scheduled_at: datetime
    duration_minutes: int | None
    started_at: datetime | None
    completed_at: datetime | None
    external_id: str | None
    cost: Money | None = guarded(P.VIEW_JOB_COST, money("cost"))
    internal_notes: str | None = guarded(P.VIEW_INTERNAL_NOTES)
    organization: Organization | None = edge(models.Job.organization_id)
    site: Site | None = edge(models.Job.site_id)
    contract: Contract | None = edge(models.Job.contract_id)
    service: Service | None = edge(models.Job.service_id)
    requested_by: User | None = edge(models.Job.requested_by_id)
    timeline: list[TimelineEntry] = parts()
    parties: JobPartyConnection = connection("JobParty", models.JobParty.job_id)
    reports: ReportConnection = connection("Report", models.Report.job_id)


@node(models.JobParty)
class JobParty:
    """An organization's part in a job."""

    role: PartyRole
    job: Job | None = edge(models.JobParty.job_id)
    organization: Organization | None = edge(models.JobParty.organization_id)
    contact: Contact | None = edge(models.JobParty.contact_id)


@node(models.Report)
class Report:
    """What clients read about a site in a period. Clients see published reports of the kinds they may read."""

    kind: ReportKind
    status: ReportStatus
    title: str
    summary: str | None
    body: str | None
    figures: list[Figure] = parts()
    period_start: date
    period_end: date
    published_at: datetime | None
    external_id: str | None
    internal_notes: str | None = guarded(P.VIEW_INTERNAL_NOTES)
    organization: Organization | None = edge(models.Report.organization_id)
    site: Site | None = edge(models.Report.site_id)
    job: Job | None = edge(models.Report.job_id)
