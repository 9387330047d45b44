"""What each viewer may do, worked out anew: which rows a command needs to see, and which right at which place.

The order is the service's promise too: whoever does not see a row is told nothing of its version, and whoever may not
do a thing is not told why it could not be done anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.matrix.oracle import TENANT, Eyes, Place, place_of
from tests.world.mirror import Row

Rows = Mapping[str, Row]
Refusal = tuple[str, str | None, str | None]
"""Code, input field, missing permission."""


@dataclass(frozen=True)
class Command:
    """``refs`` are the rows it refers to in the order they are sought: input field and type (``?``: may be left out).

    ``rights`` gives the rights it takes with their places; ``fields`` are further inputs, with the right of their own
    that some take.
    """

    payload: str
    refs: Mapping[str, str]
    rights: Callable[[Rows], Iterator[tuple[str, Place]]]
    fields: Mapping[str, str | None] = field(default_factory=dict)
    versioned: bool = False
    others_only: bool = False
    shows: tuple[str, ...] = ()
    """Payload fields that show a secret once."""
    own: tuple[str, str] | None = None
    """The column that must hold the viewer, and how others are refused."""


def at(name: str, permission: str) -> Callable[[Rows], Iterator[tuple[str, Place]]]:
    return lambda rows: iter([(permission, place_of(rows[name]))])


def at_given(permission: str) -> Callable[[Rows], Iterator[tuple[str, Place]]]:
    """At the site if one is given, else at the organization."""
    return lambda rows: iter([(permission, place_of(rows.get("siteId") or rows["organizationId"]))])


def at_tenant(permission: str) -> Callable[[Rows], Iterator[tuple[str, Place]]]:
    return lambda _: iter([(permission, TENANT)])


def to_manage(user: Row) -> str:
    return {"PORTAL": "access.portal", "STAFF": "access.staff", "PARTNER": "partners.manage"}[user["kind"]]


def _of_user(rows: Rows) -> Iterator[tuple[str, Place]]:
    yield to_manage(rows["id"]), place_of(rows["id"])


def _switch(rows: Rows) -> Iterator[tuple[str, Place]]:
    yield from _of_user(rows)
    yield "access.view", place_of(rows["id"])


def _granting(rows: Rows) -> Iterator[tuple[str, Place]]:
    place = rows["placeId"]
    yield to_manage(rows["userId"]), TENANT if place["__typename"] == "Tenant" else place_of(place)


def _moving(rows: Rows) -> Iterator[tuple[str, Place]]:
    yield "contracts.edit", place_of(rows["id"])
    yield "contracts.edit", place_of(rows["siteId"]) if "siteId" in rows else (rows["id"]["organization"], None)


def nothing(_: Rows) -> Iterator[tuple[str, Place]]:
    """What is one's own takes no right."""
    return iter([])


def _revoking(rows: Rows) -> Iterator[tuple[str, Place]]:
    yield to_manage(rows["whose"]), place_of(rows["id"])


_RIGHTS = {
    "tax": "tax.view", "billing": "billing.edit", "notes": "notes.internal", "private": "contacts.private",
    "rates": "rates.view", "terms": "terms.view", "cost": "jobs.cost",
}  # fmt: skip


def fields(names: str, **guarded: str) -> dict[str, str | None]:
    """Input fields: plain ones, and those that take a right of their own."""
    made: dict[str, str | None] = dict.fromkeys(names.split())
    for right, ones in guarded.items():
        made |= dict.fromkeys(ones.split(), _RIGHTS[right])
    return made


ORGANIZATION = fields(
    "legalName shortName kind location industry companyType description website newBusinessYear externalId",
    tax="registrationNumber taxNumber vatNumber",
    billing="paymentTerms paymentDays billingCurrency billingEmail remittanceDetails",
    notes="internalNotes",
)
SITE = fields(
    "name timeZone addressStreet addressCity addressRegion addressPostalCode addressCountry latitude longitude "
    "serviceDetails externalId",
    notes="internalNotes",
)
CONTACT = fields(
    "name jobTitle email phone preferredChannel language designations externalId",
    private="privatePhone",
    notes="internalNotes",
)
CONTRACT = fields(
    "reference title startOn endOn cadence overtimePolicy externalId",
    rates="currency baseRate weekendMultiplier holidayMultiplier",
    terms="commercialTerms",
    notes="internalNotes",
)
JOB = fields(
    "reference title description priority scheduledAt durationMinutes externalId",
    cost="currency cost",
    notes="internalNotes",
)
REPORT = fields("kind title summary body figures periodStart periodEnd externalId", notes="internalNotes")


