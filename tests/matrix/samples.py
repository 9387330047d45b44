"""Commands worth trying: each with several subjects, so chosen that nothing but a missing right refuses them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.matrix.commands import COMMANDS
from tests.world.mirror import Mirror
from tests.world.seed import World

Sample = tuple[str, dict[str, Any]]

# What a field may be given, as it is written in a variable.
VALUES: dict[str, Any] = {
    "legalName": "Quince Limited", "shortName": "Quince", "kind": "COMPANY", "location": "LOCAL", "industry": "Ports",
    "companyType": "GmbH", "description": "Said", "website": "https://quince.example", "newBusinessYear": 2021,
    "externalId": "X-1", "registrationNumber": "R-1", "taxNumber": "T-1", "vatNumber": "V-1", "paymentTerms": "NET",
    "paymentDays": 14, "billingCurrency": "EUR", "billingEmail": "pay@quince.example", "remittanceDetails": "IBAN",
    "internalNotes": "Note", "name": "Quince", "timeZone": "Europe/Paris", "addressStreet": "1", "addressCity": "Lyon",
    "addressRegion": "ARA", "addressPostalCode": "69000", "addressCountry": "FR", "latitude": "45.75",
    "longitude": "4.85", "serviceDetails": "Bell", "jobTitle": "Clerk", "email": "quince@quince.example",
    "phone": "+442079460018", "preferredChannel": "SMS", "language": "DE",
    "delivery": "TEMPORARY_PASSWORD", "features": [], "reportKinds": [], "placeIds": [], "invite": None,
    "designations": ["TECHNICAL"], "privatePhone": "+442079460019",
    "reference": "Q-1", "title": "Quince", "startOn": "2026-01-01", "endOn": "2027-12-30", "cadence": "WEEKLY",
    "overtimePolicy": "DAILY", "currency": "GBP", "baseRate": "12.50", "weekendMultiplier": "1.25",
    "holidayMultiplier": "2", "commercialTerms": "None", "priority": "HIGH", "scheduledAt": "2026-07-01T10:00:00Z",
    "durationMinutes": 90, "cost": "99.90", "summary": "Short", "body": "Long", "periodStart": "2026-05-01",
    "periodEnd": "2026-05-30", "role": "TECHNICAL", "reason": "No", "preferredAt": "2026-07-01T10:00:00Z",
    "contactVersion": 1, "fields": ["Site.name"], "bucket": 5000, "restoreRate": 50, "label": "June",
    "expiresAt": "2100-01-01T00:00:00Z",
    "expectedPrimaryId": None,
    "figures": [{"title": "Hours", "unit": "h", "points": [{"label": "June", "value": "12.50"}]}],
}  # fmt: skip
KIND = {"createReport": "INCIDENT", "updateReport": "INCIDENT"}
REQUIRED: dict[str, str] = {
    "createOrganization": "legalName shortName location",
    "createSite": "name timeZone",
    "createContact": "name email",
    "createContract": "title startOn",
    "createJob": "title",
    "createReport": "kind title periodStart periodEnd",
    "createStaffUser": "name email",
    "createPartnerApplication": "name",
    "createService": "name",
    "requestJob": "title",
    "proposeContactChange": "jobTitle",
    "declineChange": "reason",
}
# Terms and days of payment, and a currency and its amount, are only right together.
TOGETHER = dict.fromkeys(("paymentTerms", "paymentDays"), "paymentTerms paymentDays")


@dataclass
class Found:
    """Finds the ids of the world's rows by what they are called."""

    mirror: Mirror
    world: World

    def __post_init__(self) -> None:
        self.tenant = self.world.tenants["acme"]

    def organization(self, name: str) -> str:
        return self.mirror.one("Organization", tenant=self.tenant, shortName=name)["id"]

    def site(self, path: str) -> str:
        organization, _, name = path.partition("/")
        return self.mirror.one("Site", tenant=self.tenant, organization=self.organization(organization), name=name)[
            "id"
        ]

    def contact(self, name: str) -> str:
        return self.mirror.one("Contact", tenant=self.tenant, name=name)["id"]

    def contract(self, reference: str) -> str:
        return self.mirror.one("Contract", tenant=self.tenant, reference=f"acme-{reference}")["id"]

    def job(self, reference: str) -> str:
        return self.mirror.one("Job", tenant=self.tenant, reference=f"acme-{reference}")["id"]

    def party(self, job: str, organization: str, **values: Any) -> str:
        parts = {"job": self.job(job), "organization": self.organization(organization), **values}
        return self.mirror.one("JobParty", tenant=self.tenant, **parts)["id"]

    def report(self, path: str, kind: str, status: str) -> str:
        found = {"site": self.site(path), "kind": kind, "status": status, "archivedAt": None, "job": None}
        return self.mirror.one("Report", tenant=self.tenant, **found)["id"]

    def service(self, name: str) -> str:
        return self.mirror.one("Service", tenant=self.tenant, name=name)["id"]

    def subscription(self, organization: str, service: str) -> str:
        found = {"organization": self.organization(organization), "service": self.service(service)}
        return self.mirror.one("ServiceSubscription", archivedAt=None, **found)["id"]

    def manager(self, organization: str, user: str) -> str:
        found = {"organization": self.organization(organization), "user": self.world.users[user]}
        return self.mirror.one("AccountManager", **found)["id"]

    def application(self, name: str) -> str:
        return f"par_{self.world.users[name][4:]}"

    def secret(self, name: str) -> str:
        return self.mirror.one("PartnerSecret", application=self.application(name))["id"]

    def asked(self, title: str) -> str:
        return self.mirror.one("Job", tenant=self.tenant, title=title)["id"]

    def proposal(self, contact: str, by: str) -> str:
        found = {"contact": self.contact(contact), "proposedBy": self.world.users[by], "status": "PENDING"}
        return self.mirror.one("ChangeRequest", **found)["id"]

    def notices(self, *users: str) -> list[str]:
        """The first notice of each."""
        rows = self.mirror.rows["Notification"].values()
        return [next(row["id"] for row in rows if row["user"] == self.world.users[user]) for user in users]

    def grant(self, user: str, name: str) -> str:
        found = {"user": self.world.users[user], "name": name, "archivedAt": None}
        grants = [row for row in self.mirror.rows["Grant"].values() if found.items() <= row.items()]
        return grants[0]["id"]


