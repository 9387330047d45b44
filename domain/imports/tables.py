"""What can be imported, as data: the columns of each kind of record, what they refer to, and the rules of their homes.

The columns and their checks are the FIELDS of the aggregates; only what a file says differently stands here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Column, Table

from auth.permissions import Permission
from domain import contacts, contracts, events, jobs, organizations, reports, sites
from domain.editing import Field, Fields
from domain.imports.cells import is_needed
from domain.refusals import Refused
from models import (
    Contact,
    Contract,
    ContractStatus,
    Job,
    JobStatus,
    Organization,
    OrganizationStatus,
    Report,
    Site,
    SiteStatus,
    Versioned,
)

P = Permission
Parents = Mapping[str, Any]
"""The records a row refers to, by the column that does so, and its organization; None where it names none."""


class SiteElsewhere(Refused):
    """The site belongs to another organization."""

    code = "SITE_ELSEWHERE"
    field = "site"


@dataclass(frozen=True)
class Reference:
    """A column that names a record of another kind by its external id."""

    model: type[Versioned]
    needed: bool = False


def _no_rule(row: Any) -> None:
    del row


def _anywhere(parents: Parents, status: str) -> None:
    del parents, status


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    ``initial`` are columns that new rows take and existing ones keep: states are changed by their own commands.
    ``rule`` looks at the columns ``ruled`` of one row, ``admits`` at the records a new row refers to.
    """

    model: type[Versioned]
    words: str
    fields: Fields
    created: type[events.Event]
    updated: type[events.Event]
    rights: frozenset[Permission]
    state_right: Permission | None = None
    references: Mapping[str, Reference] = field(default_factory=dict[str, Reference])
    initial: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    reference_prefix: str | None = None
    unique: Mapping[str, str] = field(default_factory=dict[str, str])
    over: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    reclassifying: Mapping[str, type[events.Event]] = field(default_factory=dict[str, type[events.Event]])
    ruled: tuple[str, ...] = ()
    rule: Callable[[Any], None] = _no_rule
    admits: Callable[[Parents, str], None] = _anywhere

    @property
    def table(self) -> Table:
        return cast("Table", self.model.__table__)

    @property
    def name(self) -> str:
        return self.model.__name__.lower()

    @cached_property
    def columns(self) -> Mapping[str, Column[Any]]:
        """The columns of the file that become columns of the row."""
        return {name: self.table.c[name] for name in (*self.fields, *self.initial)}

    @cached_property
    def needed(self) -> frozenset[str]:
        """The columns no file can be without. Short references are made where none are given."""
        own = {name for name, column in self.columns.items() if is_needed(column)} - {"reference"}
        referred = {name for name, reference in self.references.items() if reference.needed}
        return frozenset({"external_id", *own, *referred})

    def column_named(self, header: str) -> str | None:
        """The column a header means, whatever way it is spelled; None if there is none."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.strip())
        name = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
        name = self.aliases.get(name) or _ALIASES.get(name) or name
        return name if name in self.columns or name in self.references else None

    def field_of(self, name: str) -> Field:
        """How a column is checked; the initial ones are told by their type alone."""
        return self.fields.get(name) or Field()


def _same_organization(parents: Parents, status: str) -> None:
    del status
    site = parents["site"]
    if site is not None and site.organization_id != parents["organization"].id:
        raise SiteElsewhere("The site belongs to another organization.")


def _site_admitted(parents: Parents, status: str) -> None:
    del status
    sites.check_open(parents["organization"])


def _contract_admitted(parents: Parents, status: str) -> None:
    _same_organization(parents, status)
    if status != ContractStatus.TERMINATED:
        contracts.check_open(parents["organization"], parents["site"])


def _job_admitted(parents: Parents, status: str) -> None:
    """Finished jobs are history: what has closed or ended since admitted them then."""
    organization, site, contract = parents["organization"], parents["site"], parents["contract"]
    jobs.check_place(contract, site)
    if status not in JOBS.over:
        jobs.check_open(organization, site)
        jobs.check_in_force(contract)


def _report_admitted(parents: Parents, status: str) -> None:
    del status
    reports.check_job(parents["job"], parents["site"])


_ALIASES = MappingProxyType(
    {
        "id": "external_id",
        "external_reference": "external_id",
        "client": "organization",
        "client_id": "organization",
        "organisation": "organization",
        "organization_id": "organization",
        "organization_external_id": "organization",
        "site_id": "site",
        "site_external_id": "site",
        "location_id": "site",
        "contract_id": "contract",
        "contract_external_id": "contract",
        "job_id": "job",
        "job_external_id": "job",
        "state": "status",
        "notes": "internal_notes",
    }
)
_PLACE = MappingProxyType({"organization": Reference(Organization, needed=True), "site": Reference(Site)})

ORGANIZATIONS = Kind(
    Organization,
    r"organi[sz]ations?|clients?|companies",
    organizations.FIELDS,
    events.OrganizationCreated,
    events.OrganizationUpdated,
    frozenset({P.CREATE_CLIENTS, P.EDIT_CLIENTS}),
    state_right=P.MANAGE_CLIENT_ORGANIZATIONS,
    initial=("status",),
    aliases=MappingProxyType(
        {
            "name": "legal_name",
            "tin": "tax_number",
            "vat": "vat_number",
            "new_business": "new_business_year",
            "payment_term_label": "payment_terms",
            "payment_term_days": "payment_days",
            "currency": "billing_currency",
        }
    ),
    unique=MappingProxyType({"legal_name": "NAME_TAKEN", "short_name": "NAME_TAKEN"}),
    archived=(OrganizationStatus.ARCHIVED,),
    ruled=("payment_terms", "payment_days"),
    rule=organizations.check_terms,
)

SITES = Kind(
    Site,
    r"sites?|locations?",
    sites.FIELDS,
    events.SiteCreated,
    events.SiteUpdated,
    frozenset({P.EDIT_SITES}),
    state_right=P.ARCHIVE_SITES,
    references=MappingProxyType({"organization": Reference(Organization, needed=True)}),
    initial=("status",),
    aliases=MappingProxyType(
        {
            "timezone": "time_zone",
            "street": "address_street",
            "city": "address_city",
            "region": "address_region",
            "postal_code": "address_postal_code",
            "postcode": "address_postal_code",
            "zip": "address_postal_code",
            "country": "address_country",
        }
    ),
    archived=(SiteStatus.CLOSED,),
    admits=_site_admitted,
)

CONTACTS = Kind(
    Contact,
    r"contacts?|people",
    contacts.FIELDS,
    events.ContactCreated,
    events.ContactUpdated,
    frozenset({P.EDIT_CONTACTS}),
    references=_PLACE,
    aliases=MappingProxyType({"position": "job_title", "mail": "email", "e_mail": "email", "mobile": "private_phone"}),
    ruled=("email", "phone", "private_phone"),
    rule=contacts.check_reachable,
    admits=_same_organization,
)

CONTRACTS = Kind(
    Contract,
    r"contracts?|agreements?",
    contracts.FIELDS,
    events.ContractCreated,
    events.ContractUpdated,
    frozenset({P.EDIT_CONTRACTS}),
    state_right=P.ACTIVATE_CONTRACTS,
    references=_PLACE,
    initial=("status",),
    aliases=MappingProxyType({"rate": "base_rate", "starts": "start_on", "ends": "end_on", "number": "reference"}),
    reference_prefix="C",
    unique=MappingProxyType({"reference": "REFERENCE_TAKEN"}),
    over=(ContractStatus.TERMINATED,),
    ruled=("start_on", "end_on"),
    rule=contracts.check_dates,
    admits=_contract_admitted,
)

JOBS = Kind(
    Job,
    r"jobs?|work_?orders?",
    jobs.FIELDS,
    events.JobCreated,
    events.JobUpdated,
    frozenset({P.EDIT_JOBS}),
    state_right=P.DISPATCH_JOBS,
    references=MappingProxyType({"site": Reference(Site, needed=True), "contract": Reference(Contract)}),
    initial=("status", "started_at", "completed_at"),
    aliases=MappingProxyType({"scheduled": "scheduled_at", "duration": "duration_minutes", "number": "reference"}),
    reference_prefix="J",
    unique=MappingProxyType({"reference": "REFERENCE_TAKEN"}),
    over=(JobStatus.COMPLETED, JobStatus.CANCELLED),
    admits=_job_admitted,
)

REPORTS = Kind(
    Report,
    r"reports?",
    # A cell has no room for figures.
    {name: one for name, one in reports.FIELDS.items() if name != "figures"},
    events.ReportCreated,
    events.ReportUpdated,
    frozenset({P.EDIT_REPORTS}),
    references=MappingProxyType({"site": Reference(Site, needed=True), "job": Reference(Job)}),
    initial=("status", "published_at"),
    aliases=MappingProxyType({"period_from": "period_start", "period_to": "period_end"}),
    reclassifying=MappingProxyType({"kind": events.ReportReclassified}),
    ruled=("period_start", "period_end"),
    rule=reports.check_period,
    admits=_report_admitted,
)

KINDS = (ORGANIZATIONS, SITES, CONTACTS, CONTRACTS, JOBS, REPORTS)
"""In the order in which records refer to each other: whoever imports several files keeps to it."""
