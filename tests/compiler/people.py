"""Who asks of the random companies, what they hold, and how all of it is stored."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

import models
from auth.grants import Credential
from auth.permissions import CONFERS, kind_of
from tests.compiler.company import Company, Viewer, contact, made
from tests.compiler.doors import application, doors, session
from tests.compiler.offers import figures, offers, timeline

GRANTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "administrator": (("administrator", ""),),
    "finance": (("finance", ""),),
    "dispatcher": (("dispatcher", ""),),
    "clerk": (("clients.view", ""),),
    "account_manager": (("account_manager", ""), ("access.view", "1")),
    "portal_organization": (("portal_manager", "0"),),
    "portal_two_sites": (("portal_viewer", "0/0"), ("reports", "0/0"), ("portal_viewer", "0/1"), ("reports", "0/1")),
    "portal_incidents": (("incident_reports", "0/0"),),
    "portal_mixed": (("contracts", "0"), ("rates", "0/0"), ("billing", "1/0"), ("jobs", "1"), ("portal_viewer", "0/2")),
    "portal_party": (("portal_viewer", "2"), ("contacts", "3/0"), ("portal_manager", "3/1")),
    "two_organizations": (("portal_manager", "0"), ("portal_manager", "1"), ("operations_lead", "2")),
    "access_manager": (("client_access_manager", "0"), ("client_access_manager", "1"), ("portal_manager", "0/1")),
    "raw": (("jobs.cost", "0/1"), ("contracts.edit", "2/0"), ("notes.internal", "1"), ("reports.edit", "1/0"),
            ("mail.cto", ""), ("tax.view", "0"), ("access.view", "3/0"), ("contacts.private", "2")),
    "layered": (("portal_viewer", ""), ("operations_lead", "0"), ("finance", "1/0"), ("portal_manager", "0/0")),
    "mail_only": (("mail.cto", "1"),),
    "inviting_at_sites": tuple((name, f"0/{site}") for site in range(3) for name in ("portal.invite", "contacts.view")),
    "nobody": (),
}  # fmt: skip
"""What the viewers of the first company hold, and where: nothing is the company, ``1`` a client, ``1/0`` its site."""
PARTNERS: Mapping[str, tuple[tuple[tuple[str, str], ...], tuple[str, ...] | None]] = {
    "partner_everywhere": ((("jobs:read", ""), ("contacts:read", "0"), ("rates:read", "1")), None),
    "partner_at_sites": ((("sites:read", "0/0"), ("reports:read", "0/1"), ("jobs:read", "2")), None),
    "partner_narrowed": ((("jobs:read", ""), ("contacts:read", "0"), ("rates:read", "1")), ("contacts:read",)),
    "partner_narrowed_to_two": ((("sites:read", "0"), ("reports:read", ""), ("jobs:read", "0/1")),
                                ("jobs:read", "sites:read")),
    "partner_of_nothing": ((("jobs:read", "0"),), ()),
}  # fmt: skip
"""The programs of partners: what each was granted, and the scopes its token was narrowed to, if it was."""
ODD = 4
FOREIGN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "foreign_administrator": (("administrator", ""),),
    "foreign_site": (("portal_manager", "0/0"),),
}


def user(c: Company, name: str, home: dict[str, Any] | None) -> dict[str, Any]:
    made = principal(c, name, models.UserKind.STAFF if home is None else models.UserKind.PORTAL, home)
    if home is None:
        c.add(models.Membership, user_id=made["id"], job_title=c.maybe(c.word()))
        return made
    person = contact(c, home, None)
    c.add(models.PortalUser, user_id=made["id"], organization_id=home["id"], contact_id=person["id"])
    return made


def principal(c: Company, name: str, kind: models.UserKind, home: dict[str, Any] | None) -> dict[str, Any]:
    made = c.add(
        models.User,
        archived_at=None,
        kind=kind,
        status=models.UserStatus.ACTIVE,
        name=f"{name} {c.word()}",
        email=f"{name}.{c.number()}@example.test",
        organization_id=home and home["id"],
        language=c.member(models.Language),
        password_hash=None,
        last_sign_in_at=c.maybe(c.instant()),
    )
    c.rows.setdefault(models.PermissionEpoch, []).append({"tenant_id": c.tenant_id, "id": made["id"], "number": 1})
    return made


def grant(c: Company, user: dict[str, Any], name: str, at: str, *, revoked: bool = False) -> None:
    organization, site = located(c, at)
    c.add(
        models.Grant,
        user_id=user["id"],
        kind=kind_of(name),
        name=name,
        organization_id=organization,
        site_id=site,
        cause="MANUAL",
        version=1,
        archived_at=c.instant() if revoked else None,
    )


def located(c: Company, at: str) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    if not at:
        return None, None
    number, _, below = at.partition("/")
    found = c.rows[models.Organization][int(number)]["id"]
    sites = [one["id"] for one in c.rows[models.Site] if one["organization_id"] == found]
    return found, sites[int(below)] if below else None


def viewer(c: Company, name: str, grants: Iterable[tuple[str, str]]) -> None:
    portal = "portal" in name or "site" in name
    made = user(c, name, c.rows[models.Organization][0] if portal else None)
    for granted, at in dict.fromkeys(grants):
        grant(c, made, granted, at)
    grant(c, made, "administrator", "", revoked=True)
    _admit(c, name, made, None)


def partner(c: Company, name: str, grants: Iterable[tuple[str, str]], scopes: tuple[str, ...] | None) -> None:
    made = principal(c, name, models.UserKind.PARTNER, None)
    for granted, at in grants:
        grant(c, made, granted, at)
    application(c, made)
    _admit(c, name, made, scopes)


def _admit(c: Company, name: str, made: dict[str, Any], scopes: tuple[str, ...] | None) -> None:
    secret = hashlib.sha256(made["id"].bytes).digest()
    c.rows.setdefault(models.Session, []).append(
        session(c, made, secret, scopes=None if scopes is None else list(scopes))
    )
    c.viewers.append(Viewer(name, made["id"], Credential(c.tenant_id, secret), scopes))


def looked_through(c: Company, name: str, eyes: str, by: str) -> None:
    """The viewer ``eyes``, with ``by`` of the staff looking through them."""
    subject, staff = (next(one for one in c.viewers if one.name == known) for known in (eyes, by))
    began = next(one for one in c.rows[models.Session] if one["user_id"] == staff.user_id)
    secret = hashlib.sha256(name.encode()).digest()
    viewed = {"viewed_by": staff.user_id, "viewed_from": began["id"]}
    c.rows[models.Session].append(session(c, {"id": subject.user_id}, secret, **viewed))
    c.viewers.append(Viewer(name, subject.user_id, Credential(c.tenant_id, secret)))


def both(seed: int) -> tuple[Company, Company]:
    """The company most is asked of, and another one with the same words."""
    first, second = made(seed, 5), made(seed + 1, 2)
    for name, grants in GRANTS.items():
        viewer(first, name, grants)
    names = sorted(CONFERS)
    for number in range(ODD):
        places = ("", "0", "1", "2", "0/0", "0/1", "1/2", "2/1", "3/0")
        held = [(first.random.choice(names), first.random.choice(places)) for _ in range(first.random.randrange(2, 7))]
        viewer(first, f"odd_{number}", held)
    looked_through(first, "portal_viewed", "portal_organization", "administrator")
    for name, (grants, scopes) in PARTNERS.items():
        partner(first, name, grants, scopes)
    for name, grants in FOREIGN.items():
        viewer(second, name, grants)
    partner(second, "foreign_partner", (("jobs:read", ""),), None)
    for company in (first, second):
        offers(company)
        doors(company)
        for job in company.rows[models.Job]:
            job["timeline"] = timeline(company)
        for report in company.rows[models.Report]:
            report["figures"] = figures(company)
    return first, second


ORDER = (
    models.Organization, models.User, models.PermissionEpoch, models.Service, models.Site, models.Contact,
    models.Contract, models.Job,
    models.JobParty, models.Report, models.Membership, models.PortalUser, models.Grant, models.Session,
    models.Invitation, models.PartnerApplication, models.PartnerSecret,
    models.ServiceSubscription, models.AccountManager, models.ChangeRequest, models.Notification, models.AuditEntry,
)  # fmt: skip


async def store(engine: AsyncEngine, company: Company) -> None:
    """Write a company into a database."""
    tenant = {"id": company.tenant_id, "slug": company.tenant_id.hex, "name": company.word(), "currency": "EUR"}
    async with engine.begin() as connection:
        await connection.execute(
            text("select set_config('app.tenant', :tenant, true)"), {"tenant": str(company.tenant_id)}
        )
        await connection.execute(insert(models.Tenant), tenant)
        for model in ORDER:
            await connection.execute(insert(model), company.rows[model])
        owners = [one["id"] for one in company.rows[models.User]]
        for one in company.rows[models.Organization]:
            owner = {"owner": company.maybe(company.random.choice(owners)), "id": one["id"]}
            await connection.execute(text("update organization set owner_id = :owner where id = :id"), owner)
