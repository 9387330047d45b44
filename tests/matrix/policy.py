"""The policy as it is written (docs/permission-matrix.md, policy.txt and the list of features), typed in a second time.

The doubling is the point: a rule that is changed in one of the two places fails until the other agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.world.mirror import Row

PERMISSIONS: Mapping[str, str] = {
    "access.portal": "MANAGE_PORTAL_ACCESS",
    "access.staff": "MANAGE_STAFF_ACCESS",
    "access.view": "VIEW_ACCESS",
    "billing.edit": "EDIT_BILLING_PROFILE",
    "billing.view": "VIEW_BILLING_PROFILE",
    "clients.archive": "ARCHIVE_CLIENTS",
    "clients.create": "CREATE_CLIENTS",
    "clients.edit": "EDIT_CLIENTS",
    "clients.manage": "MANAGE_CLIENT_ORGANIZATIONS",
    "clients.view": "VIEW_CLIENTS",
    "contacts.edit": "EDIT_CONTACTS",
    "contacts.private": "VIEW_PRIVATE_PHONES",
    "contacts.propose": "PROPOSE_CONTACT_CHANGES",
    "contacts.view": "VIEW_CONTACTS",
    "contracts.activate": "ACTIVATE_CONTRACTS",
    "contracts.edit": "EDIT_CONTRACTS",
    "contracts.view": "VIEW_CONTRACTS",
    "jobs.cost": "VIEW_JOB_COST",
    "jobs.dispatch": "DISPATCH_JOBS",
    "jobs.edit": "EDIT_JOBS",
    "jobs.request": "REQUEST_WORK",
    "jobs.view": "VIEW_JOBS",
    "mail.cto": "RECEIVE_MONTHLY_CTO_EMAIL",
    "notes.internal": "VIEW_INTERNAL_NOTES",
    "notices.manage": "MANAGE_NOTICES",
    "notices.view": "VIEW_NOTICES",
    "partners.manage": "MANAGE_PARTNERS",
    "portal.invite": "INVITE_TO_PORTAL",
    "portal.view_as": "VIEW_AS",
    "rates.view": "VIEW_RATES",
    "records.import": "IMPORT_RECORDS",
    "reports.activity": "VIEW_ACTIVITY_REPORTS",
    "reports.edit": "EDIT_REPORTS",
    "reports.incident": "VIEW_INCIDENT_REPORTS",
    "reports.inspection": "VIEW_INSPECTION_REPORTS",
    "reports.performance": "VIEW_PERFORMANCE_REPORTS",
    "sites.archive": "ARCHIVE_SITES",
    "sites.edit": "EDIT_SITES",
    "tax.view": "VIEW_TAX_IDS",
    "terms.view": "VIEW_COMMERCIAL_TERMS",
}
_REPORTS = "reports.activity reports.incident reports.inspection reports.performance "
_LOOK = "clients.view contacts.view contracts.view jobs.view " + _REPORTS
STAFF_ROLES: Mapping[str, str] = {
    "administrator": " ".join(one for one in PERMISSIONS if one != "mail.cto"),
    "account_manager": _LOOK
    + "clients.create clients.edit clients.archive clients.manage billing.view contacts.private contacts.edit "
    "contracts.edit contracts.activate rates.view terms.view reports.edit notes.internal notices.view records.import",
    "operations_lead": _LOOK
    + "sites.edit sites.archive contacts.private contacts.edit jobs.edit jobs.dispatch jobs.cost reports.edit "
    "notes.internal",
    "finance": "clients.view billing.view billing.edit tax.view contacts.view contracts.view rates.view terms.view "
    "jobs.view jobs.cost notices.view notices.manage",
    "client_access_manager": "clients.view contacts.view portal.invite portal.view_as access.view access.portal",
    "dispatcher": "clients.view contacts.view contacts.private jobs.view jobs.edit jobs.dispatch notes.internal",
}
PORTAL_ROLES: Mapping[str, str] = {
    "portal_viewer": "clients.view jobs.view",
    "portal_manager": _LOOK + "rates.view terms.view jobs.request contacts.propose",
}
FEATURES: Mapping[str, str] = {
    "jobs": "jobs.view",
    "contracts": "contracts.view",
    "contacts": "contacts.view",
    "contact_changes": "contacts.view contacts.propose",
    "requests": "jobs.view jobs.request",
    "rates": "rates.view terms.view",
    "billing": "billing.view tax.view",
    "reports": _REPORTS,
    "activity_reports": "reports.activity",
    "incident_reports": "reports.incident",
    "inspection_reports": "reports.inspection",
    "performance_reports": "reports.performance",
}


SCOPES: Mapping[str, str] = {
    "organizations:read": "clients.view",
    "sites:read": "clients.view",
    "contacts:read": "contacts.view",
    "contracts:read": "contracts.view",
    "rates:read": "contracts.view rates.view",
    "jobs:read": "jobs.view",
    "reports:read": _REPORTS,
}


def _closed(permissions: str) -> frozenset[str]:
    """Any right shows the place it is held at, but for the right to get a certain mail."""
    given = frozenset(permissions.split())
    if "contacts.propose" in given:
        given |= {"contacts.view"}
    return given | {"clients.view"} if given - {"mail.cto"} else given


CONFERS: Mapping[str, frozenset[str]] = {
    **{name: _closed(given) for name, given in {**STAFF_ROLES, **PORTAL_ROLES, **FEATURES, **SCOPES}.items()},
    **{one: _closed(one) for one in PERMISSIONS},
}
FOR_PORTAL = {*PORTAL_ROLES, *FEATURES} | frozenset(" ".join([*PORTAL_ROLES.values(), *FEATURES.values()]).split())
FOR_STAFF = {*STAFF_ROLES, *PERMISSIONS}

SIGNED = ("ACTIVE", "EXPIRING", "TERMINATED")
KINDS_OF_REPORT: Mapping[str, str] = {
    "ACTIVITY": "reports.activity",
    "INCIDENT": "reports.incident",
    "INSPECTION": "reports.inspection",
    "PERFORMANCE": "reports.performance",
}

_NODE = "id version createdAt updatedAt archivedAt "
PLAIN: Mapping[str, tuple[str, ...]] = {
    kind: tuple(names.split())
    for kind, names in {
        "Tenant": _NODE + "name slug timeZone currency",
        "Organization": _NODE + "legalName shortName status kind location industry companyType description website "
        "newBusinessYear externalId",
        "Site": _NODE + "name status timeZone address latitude longitude serviceDetails externalId",
        "Contact": _NODE + "name jobTitle email phone preferredChannel language isPrimary designations externalId",
        "Contract": _NODE + "reference title status startOn endOn cadence overtimePolicy externalId",
        "Job": _NODE + "reference title description status priority scheduledAt durationMinutes startedAt completedAt "
        "externalId timeline",
        "JobParty": _NODE + "role",
        "Report": _NODE + "kind status title summary body figures periodStart periodEnd publishedAt externalId",
        "User": _NODE + "kind status name email language lastSignInAt",
        "Membership": _NODE + "jobTitle",
        "PortalUser": _NODE,
        "Invitation": _NODE + "delivery status expiresAt sentAt failedAt endedAt",
        "Grant": _NODE + "kind name cause",
        "PartnerApplication": _NODE + "name clientId status environment fields bucket restoreRate",
        "PartnerSecret": _NODE + "label expiresAt lastUsedAt",
        "Service": _NODE + "name description",
        "ServiceSubscription": _NODE,
        "AccountManager": _NODE,
        "ChangeRequest": _NODE
        + "status changedFields name jobTitle email phone preferredChannel contactVersion reason "
        "decidedAt",
        "Notification": _NODE + "kind unread readAt",
        "Figure": "title unit points",
        "FigurePoint": "label value",
        "TimelineEntry": "status at",
        "Viewer": "id name email kind epoch user tenant viewedBy permissions places",
        "ViewedBy": "name",
        "PermissionCheck": "allowed code reason permission legacyCode conferredBy",
        "AccessPlace": "organization site permissions",
        "Explanation": "visible code reason permission conferredBy",
        "Address": "street city region postalCode country",
        "BillingProfile": "paymentTerms paymentDays currency email remittanceDetails",
        "TaxIds": "registrationNumber taxNumber vatNumber",
        "Money": "amount currencyCode",
        "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    }.items()
}
GUARDS: Mapping[str, Mapping[str, str]] = {
    "Organization": {
        "billingProfile": "billing.view",
        "taxIds": "tax.view",
        "internalNotes": "notes.internal",
    },
    "Site": {"internalNotes": "notes.internal"},
    "Contact": {"privatePhone": "contacts.private", "internalNotes": "notes.internal"},
    "Contract": {
        "baseRate": "rates.view",
        "weekendMultiplier": "rates.view",
        "holidayMultiplier": "rates.view",
        "commercialTerms": "terms.view",
        "internalNotes": "notes.internal",
    },
    "Job": {"cost": "jobs.cost", "internalNotes": "notes.internal"},
    "Report": {"internalNotes": "notes.internal"},
    "ChangeRequest": {"privatePhone": "contacts.private"},
}
REFERENCES: Mapping[str, tuple[str, ...]] = {
    "Organization": ("owner",),
    "Site": ("organization",),
    "Contact": ("organization", "site"),
    "Contract": ("organization", "site"),
    "Job": ("organization", "site", "contract", "service", "requestedBy"),
    "ServiceSubscription": ("service", "organization"),
    "AccountManager": ("organization", "user"),
    "ChangeRequest": ("contact", "organization", "site", "proposedBy"),
    "Notification": ("job", "changeRequest", "organization"),
    "JobParty": ("job", "organization", "contact"),
    "Report": ("organization", "site", "job"),
    "User": ("organization",),
    "Membership": ("user",),
    "PortalUser": ("user", "organization", "contact"),
    "Invitation": ("user", "portalUser", "organization", "contact", "invitedBy"),
    "Grant": ("user", "organization", "site"),
    "PartnerApplication": ("user",),
    "PartnerSecret": ("application",),
}
LISTS: Mapping[str, str] = {
    f"{kind[0].lower()}{kind[1:]}s": kind
    for kind in (
        "Organization",
        "Site",
        "Contact",
        "Contract",
        "Job",
        "Report",
        "User",
        "Service",
        "ChangeRequest",
        "PartnerApplication",
    )
}
VIEWER_LISTS: Mapping[str, str] = {"notifications": "Notification"}
"""Lists of what is the viewer's own: there is none at the root."""


