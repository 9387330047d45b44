"""Every kind of revoke there is, each with a viewer who loses something and gets it back, over and over."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from models import Organization, Place, Report, ReportKind, Site, Tenant, User
from resolvers.ids import encode
from tests.promise.world import Home, Secret, World


class Hands(Protocol):
    """Somebody who carries out commands on some process, and insists that they succeed."""

    async def command(self, query: str, **variables: Any) -> Any:
        """Run a mutation as an administrator."""
        ...

    async def sign_out(self, token: str) -> None:
        """End a session."""
        ...


Step = Callable[[Hands], Awaitable[None]]


@dataclass
class Lane:
    """One viewer and the one thing that is taken away and given back.

    ``ends`` says that the taking ends the viewer's sessions, so that sockets must close and a new session is needed.
    """

    kind: str
    name: str
    home: Home
    user: uuid.UUID
    secrets: Sequence[Secret]
    take: Step
    give: Step
    ends: bool = False
    watches: uuid.UUID | None = None
    token: str = ""
    number: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(one.key for one in self.secrets)


_GRANT = "mutation($u:ID!,$p:ID!,$n:String!){grantAccess(input:{userId:$u,placeId:$p,name:$n}){grant{id} userErrors{code message}}}"  # noqa: E501
_REVOKE = "mutation($id:ID!){revokeAccess(input:{id:$id}){userErrors{code message}}}"


def simple(name: str) -> str:
    """A command about one row."""
    return f"mutation($id:ID!){{{name}(input:{{id:$id}}){{userErrors{{code message}}}}}}"


class _Grants:
    """Takes a grant away and gives it again."""

    def __init__(self, user: uuid.UUID, name: str, place: str) -> None:
        self._user = encode(User, user)
        self._name = name
        self._place = place
        self._grant = ""

    async def give(self, hands: Hands) -> None:
        made = await hands.command(_GRANT, u=self._user, p=self._place, n=self._name)
        self._grant = made["grant"]["id"]

    async def take(self, hands: Hands) -> None:
        await hands.command(_REVOKE, id=self._grant)


@dataclass(frozen=True)
class _Given:
    """A kind whose revoke is that of a grant: which, where (site, organization, tenant), and what else is held."""

    grant: str
    at: str
    keys: tuple[str, ...]
    base: tuple[tuple[str, str], ...] = ()
    staff: bool = False


_ELSEWHERE = (("billing", "organization"),)
_ALL = ("site", "contract", "terms", "job", "incident", "activity", "contact")
GRANTS: dict[str, _Given] = {
    "site": _Given("portal_viewer", "site", ("site", "job")),
    "organization": _Given("portal_viewer", "organization", ("org", "site", "job")),
    "tenant": _Given("operations_lead", "tenant", ("site", "job", "notes", "incident", "contact"), staff=True),
    "role": _Given("portal_manager", "site", _ALL[1:], _ELSEWHERE),
    "staff_role": _Given("dispatcher", "organization", ("org", "job", "notes", "contact"), staff=True),
    "reports": _Given("reports", "site", ("incident", "activity"), _ELSEWHERE),
    "report_kind": _Given("incident_reports", "organization", ("incident",), (("activity_reports", "organization"),)),
    "permission": _Given("contacts.view", "site", ("contact",), _ELSEWHERE),
    "guarded": _Given("rates", "organization", ("terms",), (("contracts", "organization"),)),
}
OTHERS = ("suspended", "signed_out", "password", "withdrawn", "reclassified", "party")
KINDS = (*GRANTS, *OTHERS)


async def lane(world: World, home: Home, other: Home, kind: str, number: int) -> Lane:
    """A lane of a kind, its right still in force."""
    made = await (_granted if kind in GRANTS else _OTHERS[kind])(world, home, other, kind, f"{kind}{number}")
    made.token, made.number = await world.token(made.user), number
    return made


def _place(world: World, home: Home, at: str) -> Place:
    return {
        "tenant": Place(world.tenant),
        "organization": Place(world.tenant, home.organization),
        "site": Place(world.tenant, home.organization, home.site),
    }[at]


async def _granted(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    given = GRANTS[kind]
    base = [(grant, _place(world, home, at)) for grant, at in given.base]
    user = await world.user(home, name, base, staff=given.staff)
    place = _place(world, home, given.at)
    grants = _Grants(user, given.grant, _place_id(place))
    watches = world.tenant if given.at == "tenant" else None
    secrets = [home.secrets[key] for key in given.keys]
    made = Lane(kind, name, home, user, secrets, grants.take, grants.give, watches=watches)
    made.extra["begin"] = grants.give
    return made


def _place_id(place: Place) -> str:
    if place.site is not None:
        return encode(Site, place.site)
    return encode(Tenant, place.tenant) if place.organization is None else encode(Organization, place.organization)


async def _session(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever has everything at the site, and loses the session."""
    user = await world.user(home, name, [("portal_manager", _place(world, home, "site"))], staff=False)
    id = encode(User, user)

    async def suspend(hands: Hands) -> None:
        await hands.command(simple("suspendUser"), id=id)

    async def reactivate(hands: Hands) -> None:
        await hands.command(simple("reactivateUser"), id=id)

    async def sign_out(hands: Hands) -> None:
        await hands.sign_out(made.token)

    async def set_password(_hands: Hands) -> None:
        await world.set_password(user)

    async def nothing(_hands: Hands) -> None:
        """A new session is all it takes."""

    take, give = {
        "suspended": (suspend, reactivate),
        "signed_out": (sign_out, nothing),
        "password": (set_password, nothing),
    }[kind]
    made = Lane(kind, name, home, user, [home.secrets[key] for key in _ALL], take, give, ends=True)
    return made


