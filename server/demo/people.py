"""Who can sign in to the demo: one member of the staff per role, and clients who see more or less of their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from domain import access, contacts, users
from models import Contact, Organization, Place, Site, User

PASSWORD = "portico-demo"  # noqa: S105  (it is printed)
# argon2id of PASSWORD, made once: hashing it anew at each load would take longer than everything else about users.
PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$bDXEJ5rOTgx5vmZtCpKbZw$ck+BBpGz7MYD6MRbORnYk+6u967hd1EY0DjBtM831KM"  # noqa: S105


@dataclass(frozen=True)
class Staff:
    """A member of the staff with a role in the whole tenant."""

    email: str
    name: str
    role: str
    title: str


@dataclass(frozen=True)
class Client:
    """A client's contact with ``names`` at the organization, or at its first sites as ``sites`` counts them."""

    email: str
    organization: str
    names: tuple[str, ...]
    sites: tuple[int, ...] = ()
    says: str = ""


ALDGATE_STAFF = (
    Staff("admin@aldgate.example", "Ruth Castellan", "administrator", "Systems Administrator"),
    Staff("accounts@aldgate.example", "Simon Hale", "account_manager", "Key Account Manager"),
    Staff("operations@aldgate.example", "Bernadette Quill", "operations_lead", "Head of Operations"),
    Staff("finance@aldgate.example", "Tomasz Zieliński", "finance", "Finance Controller"),
    Staff("access@aldgate.example", "Yusra Demir", "client_access_manager", "Client Portal Manager"),
    Staff("dispatch@aldgate.example", "Kofi Mensah", "dispatcher", "Duty Dispatcher"),
)
_ALL = ("portal_manager",)
ALDGATE_CLIENTS = (
    Client("manager@northgate.example", "ORG-001", _ALL, says="everything of the organization"),
    Client("region@northgate.example", "ORG-001", ("portal_viewer", "activity_reports"), (0, 1), "two sites"),
    Client("incidents@northgate.example", "ORG-001", ("incident_reports",), (0,), "incident reports of one site"),
    Client("reports@northgate.example", "ORG-001", ("reports",), says="all reports, nothing else"),
    Client("billing@northgate.example", "ORG-001", ("billing", "contracts"), says="tax ids and contracts, no rates"),
    Client("purchasing@northgate.example", "ORG-001", ("contracts", "rates"), says="contracts with their rates"),
    Client("store@northgate.example", "ORG-001", _ALL, (2,), "everything of one site"),
    Client(
        *("jobs@northgate.example", "ORG-001", ("jobs", "requests", "contacts", "contact_changes"), (0, 1, 2)),
        "jobs and contacts of three sites, with requests",
    ),
    Client("manager@calder.example", "ORG-002", _ALL, says="everything of another organization"),
    Client("manager@hansekontor.example", "ORG-025", _ALL, says="everything of a German organization"),
    Client("quality@hansekontor.example", "ORG-025", ("inspection_reports",), says="inspection reports"),
    Client("former@northgate.example", "ORG-001", _ALL, says="suspended: cannot sign in"),
)
BRIGHTWATER_STAFF = (Staff("admin@brightwater.example", "Lena Kowalczyk", "administrator", "Owner"),)
BRIGHTWATER_CLIENTS = (
    Client("manager@copperline.example", "ORG-001", _ALL, says="everything of an organization"),
)  # fmt: skip


async def hire(session: AsyncSession, actor: Actor, person: Staff) -> None:
    """Create a member of the staff with their role."""
    given = {"name": person.name, "email": person.email}
    user = await users.create_staff(session, actor, job_title=person.title, fields=given)
    await access.grant(session, actor, user, name=person.role, at=Place(actor.tenant_id))
    await users.set_password(session, actor, user, PASSWORD_HASH)


async def invite(session: AsyncSession, actor: Actor, client: Client, contact: Contact) -> User:
    """Create a portal user for the contact, who takes the demo's address, with their grants."""
    await contacts.update(session, actor, contact, fields={"email": client.email})
    organization = await session.get_one(Organization, (actor.tenant_id, contact.organization_id))
    user = await users.create_portal(session, actor, organization, contact)
    for place in await _places(session, organization, client):
        for name in client.names:
            await access.grant(session, actor, user, name=name, at=place)
    await users.set_password(session, actor, user, PASSWORD_HASH)
    return user


async def _places(session: AsyncSession, organization: Organization, client: Client) -> list[Place]:
    if not client.sites:
        return [organization.place]
    query = select(Site).where(Site.tenant_id == organization.tenant_id, Site.organization_id == organization.id)
    sites = list(await session.scalars(query.order_by(Site.external_id)))
    return [sites[number].place for number in client.sites]


async def contacts_of(session: AsyncSession, actor: Actor, clients: tuple[Client, ...]) -> Mapping[Client, Contact]:
    """A contact for each of the clients: the first of its organization that no other has taken."""
    query = (
        select(Contact, Organization.external_id)
        .join(
            Organization, (Organization.tenant_id == Contact.tenant_id) & (Organization.id == Contact.organization_id)
        )
        .where(Contact.tenant_id == actor.tenant_id)
        .order_by(Contact.external_id)
    )
    free: dict[str | None, list[Contact]] = {}
    for contact, organization in await session.execute(query):
        free.setdefault(organization, []).append(contact)
    return {client: free[client.organization].pop(0) for client in clients}