@dataclass(frozen=True)
class Order:
    """A column rows are sorted by, and the right it takes."""

    column: str
    requires: str | None = None


ORDERS: Mapping[str, Mapping[str, Order]] = {
    "Organization": {"SHORT_NAME": Order("shortName"), "CREATED": Order("createdAt")},
    "Site": {"NAME": Order("name"), "CREATED": Order("createdAt")},
    "Contact": {"NAME": Order("name"), "CREATED": Order("createdAt")},
    "Contract": {
        "START": Order("startOn"),
        "REFERENCE": Order("reference"),
        "BASE_RATE": Order("baseRate", "rates.view"),
    },
    "Job": {"SCHEDULED": Order("scheduledAt"), "CREATED": Order("createdAt"), "REFERENCE": Order("reference")},
    "JobParty": {"CREATED": Order("createdAt")},
    "Report": {"PERIOD": Order("periodStart"), "TITLE": Order("title"), "CREATED": Order("createdAt")},
    "User": {"NAME": Order("name"), "CREATED": Order("createdAt")},
    "PortalUser": {"CREATED": Order("createdAt")},
    "Invitation": {"CREATED": Order("createdAt")},
    "Grant": {"CREATED": Order("createdAt")},
    "PartnerApplication": {"NAME": Order("name"), "CREATED": Order("createdAt")},
    "PartnerSecret": {"CREATED": Order("createdAt")},
    "Service": {"NAME": Order("name"), "CREATED": Order("createdAt")},
    **{kind: {"CREATED": Order("createdAt")} for kind in ("ServiceSubscription", "AccountManager", "ChangeRequest")},
    "Notification": {"CREATED": Order("createdAt")},
}


