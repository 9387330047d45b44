"""What exists: the rows, their keys and constraints. Imports nothing else of the project."""

from models.base import Base, TenantRow, Versioned, new_id
from models.contact import Contact, ContactChannel, ContactDesignation
from models.contract import Contract, ContractStatus, InvoicingCadence, OvertimePolicy
from models.event import EventLog, EventRecord, IdempotencyKey, NodeLease
from models.job import Job, JobParty, JobPriority, JobStatus, PartyRole
from models.organization import Location, Organization, OrganizationKind, OrganizationStatus, PaymentTerms
from models.place import Place
from models.report import Report, ReportKind, ReportStatus
from models.site import Site, SiteStatus
from models.tenant import Tenant, TenantStatus
from models.user import (
    Grant,
    GrantKind,
    Membership,
    PermissionEpoch,
    PortalUser,
    Session,
    SessionKind,
    User,
    UserKind,
    UserStatus,
)

__all__ = [
    "Base",
    "Contact",
    "ContactChannel",
    "ContactDesignation",
    "Contract",
    "ContractStatus",
    "EventLog",
    "EventRecord",
    "Grant",
    "GrantKind",
    "IdempotencyKey",
    "InvoicingCadence",
    "Job",
    "JobParty",
    "JobPriority",
    "JobStatus",
    "Location",
    "Membership",
    "NodeLease",
    "Organization",
    "OrganizationKind",
    "OrganizationStatus",
    "OvertimePolicy",
    "PartyRole",
    "PaymentTerms",
    "PermissionEpoch",
    "Place",
    "PortalUser",
    "Report",
    "ReportKind",
    "ReportStatus",
    "Session",
    "SessionKind",
    "Site",
    "SiteStatus",
    "Tenant",
    "TenantRow",
    "TenantStatus",
    "User",
    "UserKind",
    "UserStatus",
    "Versioned",
    "new_id",
]
