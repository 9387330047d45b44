"""How lists of every type are sorted and filtered. Enum and input types are made from this."""

# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportUnusedImport=false
# The annotations name what the graph has, looked up when the schema is built; imports are for what they declare.

from __future__ import annotations

from decimal import Decimal
from typing import Any

import strawberry

import models
from auth.permissions import Permission
from domain.invitability import InviteRefusal
from resolvers.relations import Filter, Order, Test
from schema import values  # noqa: F401  (fills the namespace)
from schema.fields import NAMESPACE
from schema.graph import paging

P = Permission
# A contract without a rate comes after every one with a rate.
_NO_RATE = Decimal("Infinity")

for _enum in (
    models.OrganizationStatus, models.OrganizationKind, models.Location, models.PaymentTerms,
    models.SiteStatus, models.ContactDesignation, models.ContactChannel, models.ContractStatus,
    models.InvoicingCadence, models.OvertimePolicy, models.JobStatus, models.JobPriority,
    models.PartyRole, models.ReportKind, models.ReportStatus, models.UserKind, models.UserStatus,
    models.GrantKind, models.Language, models.InvitationDelivery, models.InvitationStatus, InviteRefusal,
    models.PartnerStatus, models.PartnerEnvironment, models.ChangeRequestStatus,
    models.ContactField, models.NotificationKind,
):  # fmt: skip
    NAMESPACE[_enum.__name__] = strawberry.enum(_enum, description=" ".join((_enum.__doc__ or "").split()))


def one_of(*columns: Any) -> Any:
    """Equal to one of the given values."""
    return Filter(Test.ONE_OF, columns)


def between(column: Any, requires: Permission | None = None) -> Any:
    """Within a range."""
    return Filter(Test.BETWEEN, (column,), requires)


def contains(*columns: Any) -> Any:
    """The text occurs in one of the columns, whatever its case."""
    return Filter(Test.CONTAINS, columns)


def since(column: Any) -> Any:
    """At this instant or later."""
    return Filter(Test.SINCE, (column,))


def before(column: Any) -> Any:
    """Before this instant; what has no instant is not."""
    return Filter(Test.BEFORE, (column,))


def absent(column: Any) -> Any:
    """There is no value, or there is one."""
    return Filter(Test.ABSENT, (column,))


def equal(column: Any) -> Any:
    """True or false."""
    return Filter(Test.IS, (column,))


def orders(**columns: Any) -> dict[str, Order]:
    """Each order ascending under its name, and descending with ``_DESC``; the first is the default."""
    made: dict[str, Order] = {}
    for name, column in columns.items():
        made[name] = Order(column)
        made[f"{name}_DESC"] = Order(column, descending=True)
    return made


def newest(**columns: Any) -> dict[str, Order]:
    """As ``orders``, with the first column descending as the default."""
    made = orders(**columns)
    first = f"{next(iter(columns))}_DESC"
    return {first: made.pop(first), **made}


class OrganizationFilter:
    """Which organizations."""

    status: list[OrganizationStatus] | None = one_of(models.Organization.status)
    kind: list[OrganizationKind] | None = one_of(models.Organization.kind)
    location: list[Location] | None = one_of(models.Organization.location)
    search: str | None = contains(
        models.Organization.legal_name, models.Organization.short_name, models.Organization.external_id
    )
    updated_since: datetime | None = since(models.Organization.updated_at)


class SiteFilter:
    """Which sites."""

    status: list[SiteStatus] | None = one_of(models.Site.status)
    country: list[str] | None = one_of(models.Site.address_country)
    search: str | None = contains(models.Site.name, models.Site.address_city, models.Site.address_street)
    updated_since: datetime | None = since(models.Site.updated_at)


class ContactFilter:
    """Which contacts."""

    is_primary: bool | None = equal(models.Contact.is_primary)
    search: str | None = contains(models.Contact.name, models.Contact.email, models.Contact.job_title)
    updated_since: datetime | None = since(models.Contact.updated_at)


class ContractFilter:
    """Which contracts."""

    status: list[ContractStatus] | None = one_of(models.Contract.status)
    search: str | None = contains(models.Contract.reference, models.Contract.title)
    starts: DateRange | None = between(models.Contract.start_on)
    base_rate: DecimalRange | None = between(models.Contract.base_rate, P.VIEW_RATES)
    updated_since: datetime | None = since(models.Contract.updated_at)


class JobFilter:
    """Which jobs."""

    status: list[JobStatus] | None = one_of(models.Job.status)
    priority: list[JobPriority] | None = one_of(models.Job.priority)
    scheduled: InstantRange | None = between(models.Job.scheduled_at)
    search: str | None = contains(models.Job.reference, models.Job.title)
    cost: DecimalRange | None = between(models.Job.cost, P.VIEW_JOB_COST)
    updated_since: datetime | None = since(models.Job.updated_at)


class ReportFilter:
    """Which reports."""

    kind: list[ReportKind] | None = one_of(models.Report.kind)
    status: list[ReportStatus] | None = one_of(models.Report.status)
    period: DateRange | None = between(models.Report.period_start)
    search: str | None = contains(models.Report.title, models.Report.summary)
    updated_since: datetime | None = since(models.Report.updated_at)