@dataclass(frozen=True)
class Filter:
    """A test of a row against the value given, values worth trying, and the right it takes."""

    test: Callable[[Row, Any], bool]
    samples: tuple[Any, ...]
    requires: str | None = None


def _one_of(column: str, *samples: str) -> Filter:
    tried = tuple([one] for one in samples)
    return Filter(lambda row, value: row[column] in value, (*tried, [], list(samples)))


def _search(*columns: str) -> Filter:
    def test(row: Row, value: str) -> bool:
        texts = [row["address"][name.removeprefix("address.")] if "." in name else row[name] for name in columns]
        return any(text is not None and value.lower() in text.lower() for text in texts)

    return Filter(test, ("", "a", "OR", "secret", "100%", "_", "no such thing"))


def _range(column: str, low: str, high: str, requires: str | None = None) -> Filter:
    read: Callable[[str], Any] = Decimal if requires else str

    def test(row: Row, value: Mapping[str, Any]) -> bool:
        since, before = value.get("since"), value.get("before")
        shown = row[column]
        if shown is None:
            return False
        at = read(shown["amount"] if requires else shown)
        return (since is None or at >= read(since)) and (before is None or at < read(before))

    samples = ({"since": low}, {"before": high}, {"since": low, "before": high}, {"since": high, "before": low}, {})
    return Filter(test, samples, requires)