def samples(mirror: Mirror, world: World) -> Iterator[Sample]:
    """Every command with some subjects."""
    found = Found(mirror, world)
    for name, subjects in _subjects(found).items():
        for given in subjects:
            yield name, {**_values(name, REQUIRED.get(name, "")), **given}


def guarded_samples(mirror: Mirror, world: World) -> Iterator[Sample]:
    """Every field of every command, given alone (but for what the command cannot do without)."""
    first = dict(reversed(list(samples(mirror, world))))
    for name, command in COMMANDS.items():
        for field in command.fields:
            if field not in first[name] and name not in ("grantAccess", "setAccess"):
                yield name, {**first[name], **_values(name, TOGETHER.get(field, field))}


def _values(name: str, fields: str) -> dict[str, Any]:
    values = {field: VALUES[field] for field in fields.split()}
    if name == "invitePortalUser" and "role" in values:
        values["role"] = None
    return values | {"kind": KIND[name]} if "kind" in values and name in KIND else values


def _subjects(f: Found) -> dict[str, list[dict[str, Any]]]:
    alder, cedar = {"organizationId": f.organization("Alder")}, {"organizationId": f.organization("Cedar")}
    north, east = {"siteId": f.site("Alder/North")}, {"siteId": f.site("Cedar/East")}
    places = [alder, cedar, {**alder, **north}, {**cedar, **east}, {**alder, **east}]
    users = f.world.users
    managed = [{"id": users[name]} for name in ("portal_raw", "clerk", "portal_party", "access_manager")]
    owned = [{"ownerId": users["clerk"]}, {"ownerId": users["access_manager"]}]
    return {
        "createOrganization": [{}, *owned],
        "updateOrganization": [*_ids(f.organization, "Alder Cedar"), {"id": f.organization("Alder"), **owned[0]}],
        "activateOrganization": _ids(f.organization, "Myrtle Holly"),
        "pauseOrganization": _ids(f.organization, "Alder Cedar"),
        "archiveOrganization": _ids(f.organization, "Alder Cedar"),
        "createSite": [alder, cedar],
        "updateSite": _ids(f.site, "Alder/North Cedar/East"),
        "limitSite": _ids(f.site, "Alder/North Cedar/East"),
        "reopenSite": _ids(f.site, "Birch/Yard"),
        "closeSite": _ids(f.site, "Alder/South Cedar/East"),
        "createContact": places,
        "updateContact": _ids(f.contact, "Ada Noor Cem Esra"),
        "makeContactPrimary": _ids(f.contact, "Noor Esra"),
        "archiveContact": _ids(f.contact, "Noor Esra"),
        "createContract": places,
        "updateContract": _ids(f.contract, "C-A1 C-A2 C-N2 C-C1"),
        "activateContract": _ids(f.contract, "C-A1 C-N2"),
        "terminateContract": _ids(f.contract, "C-A2 C-N1 C-C1"),
        "createJob": [north, east, {**north, "contractId": f.contract("C-A2")}],
        "updateJob": _ids(f.job, "J-N0 J-S1 J-C1"),
        "scheduleJob": _ids(f.job, "J-N0 J-S1 J-C1"),
        "startJob": _ids(f.job, "J-N1 J-B1"),
        "holdJob": _ids(f.job, "J-N1 J-N2"),
        "resumeJob": _ids(f.job, "J-N3"),
        "completeJob": _ids(f.job, "J-N2"),
        "cancelJob": _ids(f.job, "J-N0 J-S1 J-C1"),
        "addJobParty": _parties(f),
        "removeJobParty": [
            {"id": f.job("J-S1"), "partyId": f.party("J-S1", "Cedar")},
            {"id": f.job("J-S2"), "partyId": f.party("J-S1", "Cedar")},
            {"id": f.job("J-B1"), "partyId": f.party("J-B1", "Cedar")},
        ],
        "createReport": [north, east, {"siteId": f.site("Alder/South"), "jobId": f.job("J-S1")}],
        "updateReport": [{"id": one} for one in _reports(f)],
        "publishReport": [{"id": f.report("Alder/North", "INCIDENT", "WITHDRAWN")}],
        "withdrawReport": [{"id": one} for one in _reports(f)],
        "archiveReport": [{"id": one} for one in _reports(f)],
        "createStaffUser": [{}],
        "invitePortalUser": _contacts(f),
        "resendInvitation": _invited(f),
        "cancelInvitation": _invited(f),
        "updateUser": managed,
        "suspendUser": managed,
        "reactivateUser": [{"id": users["suspended"]}],
        "resetSecondFactors": managed,
        "grantAccess": _grants(f),
        "setAccess": _sets(f),
        "revokeAccess": [
            {"id": f.grant("portal_incidents", "incident_reports")},
            {"id": f.grant("portal_party", "portal_viewer")},
            {"id": f.grant("clerk", "clients.view")},
            {"id": f.grant("access_manager", "client_access_manager")},
        ],
        **_offers(f),
        "createPartnerApplication": [{}],
        "updatePartnerApplication": [{"id": f.application("partner")}],
        "disablePartnerApplication": [{"id": f.application("partner")}, {"id": f.application("partner_nothing")}],
        "enablePartnerApplication": [{"id": f.application("partner_disabled")}],
        "rotatePartnerSecret": [{"id": f.application("partner")}],
        "endPartnerSecret": [{"id": f.secret("partner")}],
    }