def step(kind: str, permission: str) -> Command:
    return Command(kind, {"id": kind}, at("id", permission), versioned=True)


def update(kind: str, permission: str, given: Mapping[str, str | None], **refs: str) -> Command:
    return Command(kind, {"id": kind, **refs}, at("id", permission), given, versioned=True)


PARTNER = fields("name fields bucket restoreRate")
_PLACE = {"organizationId": "Organization", "siteId": "Site?"}
JOB_STEPS = ("schedule", "start", "hold", "resume", "complete", "cancel")
COMMANDS: Mapping[str, Command] = {
    "createOrganization": Command("Organization", {"ownerId": "User?"}, at_tenant("clients.create"), ORGANIZATION),
    "updateOrganization": update("Organization", "clients.edit", ORGANIZATION, ownerId="User?"),
    "activateOrganization": step("Organization", "clients.manage"),
    "pauseOrganization": step("Organization", "clients.manage"),
    "archiveOrganization": step("Organization", "clients.archive"),
    "createSite": Command("Site", {"organizationId": "Organization"}, at("organizationId", "sites.edit"), SITE),
    "updateSite": update("Site", "sites.edit", SITE),
    "limitSite": step("Site", "sites.edit"),
    "reopenSite": step("Site", "sites.edit"),
    "closeSite": step("Site", "sites.archive"),
    "createContact": Command("Contact", _PLACE, at_given("contacts.edit"), {**CONTACT, "invite": None}),
    "updateContact": update("Contact", "contacts.edit", CONTACT),
    "makeContactPrimary": Command(
        "Contact",
        {"id": "Contact"},
        lambda rows: iter([("contacts.edit", (rows["id"]["organization"], None))]),
        {"expectedPrimaryId": None},
        versioned=True,
    ),
    "archiveContact": step("Contact", "contacts.edit"),
    "createContract": Command("Contract", _PLACE, at_given("contracts.edit"), CONTRACT),
    "updateContract": update("Contract", "contracts.edit", CONTRACT),
    "activateContract": step("Contract", "contracts.activate"),
    "terminateContract": step("Contract", "contracts.activate"),
    "createJob": Command("Job", {"siteId": "Site", "contractId": "Contract?"}, at("siteId", "jobs.edit"), JOB),
    "updateJob": update("Job", "jobs.edit", JOB),
    **{f"{name}Job": step("Job", "jobs.dispatch") for name in JOB_STEPS},
    "addJobParty": update("Job", "jobs.edit", {"role": None}, organizationId="Organization", contactId="Contact?"),
    "removeJobParty": update("Job", "jobs.edit", {}, partyId="JobParty"),
    "createReport": Command("Report", {"siteId": "Site", "jobId": "Job?"}, at("siteId", "reports.edit"), REPORT),
    "updateReport": update("Report", "reports.edit", REPORT),
    **{f"{name}Report": step("Report", "reports.edit") for name in ("publish", "withdraw", "archive")},
    "createStaffUser": Command("User", {}, at_tenant("access.staff"), fields("jobTitle name email language")),
    "invitePortalUser": Command(
        "Invitation",
        {"contactId": "Contact"},
        lambda rows: iter([("portal.invite", (rows["contactId"]["organization"], None))]),
        dict.fromkeys(("delivery", "role", "features", "reportKinds", "placeIds")),
    ),
    "resendInvitation": Command(
        "Invitation", {"id": "Invitation"}, at("id", "portal.invite"), {"delivery": None}, versioned=True
    ),
    "cancelInvitation": step("Invitation", "portal.invite"),
    "updateUser": Command("User", {"id": "User"}, _of_user, {"name": None, "language": None}, versioned=True),
    "suspendUser": Command("User", {"id": "User"}, _switch, versioned=True, others_only=True),
    "reactivateUser": Command("User", {"id": "User"}, _switch, versioned=True, others_only=True),
    "resetSecondFactors": Command("User", {"id": "User"}, _of_user, versioned=True, others_only=True),
    "grantAccess": Command(
        "Grant", {"userId": "User", "placeId": "place"}, _granting, {"name": None}, others_only=True
    ),
    "setAccess": Command(
        "User", {"id": "User"}, _of_user, dict.fromkeys(("grants", "expectedEpoch")), others_only=True
    ),
    "revokeAccess": Command("Grant", {"id": "Grant"}, _revoking, versioned=True, others_only=True),
    "createPartnerApplication": Command(
        "PartnerApplication", {}, at_tenant("partners.manage"), PARTNER, shows=("secret",)
    ),
    "updatePartnerApplication": update("PartnerApplication", "partners.manage", PARTNER),
    "disablePartnerApplication": step("PartnerApplication", "partners.manage"),
    "enablePartnerApplication": step("PartnerApplication", "partners.manage"),
    "rotatePartnerSecret": Command(
        "PartnerSecret",
        {"id": "PartnerApplication"},
        at("id", "partners.manage"),
        fields("label expiresAt"),
        versioned=True,
        shows=("secret",),
    ),
    "endPartnerSecret": step("PartnerSecret", "partners.manage"),
    "moveContract": Command("Contract", {"id": "Contract", "siteId": "Site?"}, _moving, versioned=True),
    "createService": Command("Service", {}, at_tenant("clients.manage"), fields("name description")),
    "updateService": update("Service", "clients.manage", fields("name description")),
    "archiveService": step("Service", "clients.manage"),
    "assignService": Command(
        "ServiceSubscription",
        {"organizationId": "Organization", "serviceId": "Service"},
        at("organizationId", "clients.edit"),
    ),
    "withdrawService": step("ServiceSubscription", "clients.edit"),
    "assignAccountManager": Command(
        "AccountManager", {"organizationId": "Organization", "userId": "User"}, at("organizationId", "clients.edit")
    ),
    "removeAccountManager": step("AccountManager", "clients.edit"),
    # The service is no row that is sought: whatever is not assigned is refused in one way.
    "requestJob": Command(
        "Job",
        {"siteId": "Site"},
        at("siteId", "jobs.request"),
        fields("serviceId title description priority preferredAt"),
    ),
    "withdrawJobRequest": Command(
        "Job", {"id": "Job"}, at("id", "jobs.request"), versioned=True, own=("requestedBy", "NOT_YOUR_REQUEST")
    ),
    "proposeContactChange": Command(
        "ChangeRequest",
        {"contactId": "Contact"},
        at("contactId", "contacts.propose"),
        fields("name jobTitle email phone preferredChannel contactVersion", private="privatePhone"),
    ),
    "approveChange": step("ChangeRequest", "contacts.edit"),
    "declineChange": update("ChangeRequest", "contacts.edit", {"reason": None}),
    "withdrawChange": Command(
        "ChangeRequest",
        {"id": "ChangeRequest"},
        at("id", "contacts.propose"),
        versioned=True,
        own=("proposedBy", "NOT_YOUR_PROPOSAL"),
    ),
    "markNotificationRead": Command("Notification", {"id": "Notification"}, nothing, versioned=True),
    "markNotificationsRead": Command("Notification", {"upTo": "Notification"}, nothing),
}  # fmt: skip