_SINCE = Filter(
    lambda row, value: row["updatedAt"] >= value, ("2020-01-01T00:00:00.000000Z", "2100-01-01T00:00:00.000000Z")
)
FILTERS: Mapping[str, Mapping[str, Filter]] = {
    "Organization": {
        "status": _one_of("status", "ACTIVE", "PROSPECT", "ARCHIVED"),
        "kind": _one_of("kind", "COMPANY", "INDIVIDUAL"),
        "location": _one_of("location", "LOCAL", "FOREIGN"),
        "search": _search("legalName", "shortName", "externalId"),
        "updatedSince": _SINCE,
    },
    "Site": {
        "status": _one_of("status", "ACTIVE", "LIMITED", "CLOSED"),
        "country": Filter(lambda row, value: row["address"]["country"] in value, (["DE"], ["FR", "XX"], [])),
        "search": _search("name", "address.city", "address.street"),
        "updatedSince": _SINCE,
    },
    "Contact": {
        "isPrimary": Filter(lambda row, value: row["isPrimary"] is value, (True, False)),
        "search": _search("name", "email", "jobTitle"),
        "updatedSince": _SINCE,
    },
    "Contract": {
        "status": _one_of("status", "DRAFT", "ACTIVE", "TERMINATED"),
        "search": _search("reference", "title"),
        "starts": _range("startOn", "2026-01-02", "2026-01-04"),
        "baseRate": _range("baseRate", "1060", "1067.5", "rates.view"),
        "updatedSince": _SINCE,
    },
    "Job": {
        "status": _one_of("status", "REQUESTED", "COMPLETED", "ON_HOLD"),
        "priority": _one_of("priority", "LOW", "CRITICAL"),
        "scheduled": _range("scheduledAt", "2026-06-01T10:00:00.000000Z", "2026-06-01T13:00:00.000000Z"),
        "search": _search("reference", "title"),
        "cost": _range("cost", "500100", "500110.5", "jobs.cost"),
        "updatedSince": _SINCE,
    },
    "JobParty": {"role": _one_of("role", "PRIMARY", "STAKEHOLDER", "TECHNICAL")},
    "Report": {
        "kind": _one_of("kind", "INCIDENT", "ACTIVITY"),
        "status": _one_of("status", "DRAFT", "PUBLISHED", "WITHDRAWN"),
        "period": _range("periodStart", "2026-05-02", "2026-05-04"),
        "search": _search("title", "summary"),
        "updatedSince": _SINCE,
    },
    "User": {
        "kind": _one_of("kind", "STAFF", "PORTAL"),
        "status": _one_of("status", "ACTIVE", "SUSPENDED", "INVITED"),
        "search": _search("name", "email"),
        "lastSignInBefore": Filter(
            lambda row, value: row["lastSignInAt"] is not None and row["lastSignInAt"] < value,
            ("2020-01-01T00:00:00.000000Z", "2100-01-01T00:00:00.000000Z"),
        ),
        "neverSignedIn": Filter(lambda row, value: (row["lastSignInAt"] is None) is value, (True, False)),
    },
    "PortalUser": {"updatedSince": _SINCE},
    "Invitation": {
        "status": _one_of("status", "PENDING", "REPLACED", "CANCELLED"),
        "delivery": _one_of("delivery", "LINK", "TEMPORARY_PASSWORD"),
    },
    "PartnerApplication": {"status": _one_of("status", "ACTIVE", "DISABLED"), "search": _search("name")},
    "PartnerSecret": {"search": _search("label")},
    "Grant": {"name": _one_of("name", "administrator", "reports", "no such thing")},
    "Service": {"search": _search("name", "description"), "updatedSince": _SINCE},
    "ServiceSubscription": {"updatedSince": _SINCE},
    "AccountManager": {"updatedSince": _SINCE},
    "ChangeRequest": {"status": _one_of("status", "PENDING", "DECLINED", "APPROVED"), "updatedSince": _SINCE},
    "Notification": {
        "kind": _one_of("kind", "JOB_REQUESTED", "CHANGE_DECLINED"),
        "unread": Filter(lambda row, value: row["unread"] is value, (True, False)),
    },
}


def guards_of_arguments(kind: str, order: str, chosen: Mapping[str, Any]) -> Iterator[str]:
    """The rights it takes to sort and filter so."""
    used = [ORDERS[kind][order.removesuffix("_DESC")].requires]
    used += [FILTERS[kind][name].requires for name, value in chosen.items() if value is not None]
    yield from (one for one in used if one is not None)