def _offers(f: Found) -> dict[str, list[dict[str, Any]]]:
    guarding, keyholding = {"serviceId": f.service("Guarding")}, {"serviceId": f.service("Keyholding")}
    organizations = [{"organizationId": f.organization(name)} for name in ("Alder", "Cedar")]
    proposals = [
        ("Ada", "administrator"),
        ("Ada", "portal_manager"),
        ("Noor", "portal_asking"),
        ("Cem", "administrator"),
    ]
    pending = [{"id": f.proposal(*one)} for one in proposals]
    notices = f.notices("administrator", "dispatcher", "portal_asking")
    return {
        "moveContract": [
            {"id": f.contract("C-N2")},
            {"id": f.contract("C-A1"), "siteId": f.site("Alder/South")},
            {"id": f.contract("C-C1"), "siteId": f.site("Cedar/East")},
            {"id": f.contract("C-C1"), "siteId": f.site("Alder/South")},
        ],
        "createService": [{}],
        "updateService": _ids(f.service, "Guarding Keyholding"),
        "archiveService": _ids(f.service, "Guarding Keyholding"),
        "assignService": [{**one, **keyholding} for one in organizations],
        "withdrawService": [{"id": f.subscription(name, "Guarding")} for name in ("Alder", "Cedar")],
        "assignAccountManager": [{**one, "userId": f.world.users["access_manager"]} for one in organizations],
        "removeAccountManager": [{"id": f.manager("Alder", "dispatcher")}, {"id": f.manager("Cedar", "clerk")}],
        "requestJob": [{"siteId": f.site(at), **guarding} for at in ("Alder/North", "Alder/South", "Cedar/East")],
        "withdrawJobRequest": [{"id": f.asked("Asked East")}, {"id": f.asked("Asked North")}],
        "proposeContactChange": [{"contactId": f.contact(name)} for name in ("Ada", "Noor", "Cem", "Esra")],
        "approveChange": pending,
        "declineChange": pending,
        "withdrawChange": pending,
        "markNotificationRead": [{"id": one} for one in notices],
        "markNotificationsRead": [{"upTo": one} for one in notices],
    }