def verdict(eyes: Eyes, name: str, given: Mapping[str, Any]) -> Refusal | None:
    """How the command is refused for want of sight or right; None if it is not."""
    command, rows = COMMANDS[name], dict[str, Row]()
    for one, kind in command.refs.items():
        if given.get(one) is None:
            continue
        row = eyes.visible(given[one])
        if row is None or not _fits(row, kind.removesuffix("?")):
            return "NOT_FOUND", one, None
        rows[one] = row
        if one == "id" and given.get("expectedVersion") not in (None, row["version"]):
            return "CONFLICT", "expectedVersion", None
    return _elsewhere(name, rows) or _forbidden(eyes, command, rows) or _guarded(eyes, command, rows, given)


def _fits(row: Row, kind: str) -> bool:
    return row["__typename"] in (("Tenant", "Organization", "Site") if kind == "place" else (kind,))


def _elsewhere(name: str, rows: Rows) -> Refusal | None:
    """A row that belongs to another one than it is named with is not found."""
    if "siteId" in rows and "organizationId" in rows and rows["siteId"]["organization"] != rows["organizationId"]["id"]:
        return "NOT_FOUND", "siteId", None
    if "contactId" in rows and "organizationId" in rows:
        same = rows["contactId"]["organization"] == rows["organizationId"]["id"]
        return None if same else ("NOT_FOUND", "contactId", None)
    if name == "moveContract" and "siteId" in rows:
        same = rows["siteId"]["organization"] == rows["id"]["organization"]
        return None if same else ("NOT_FOUND", "siteId", None)
    if name == "removeJobParty" and (rows["partyId"]["job"] != rows["id"]["id"] or rows["partyId"]["archivedAt"]):
        return "NOT_FOUND", "partyId", None
    return None


