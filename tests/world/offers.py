"""What the world's clients are offered, have asked for and have proposed, and who was told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from auth.actor import Actor
from domain import jobs, proposals, requests, services
from models import Contact, Job, Service

if TYPE_CHECKING:
    from tests.world.seed import Builder


def as_user(b: Builder, name: str) -> Actor:
    """The system, under the name of somebody who is signed in."""
    return replace(b.actor, user_id=b.users[name].id)


async def service(b: Builder, name: str, *organizations: str) -> Service:
    made = await services.create(b.session, b.actor, fields={"name": name, "description": f"{name}, as agreed"})
    for one in organizations:
        await services.assign(b.session, b.actor, b.organizations[one], made)
    return made


async def asked(b: Builder, by: str, place: str, what: Service, title: str, on: datetime) -> Job:
    organization = b.organizations[place.partition("/")[0]]
    return await requests.request(
        b.session, as_user(b, by), organization, b.sites[place], what.id, fields={"title": title}, on=on
    )


async def proposed(b: Builder, by: str, contact: Contact, **fields: Any) -> Any:
    return await proposals.propose(b.session, as_user(b, by), contact, expected=None, fields=fields)


async def offer(b: Builder, people: dict[str, Contact], on: datetime) -> None:
    """Three services (one of them not offered any more, one assigned to nobody), requests and proposals."""
    guarding = await service(b, "Guarding", "Alder", "Cedar")
    await services.archive(b.session, b.actor, await service(b, "Gardening", "Birch"), on=on)
    await service(b, "Keyholding")
    gone = await services.assign(b.session, b.actor, b.organizations["Birch"], guarding)
    await services.withdraw(b.session, b.actor, gone, on=on)
    for place, name in (("Alder", "administrator"), ("Alder", "dispatcher"), ("Cedar", "clerk")):
        await services.assign_manager(b.session, b.actor, b.organizations[place], b.users[name])
    former = await services.assign_manager(b.session, b.actor, b.organizations["Alder"], b.users["finance"])
    await services.remove_manager(b.session, b.actor, former, on=on)
    await asked(b, "portal_manager", "Alder/North", guarding, "Asked North", on)
    await asked(b, "administrator", "Cedar/East", guarding, "Asked East", on)
    planned = await asked(b, "portal_asking", "Alder/South", guarding, "Asked South", on)
    await jobs.schedule(b.session, b.actor, planned, on=on)
    back = await asked(b, "portal_manager", "Alder/South", guarding, "Asked and taken back", on)
    await requests.withdraw(b.session, as_user(b, "portal_manager"), back, on=on)
    await _proposals(b, people, on)


async def _proposals(b: Builder, people: dict[str, Contact], on: datetime) -> None:
    await proposed(b, "portal_manager", people["Ada"], job_title="Head of Alder")
    await proposed(b, "administrator", people["Ada"], private_phone="+442079469999")
    await proposed(b, "portal_asking", people["Noor"], phone="+442079460999", email="new@alder.example")
    await proposed(b, "administrator", people["Cem"], name="Cem the Second")
    declined = await proposed(b, "portal_manager", people["Noor"], preferred_channel="SMS")
    await proposals.decline(b.session, b.actor, declined, reason="There is no gateway.", on=on)
    withdrawn = await proposed(b, "portal_manager", people["Noor"], job_title=None)
    await proposals.withdraw(b.session, as_user(b, "portal_manager"), withdrawn, on=on)


async def offer_abroad(b: Builder, ada: Contact, on: datetime) -> None:
    """One of each in the other tenant."""
    guarding = await service(b, "Guarding", "Alder")
    await services.assign_manager(b.session, b.actor, b.organizations["Alder"], b.users["foreign_administrator"])
    job = await asked(b, "foreign_portal", "Alder/North", guarding, "Asked abroad", on)
    await jobs.schedule(b.session, b.actor, job, on=on)
    await proposed(b, "foreign_portal", ada, job_title="Head abroad")
