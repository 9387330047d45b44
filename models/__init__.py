"""What exists: the rows, their keys and constraints. Imports nothing else of the project."""

from models.account_manager import AccountManager
from models.audit import AuditEntry
from models.base import Base, TenantRow, Versioned, new_id
from models.change_request import ChangeRequest, ChangeRequestStatus, ContactField
from models.contact import Contact, ContactChannel, ContactDesignation
from models.contract import Contract, ContractStatus, InvoicingCadence, OvertimePolicy
from models.event import EventLog, EventRecord, IdempotencyKey, NodeLease
from models.factor import Authenticator, Passkey, RecoveryCode, SignInAttempt, SignInChallenge
from models.invitation import (
    Invitation,
    InvitationDelivery,
    InvitationStatus,
    Mail,
    MailStatus,
    OneTimeSecret,
    SecretPurpose,
)
from models.job import Job, JobCount, JobParty, JobPriority, JobStatus, PartyRole
from models.language import Language
from models.notification import Notification, NotificationKind
from models.organization import Location, Organization, OrganizationKind, OrganizationStatus, PaymentTerms
from models.partner import PartnerApplication, PartnerBudget, PartnerEnvironment, PartnerSecret, PartnerStatus
from models.place import Area, Place
from models.report import Report, ReportKind, ReportStatus
from models.service import Service, ServiceSubscription
from models.site import Site, SiteStatus
from models.sso import IdentityProvider, StaffIdentity
from models.tenant import Tenant, TenantStatus
from models.user import (
    Grant,
    GrantKind,
    Membership,
    PermissionEpoch,
    PortalUser,
    Session,
    SessionKind,
    SessionNeed,
    User,
    UserKind,
    UserStatus,
)

__all__ = [
    "AccountManager",
    "Area",
    "AuditEntry",
    "Authenticator",
    "Base",
    "ChangeRequest",
    "ChangeRequestStatus",
    "Contact",
    "ContactChannel",
    "ContactDesignation",
    "ContactField",
    "Contract",
    "ContractStatus",
    "EventLog",
    "EventRecord",
    "Grant",
    "GrantKind",
    "IdempotencyKey",
    "IdentityProvider",
    "Invitation",
    "InvitationDelivery",
    "InvitationStatus",
    "InvoicingCadence",
    "Job",
    "JobCount",
    "JobParty",
    "JobPriority",
    "JobStatus",
    "Language",
    "Location",
    "Mail",
    "MailStatus",
    "Membership",
    "NodeLease",
    "Notification",
    "NotificationKind",
    "OneTimeSecret",
    "Organization",
    "OrganizationKind",
    "OrganizationStatus",
    "OvertimePolicy",
    "PartnerApplication",
    "PartnerBudget",
    "PartnerEnvironment",
    "PartnerSecret",
    "PartnerStatus",
    "PartyRole",
    "Passkey",
    "PaymentTerms",
    "PermissionEpoch",
    "Place",
    "PortalUser",
    "RecoveryCode",
    "Report",
    "ReportKind",
    "ReportStatus",
    "SecretPurpose",
    "Service",
    "ServiceSubscription",
    "Session",
    "SessionKind",
    "SessionNeed",
    "SignInAttempt",
    "SignInChallenge",
    "Site",
    "SiteStatus",
    "StaffIdentity",
    "Tenant",
    "TenantRow",
    "TenantStatus",
    "User",
    "UserKind",
    "UserStatus",
    "Versioned",
    "new_id",
]