def _ids(find: Any, names: str) -> list[dict[str, Any]]:
    return [{"id": find(name)} for name in names.split()]


def _parties(f: Found) -> list[dict[str, Any]]:
    birch, cedar = f.organization("Birch"), f.organization("Cedar")
    return [
        {"id": f.job("J-N0"), "organizationId": birch, "role": "TECHNICAL"},
        {"id": f.job("J-N0"), "organizationId": cedar, "contactId": f.contact("Cem"), "role": "TECHNICAL"},
        {"id": f.job("J-N0"), "organizationId": birch, "contactId": f.contact("Cem"), "role": "TECHNICAL"},
        {"id": f.job("J-C1"), "organizationId": birch, "role": "BILLING"},
    ]


def _reports(f: Found) -> list[str]:
    return [f.report("Alder/North", "ACTIVITY", "PUBLISHED"), f.report("Cedar/East", "ACTIVITY", "PUBLISHED")]


def _contacts(f: Found) -> list[dict[str, Any]]:
    return [{"contactId": f.contact(name)} for name in ("Ada", "Noor", "Cem")]


def _invited(f: Found) -> list[dict[str, Any]]:
    """The letters that wait for their people."""
    rows = f.mirror.rows["Invitation"].values()
    mine = [one for one in rows if one["tenant"] == f.tenant and one["status"] == "PENDING"]
    return [{"id": one["id"]} for one in mine]


def _sets(f: Found) -> list[dict[str, Any]]:
    """Each with one thing more than there is, at the user's own place."""
    users, cedar = f.world.users, f.organization("Cedar")
    theirs = [("portal_viewer", cedar), ("contacts", f.site("Cedar/East")), ("jobs", cedar)]
    return [
        {"id": users["portal_party"], "grants": [{"name": name, "placeId": at} for name, at in theirs]},
        {"id": users["clerk"], "grants": [{"name": name, "placeId": f.tenant} for name in ("clients.view", "finance")]},
    ]


def _grants(f: Found) -> list[dict[str, Any]]:
    users, west = f.world.users, f.site("Cedar/West")
    return [
        {"userId": users["portal_nothing"], "placeId": f.site("Alder/North"), "name": "jobs"},
        {"userId": users["portal_party"], "placeId": west, "name": "jobs"},
        {"userId": users["clerk"], "placeId": f.tenant, "name": "finance"},
        {"userId": users["clerk"], "placeId": west, "name": "finance"},
        {"userId": users["access_manager"], "placeId": west, "name": "finance"},
    ]