class UserFilter:
    """Which users."""

    kind: list[UserKind] | None = one_of(models.User.kind)
    status: list[UserStatus] | None = one_of(models.User.status)
    search: str | None = contains(models.User.name, models.User.email)
    last_sign_in_before: datetime | None = before(models.User.last_sign_in_at)
    never_signed_in: bool | None = absent(models.User.last_sign_in_at)


class GrantFilter:
    """Which grants."""

    name: list[str] | None = one_of(models.Grant.name)


class ServiceFilter:
    """Which services."""

    search: str | None = contains(models.Service.name, models.Service.description)
    updated_since: datetime | None = since(models.Service.updated_at)


class ServiceSubscriptionFilter:
    """Which assigned services."""

    updated_since: datetime | None = since(models.ServiceSubscription.updated_at)


class AccountManagerFilter:
    """Which account managers."""

    updated_since: datetime | None = since(models.AccountManager.updated_at)


class ChangeRequestFilter:
    """Which proposals."""

    status: list[ChangeRequestStatus] | None = one_of(models.ChangeRequest.status)
    updated_since: datetime | None = since(models.ChangeRequest.updated_at)


class NotificationFilter:
    """Which notices."""

    kind: list[NotificationKind] | None = one_of(models.Notification.kind)
    unread: bool | None = equal(models.Notification.unread)


class PartnerApplicationFilter:
    """Which applications."""

    status: list[PartnerStatus] | None = one_of(models.PartnerApplication.status)
    search: str | None = contains(models.PartnerApplication.name)


class PartnerSecretFilter:
    """Which secrets."""

    search: str | None = contains(models.PartnerSecret.label)


class InvitationFilter:
    """Which invitations."""

    status: list[InvitationStatus] | None = one_of(models.Invitation.status)
    delivery: list[InvitationDelivery] | None = one_of(models.Invitation.delivery)


class PortalUserFilter:
    """Which portal users."""

    updated_since: datetime | None = since(models.PortalUser.updated_at)


class JobPartyFilter:
    """Which parties."""

    role: list[PartyRole] | None = one_of(models.JobParty.role)


paging(
    "Organization",
    models.Organization,
    orders(SHORT_NAME=models.Organization.short_name, CREATED=models.Organization.created_at),
    OrganizationFilter,
)
paging("Site", models.Site, orders(NAME=models.Site.name, CREATED=models.Site.created_at), SiteFilter)
paging("Contact", models.Contact, orders(NAME=models.Contact.name, CREATED=models.Contact.created_at), ContactFilter)
paging(
    "Contract",
    models.Contract,
    {
        **newest(START=models.Contract.start_on, REFERENCE=models.Contract.reference),
        "BASE_RATE": Order(models.Contract.base_rate, requires=P.VIEW_RATES, absent=_NO_RATE),
        "BASE_RATE_DESC": Order(models.Contract.base_rate, descending=True, requires=P.VIEW_RATES, absent=_NO_RATE),
    },
    ContractFilter,
)
paging(
    "Job",
    models.Job,
    newest(SCHEDULED=models.Job.scheduled_at, CREATED=models.Job.created_at, REFERENCE=models.Job.reference),
    JobFilter,
)
paging("JobParty", models.JobParty, orders(CREATED=models.JobParty.created_at), JobPartyFilter)
paging(
    "Report",
    models.Report,
    newest(PERIOD=models.Report.period_start, TITLE=models.Report.title, CREATED=models.Report.created_at),
    ReportFilter,
)
paging("User", models.User, orders(NAME=models.User.name, CREATED=models.User.created_at), UserFilter)
paging("Grant", models.Grant, orders(CREATED=models.Grant.created_at), GrantFilter)
paging("Invitation", models.Invitation, newest(CREATED=models.Invitation.created_at), InvitationFilter)
paging("PortalUser", models.PortalUser, orders(CREATED=models.PortalUser.created_at), PortalUserFilter)
paging(
    "PartnerApplication",
    models.PartnerApplication,
    orders(NAME=models.PartnerApplication.name, CREATED=models.PartnerApplication.created_at),
    PartnerApplicationFilter,
)
paging("PartnerSecret", models.PartnerSecret, newest(CREATED=models.PartnerSecret.created_at), PartnerSecretFilter)
paging("Service", models.Service, orders(NAME=models.Service.name, CREATED=models.Service.created_at), ServiceFilter)
paging(
    "ServiceSubscription",
    models.ServiceSubscription,
    orders(CREATED=models.ServiceSubscription.created_at),
    ServiceSubscriptionFilter,
)
paging("AccountManager", models.AccountManager, orders(CREATED=models.AccountManager.created_at), AccountManagerFilter)
paging("ChangeRequest", models.ChangeRequest, newest(CREATED=models.ChangeRequest.created_at), ChangeRequestFilter)
paging("Notification", models.Notification, newest(CREATED=models.Notification.created_at), NotificationFilter)
