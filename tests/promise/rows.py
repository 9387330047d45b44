"""Revokes that change no grant: a row is hidden, moved, made another kind, or an organization has no part in it."""

from __future__ import annotations

from typing import Any

from models import Organization, Report, ReportKind, ServiceSubscription, Site
from resolvers.ids import encode
from tests.promise.documents import Document
from tests.promise.lane import Hands, Lane, place_of, simple
from tests.promise.world import Home, World


async def report(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever may read a kind of report, of which one is withdrawn or becomes another kind."""
    user = await world.user(home, name, [("incident_reports", place_of(world, home, "site"))], staff=False)
    secret = await world.report(home, name.replace("_", ""), ReportKind.INCIDENT)
    id = encode(Report, secret.id)
    update = "mutation($id:ID!,$k:ReportKind!){updateReport(input:{id:$id,kind:$k}){userErrors{code message}}}"

    async def withdraw(hands: Hands) -> None:
        await hands.command(simple("withdrawReport"), id=id)

    async def publish(hands: Hands) -> None:
        await hands.command(simple("publishReport"), id=id)

    async def hide(hands: Hands) -> None:
        await hands.command(update, id=id, k="INSPECTION")

    async def show(hands: Hands) -> None:
        await hands.command(update, id=id, k="INCIDENT")

    take, give = {"withdrawn": (withdraw, publish), "reclassified": (hide, show)}[kind]
    file = Document("file", f"/files/reports/{id}.json", {}, frozenset({secret.key}))
    return Lane(kind, name, home, user, [secret], take, give, more=[file])


async def party(world: World, home: Home, other: Home, kind: str, name: str) -> Lane:
    """Whoever sees a job because their organization takes part in it."""
    user = await world.user(home, name, [("portal_viewer", place_of(world, home, "organization"))], staff=False)
    secret, organization = await world.shared_job(home, other, name)
    job = secret.node_id
    find = "query($id:ID!){node(id:$id){... on Job{parties(first:10){nodes{id role}}}}}"
    remove = "mutation($id:ID!,$p:ID!){removeJobParty(input:{id:$id,partyId:$p}){userErrors{code message}}}"
    add = "mutation($id:ID!,$o:ID!){addJobParty(input:{id:$id,organizationId:$o,role:STAKEHOLDER}){userErrors{code message} job{parties(first:10){nodes{id role}}}}}"  # noqa: E501
    held: list[str] = []

    def remember(found: Any) -> None:
        held[:] = [one["id"] for one in found["parties"]["nodes"] if one["role"] == "STAKEHOLDER"]

    async def begin(hands: Hands) -> None:
        remember(await hands.command(find, id=job))

    async def take(hands: Hands) -> None:
        await hands.command(remove, id=job, p=held[0])

    async def give(hands: Hands) -> None:
        remember((await hands.command(add, id=job, o=organization))["job"])

    return Lane(kind, name, home, user, [secret], take, give, begin=begin)


async def moved(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever reads the contracts of a site, of which one comes to hold for the whole organization."""
    user = await world.user(home, name, [("contracts", place_of(world, home, "site"))], staff=False)
    secret = await world.contract(home, name)
    move = "mutation($id:ID!,$s:ID){moveContract(input:{id:$id,siteId:$s}){userErrors{code message}}}"

    async def take(hands: Hands) -> None:
        await hands.command(move, id=secret.node_id, s=None)

    async def give(hands: Hands) -> None:
        await hands.command(move, id=secret.node_id, s=encode(Site, home.site))

    return Lane(kind, name, home, user, [secret], take, give)


async def unassigned(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever sees a service because it is assigned to their organization."""
    user = await world.user(home, name, [("portal_viewer", place_of(world, home, "site"))], staff=False)
    secret, assigned = await world.service(home, name)
    assign = "mutation($o:ID!,$s:ID!){assignService(input:{organizationId:$o,serviceId:$s}){serviceSubscription{id} userErrors{code message}}}"  # noqa: E501
    held = [encode(ServiceSubscription, assigned)]

    async def take(hands: Hands) -> None:
        await hands.command(simple("withdrawService"), id=held[0])

    async def give(hands: Hands) -> None:
        made = await hands.command(assign, o=encode(Organization, home.organization), s=secret.node_id)
        held[0] = made["serviceSubscription"]["id"]

    return Lane(kind, name, home, user, [secret], take, give)