async def _report(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever may read a kind of report, of which one is withdrawn or becomes another kind."""
    user = await world.user(home, name, [("incident_reports", _place(world, home, "site"))], staff=False)
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
    return Lane(kind, name, home, user, [secret], take, give)


async def _party(world: World, home: Home, other: Home, kind: str, name: str) -> Lane:
    """Whoever sees a job because their organization takes part in it."""
    user = await world.user(home, name, [("portal_viewer", _place(world, home, "organization"))], staff=False)
    secret, organization = await world.shared_job(home, other, name)
    job = secret.node_id
    find = "query($id:ID!){node(id:$id){... on Job{parties(first:10){nodes{id role}}}}}"
    remove = "mutation($id:ID!,$p:ID!){removeJobParty(input:{id:$id,partyId:$p}){userErrors{code message}}}"
    add = "mutation($id:ID!,$o:ID!){addJobParty(input:{id:$id,organizationId:$o,role:STAKEHOLDER}){userErrors{code message} job{parties(first:10){nodes{id role}}}}}"  # noqa: E501
    party: list[str] = []

    def remember(found: Any) -> None:
        party[:] = [one["id"] for one in found["parties"]["nodes"] if one["role"] == "STAKEHOLDER"]

    async def begin(hands: Hands) -> None:
        remember(await hands.command(find, id=job))

    async def take(hands: Hands) -> None:
        await hands.command(remove, id=job, p=party[0])

    async def give(hands: Hands) -> None:
        remember((await hands.command(add, id=job, o=organization))["job"])

    made = Lane(kind, name, home, user, [secret], take, give)
    made.extra["begin"] = begin
    return made


_OTHERS = {
    "suspended": _session,
    "signed_out": _session,
    "password": _session,
    "withdrawn": _report,
    "reclassified": _report,
    "party": _party,
}


def refusals(body: bytes) -> Any:
    """The errors of a command's answer, of either kind."""
    content = orjson.loads(body)
    data = content.get("data") or {}
    return content.get("errors") or [error for one in data.values() if one for error in one.get("userErrors") or ()]