def _forbidden(eyes: Eyes, command: Command, rows: dict[str, Row]) -> Refusal | None:
    if command.payload == "Grant" and "id" in rows:
        rows["whose"] = eyes.mirror.rows["User"][rows["id"]["user"]]
    whose = rows.get("whose") or rows.get("userId") or rows.get("id")
    for number, (permission, place) in enumerate(command.rights(rows)):
        if not eyes.holds(permission, place):
            return "FORBIDDEN", None, permission
        if number == 0 and command.others_only and whose is not None and whose["id"] == eyes.user["id"]:
            return "OWN_ACCESS", "id", None
    if command.own is not None and rows["id"][command.own[0]] != eyes.user["id"]:
        return command.own[1], "id", None
    return None


def _guarded(eyes: Eyes, command: Command, rows: Rows, given: Mapping[str, Any]) -> Refusal | None:
    place = next((place for _, place in command.rights(rows)), TENANT)
    for one in given:
        right = command.fields.get(one)
        if right is not None and not eyes.holds(right, place):
            return "FIELD_FORBIDDEN", one, None
    return None


STEPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "PartnerApplication": {
        "disablePartnerApplication": ("ACTIVE", "DISABLED"),
        "enablePartnerApplication": ("DISABLED", "ACTIVE"),
    },
    "Organization": {
        "activateOrganization": ("PROSPECT PAUSED", "ACTIVE"),
        "pauseOrganization": ("ACTIVE", "PAUSED"),
        "archiveOrganization": ("PROSPECT ACTIVE PAUSED", "ARCHIVED"),
    },
    "Site": {
        "limitSite": ("ACTIVE", "LIMITED"),
        "reopenSite": ("LIMITED", "ACTIVE"),
        "closeSite": ("ACTIVE LIMITED", "CLOSED"),
    },
    "Contract": {
        "activateContract": ("DRAFT", "ACTIVE"),
        "terminateContract": ("ACTIVE EXPIRING", "TERMINATED"),
    },
    "Job": {
        "scheduleJob": ("REQUESTED", "SCHEDULED"),
        "startJob": ("SCHEDULED", "IN_PROGRESS"),
        "holdJob": ("SCHEDULED IN_PROGRESS", "ON_HOLD"),
        "resumeJob": ("ON_HOLD", "SCHEDULED"),
        "completeJob": ("IN_PROGRESS", "COMPLETED"),
        "cancelJob": ("REQUESTED SCHEDULED ON_HOLD", "CANCELLED"),
    },
    "Report": {
        "publishReport": ("DRAFT WITHDRAWN", "PUBLISHED"),
        "withdrawReport": ("PUBLISHED", "WITHDRAWN"),
    },
    "ChangeRequest": {"approveChange": ("PENDING", "APPROVED")},
    "User": {
        "suspendUser": ("INVITED ACTIVE", "SUSPENDED"),
        "reactivateUser": ("SUSPENDED", "ACTIVE"),
    },
}
"""From which states a command leads where; an archived row goes nowhere any more."""


def legal(row: Row, name: str) -> bool:
    """Whether the state of the row allows the command."""
    sources, _ = STEPS[row["__typename"]][name]
    return row["archivedAt"] is None and row["status"] in sources.split()


def stopped(row: Row, name: str) -> str | None:
    """How the row itself refuses the command; None if it does not."""
    if row["__typename"] == "User" and row["kind"] == "PARTNER":
        # The user an application acts as is what the application is.
        return "NOT_A_PERSON"
    return None if legal(row, name) else "INVALID_TRANSITION"
