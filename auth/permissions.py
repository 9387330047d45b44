"""The whole policy, as data: what can be permitted, which roles and features confer it, and who may hand it out."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from models import GrantKind, ReportKind


class Permission(enum.StrEnum):
    """One right, judged at a place. The value is its slug: ``<noun>.<verb>``."""

    VIEW_CLIENTS = "clients.view"
    CREATE_CLIENTS = "clients.create"
    EDIT_CLIENTS = "clients.edit"
    ARCHIVE_CLIENTS = "clients.archive"
    MANAGE_CLIENT_ORGANIZATIONS = "clients.manage"
    VIEW_BILLING_PROFILE = "billing.view"
    EDIT_BILLING_PROFILE = "billing.edit"
    VIEW_TAX_IDS = "tax.view"
    EDIT_SITES = "sites.edit"
    ARCHIVE_SITES = "sites.archive"
    VIEW_CONTACTS = "contacts.view"
    VIEW_PRIVATE_PHONES = "contacts.private"
    PROPOSE_CONTACT_CHANGES = "contacts.propose"
    EDIT_CONTACTS = "contacts.edit"
    VIEW_CONTRACTS = "contracts.view"
    EDIT_CONTRACTS = "contracts.edit"
    ACTIVATE_CONTRACTS = "contracts.activate"
    VIEW_RATES = "rates.view"
    VIEW_COMMERCIAL_TERMS = "terms.view"
    VIEW_JOBS = "jobs.view"
    REQUEST_WORK = "jobs.request"
    EDIT_JOBS = "jobs.edit"
    DISPATCH_JOBS = "jobs.dispatch"
    VIEW_JOB_COST = "jobs.cost"
    VIEW_ACTIVITY_REPORTS = "reports.activity"
    VIEW_INCIDENT_REPORTS = "reports.incident"
    VIEW_INSPECTION_REPORTS = "reports.inspection"
    VIEW_PERFORMANCE_REPORTS = "reports.performance"
    EDIT_REPORTS = "reports.edit"
    VIEW_INTERNAL_NOTES = "notes.internal"
    VIEW_NOTICES = "notices.view"
    MANAGE_NOTICES = "notices.manage"
    RECEIVE_MONTHLY_CTO_EMAIL = "mail.cto"
    INVITE_TO_PORTAL = "portal.invite"
    VIEW_AS = "portal.view_as"
    VIEW_ACCESS = "access.view"
    MANAGE_PORTAL_ACCESS = "access.portal"
    MANAGE_STAFF_ACCESS = "access.staff"
    MANAGE_PARTNERS = "partners.manage"
    IMPORT_RECORDS = "records.import"


P = Permission

# The numbers and slugs by which the systems before Portico named these rights.
LEGACY_CODES: Mapping[int, Permission] = MappingProxyType(
    {
        34: P.VIEW_CLIENTS,
        35: P.CREATE_CLIENTS,
        36: P.EDIT_CLIENTS,
        140: P.RECEIVE_MONTHLY_CTO_EMAIL,
        208: P.VIEW_NOTICES,
        209: P.MANAGE_NOTICES,
    }
)
LEGACY_CODE_OF: Mapping[Permission, int] = MappingProxyType({one: code for code, one in LEGACY_CODES.items()})
LEGACY_SLUGS: Mapping[str, Permission] = MappingProxyType(
    {
        "view_clients": P.VIEW_CLIENTS,
        "create_clients": P.CREATE_CLIENTS,
        "edit_clients": P.EDIT_CLIENTS,
        "delete_clients": P.ARCHIVE_CLIENTS,
        "manage_client_organizations": P.MANAGE_CLIENT_ORGANIZATIONS,
    }
)

REPORT_PERMISSIONS: Mapping[ReportKind, Permission] = MappingProxyType(
    {
        ReportKind.ACTIVITY: P.VIEW_ACTIVITY_REPORTS,
        ReportKind.INCIDENT: P.VIEW_INCIDENT_REPORTS,
        ReportKind.INSPECTION: P.VIEW_INSPECTION_REPORTS,
        ReportKind.PERFORMANCE: P.VIEW_PERFORMANCE_REPORTS,
    }
)
REPORT_FEATURES: Mapping[ReportKind, str] = MappingProxyType({kind: f"{kind.lower()}_reports" for kind in ReportKind})
"""The feature that shows one kind of report."""
ALL_REPORTS = frozenset(REPORT_PERMISSIONS.values())

# Who may see or do something at a place sees at least that the place exists and what it is called.
IMPLIED: Mapping[Permission, frozenset[Permission]] = MappingProxyType(
    {
        permission: frozenset({P.VIEW_CLIENTS})
        for permission in Permission
        if permission not in (P.VIEW_CLIENTS, P.RECEIVE_MONTHLY_CTO_EMAIL)
    }
    # A proposal shows what stands now: nobody proposes blindly.
    | {P.PROPOSE_CONTACT_CHANGES: frozenset({P.VIEW_CLIENTS, P.VIEW_CONTACTS})}
)

_LOOK = frozenset({P.VIEW_CLIENTS, P.VIEW_CONTACTS, P.VIEW_CONTRACTS, P.VIEW_JOBS, *ALL_REPORTS})

ROLES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "administrator": frozenset(Permission) - {P.RECEIVE_MONTHLY_CTO_EMAIL},
        "account_manager": _LOOK
        | {
            P.CREATE_CLIENTS,
            P.EDIT_CLIENTS,
            P.ARCHIVE_CLIENTS,
            P.MANAGE_CLIENT_ORGANIZATIONS,
            P.EDIT_CONTACTS,
            P.VIEW_PRIVATE_PHONES,
            P.EDIT_CONTRACTS,
            P.ACTIVATE_CONTRACTS,
            P.VIEW_RATES,
            P.VIEW_COMMERCIAL_TERMS,
            P.VIEW_BILLING_PROFILE,
            P.VIEW_INTERNAL_NOTES,
            P.VIEW_NOTICES,
            P.EDIT_REPORTS,
            P.IMPORT_RECORDS,
        },
        "operations_lead": _LOOK
        | {
            P.EDIT_SITES,
            P.ARCHIVE_SITES,
            P.EDIT_CONTACTS,
            P.VIEW_PRIVATE_PHONES,
            P.EDIT_JOBS,
            P.DISPATCH_JOBS,
            P.VIEW_JOB_COST,
            P.VIEW_INTERNAL_NOTES,
            P.EDIT_REPORTS,
        },
        "finance": frozenset(
            {
                P.VIEW_CLIENTS,
                P.VIEW_CONTACTS,
                P.VIEW_CONTRACTS,
                P.VIEW_JOBS,
                P.VIEW_RATES,
                P.VIEW_COMMERCIAL_TERMS,
                P.VIEW_BILLING_PROFILE,
                P.EDIT_BILLING_PROFILE,
                P.VIEW_TAX_IDS,
                P.VIEW_JOB_COST,
                P.VIEW_NOTICES,
                P.MANAGE_NOTICES,
            }
        ),
        "client_access_manager": frozenset(
            {
                P.VIEW_CLIENTS,
                P.VIEW_CONTACTS,
                P.INVITE_TO_PORTAL,
                P.VIEW_AS,
                P.VIEW_ACCESS,
                P.MANAGE_PORTAL_ACCESS,
            }
        ),
        "dispatcher": frozenset(
            {
                P.VIEW_CLIENTS,
                P.VIEW_CONTACTS,
                P.VIEW_PRIVATE_PHONES,
                P.VIEW_JOBS,
                P.EDIT_JOBS,
                P.DISPATCH_JOBS,
                P.VIEW_INTERNAL_NOTES,
            }
        ),
        "portal_viewer": frozenset({P.VIEW_CLIENTS, P.VIEW_JOBS}),
        "portal_manager": _LOOK | {P.VIEW_RATES, P.VIEW_COMMERCIAL_TERMS, P.REQUEST_WORK, P.PROPOSE_CONTACT_CHANGES},
    }
)

# What a portal user can be given beyond a role, one by one.
FEATURES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "jobs": frozenset({P.VIEW_JOBS}),
        "contracts": frozenset({P.VIEW_CONTRACTS}),
        "contacts": frozenset({P.VIEW_CONTACTS}),
        "contact_changes": frozenset({P.VIEW_CONTACTS, P.PROPOSE_CONTACT_CHANGES}),
        "requests": frozenset({P.VIEW_JOBS, P.REQUEST_WORK}),
        "rates": frozenset({P.VIEW_RATES, P.VIEW_COMMERCIAL_TERMS}),
        "billing": frozenset({P.VIEW_BILLING_PROFILE, P.VIEW_TAX_IDS}),
        "reports": ALL_REPORTS,
        "activity_reports": frozenset({P.VIEW_ACTIVITY_REPORTS}),
        "incident_reports": frozenset({P.VIEW_INCIDENT_REPORTS}),
        "inspection_reports": frozenset({P.VIEW_INSPECTION_REPORTS}),
        "performance_reports": frozenset({P.VIEW_PERFORMANCE_REPORTS}),
    }
)

PORTAL_ROLES = frozenset({"portal_viewer", "portal_manager"})

# What a partner application can be given; a scope names the permission it stands for.
PARTNER_SCOPES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "organizations:read": frozenset({P.VIEW_CLIENTS}),
        "sites:read": frozenset({P.VIEW_CLIENTS}),
        "contacts:read": frozenset({P.VIEW_CLIENTS, P.VIEW_CONTACTS}),
        "contracts:read": frozenset({P.VIEW_CLIENTS, P.VIEW_CONTRACTS}),
        "rates:read": frozenset({P.VIEW_CLIENTS, P.VIEW_CONTRACTS, P.VIEW_RATES}),
        "jobs:read": frozenset({P.VIEW_CLIENTS, P.VIEW_JOBS}),
        "reports:read": frozenset({P.VIEW_CLIENTS, *ALL_REPORTS}),
    }
)


def closure(permissions: frozenset[Permission]) -> frozenset[Permission]:
    """``permissions`` and all that they imply."""
    return permissions.union(*(IMPLIED.get(one, frozenset()) for one in permissions))


# Every name a grant can carry. Names are unique over the kinds, so a grant needs to be looked up by its name alone.
CONFERS: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        **{name: closure(permissions) for name, permissions in ROLES.items()},
        **{name: closure(permissions) for name, permissions in FEATURES.items()},
        **{name: closure(permissions) for name, permissions in PARTNER_SCOPES.items()},
        **{permission.value: closure(frozenset({permission})) for permission in Permission},
    }
)


def kind_of(name: str) -> GrantKind:
    """Whether a grantable name is a role, a feature, a scope or a single permission; ValueError for anything else."""
    if name in ROLES:
        return GrantKind.ROLE
    if name in FEATURES:
        return GrantKind.FEATURE
    if name in PARTNER_SCOPES:
        return GrantKind.SCOPE
    Permission(name)
    return GrantKind.PERMISSION


@cache
def names_conferring(permission: Permission) -> tuple[str, ...]:
    """The names of the grants that confer ``permission``, in a stable order."""
    return tuple(sorted(name for name, conferred in CONFERS.items() if permission in conferred))


def grantable_to_portal(name: str) -> bool:
    """Whether ``name`` can be given to a portal user: portal roles, features, and what those consist of."""
    return name in PORTAL_ROLES or name in FEATURES or name in _PORTAL_PERMISSIONS


_PORTAL_PERMISSIONS = frozenset(permission.value for name in (*PORTAL_ROLES, *FEATURES) for permission in CONFERS[name])
