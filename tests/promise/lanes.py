"""Every kind of revoke there is, each with a viewer who loses something and gets it back, over and over."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from models import (
    Organization,
    PartnerApplication,
    Place,
    Report,
    ReportKind,
    ServiceSubscription,
    SessionKind,
    Site,
    Tenant,
    User,
)
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
    enter: Callable[[], Awaitable[str]] | None = None
    """How the viewer gets another session, if not as everybody does."""
    world: World | None = None
    """The tenant the viewer is of, if it is not the one most are of."""
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
    "feature": _Given("contacts", "organization", ("contact",), _ELSEWHERE),
    "guarded": _Given("rates", "organization", ("terms",), (("contracts", "organization"),)),
}
OTHERS = (
    "suspended", "signed_out", "password", "withdrawn", "reclassified", "party", "moved", "unassigned",
    "partner_scope", "partner_disabled", "tenant_suspended",
)  # fmt: skip
KINDS = (*GRANTS, *OTHERS)


async def lane(world: World, home: Home, other: Home, kind: str, number: int) -> Lane:
    """A lane of a kind, its right still in force."""
    made = await (_granted if kind in GRANTS else _OTHERS[kind])(world, home, other, kind, f"{kind}{number}")
    made.token, made.number = await (made.enter() if made.enter else world.token(made.user)), number
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


async def _moved(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever reads the contracts of a site, of which one comes to hold for the whole organization."""
    user = await world.user(home, name, [("contracts", _place(world, home, "site"))], staff=False)
    secret = await world.contract(home, name)
    move = "mutation($id:ID!,$s:ID){moveContract(input:{id:$id,siteId:$s}){userErrors{code message}}}"

    async def take(hands: Hands) -> None:
        await hands.command(move, id=secret.node_id, s=None)

    async def give(hands: Hands) -> None:
        await hands.command(move, id=secret.node_id, s=encode(Site, home.site))

    return Lane(kind, name, home, user, [secret], take, give)


async def _unassigned(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever sees a service because it is assigned to their organization."""
    user = await world.user(home, name, [("portal_viewer", _place(world, home, "site"))], staff=False)
    secret, assigned = await world.service(home, name)
    assign = "mutation($o:ID!,$s:ID!){assignService(input:{organizationId:$o,serviceId:$s}){serviceSubscription{id} userErrors{code message}}}"  # noqa: E501
    held = [encode(ServiceSubscription, assigned)]

    async def take(hands: Hands) -> None:
        await hands.command(simple("withdrawService"), id=held[0])

    async def give(hands: Hands) -> None:
        made = await hands.command(assign, o=encode(Organization, home.organization), s=secret.node_id)
        held[0] = made["serviceSubscription"]["id"]

    return Lane(kind, name, home, user, [secret], take, give)


async def _partner(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """An application that reads the reports of a site, and loses the scope or everything."""
    place = _place(world, home, "site")
    scoped = kind == "partner_scope"
    base = [("sites:read", place)] if scoped else [("sites:read", place), ("reports:read", place)]
    user = await world.application(name, base)
    secrets = [home.secrets[key] for key in ("incident", "activity")]
    id = encode(PartnerApplication, user)

    async def disable(hands: Hands) -> None:
        await hands.command(simple("disablePartnerApplication"), id=id)

    async def enable(hands: Hands) -> None:
        await hands.command(simple("enablePartnerApplication"), id=id)

    async def enter() -> str:
        return await world.token(user, SessionKind.PARTNER)

    grants = _Grants(user, "reports:read", _place_id(place))
    take, give = (grants.take, grants.give) if scoped else (disable, enable)
    made = Lane(kind, name, home, user, secrets, take, give, ends=not scoped, enter=enter)
    if scoped:
        made.extra["begin"] = grants.give
    return made


async def _tenant(world: World, _home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Somebody of another tenant, which is suspended as a whole."""
    beside = await world.beside(name.replace("_", ""))
    home = beside.homes[0]
    user = await beside.user(home, name, [("portal_manager", _place(beside, home, "site"))], staff=False)

    async def take(_hands: Hands) -> None:
        await beside.shut()

    async def give(_hands: Hands) -> None:
        await beside.open()

    secrets = [home.secrets[key] for key in _ALL]
    made = Lane(kind, name, home, user, secrets, take, give, ends=True, enter=lambda: beside.token(user))
    made.world = beside
    return made


_OTHERS = {
    "suspended": _session,
    "signed_out": _session,
    "password": _session,
    "withdrawn": _report,
    "reclassified": _report,
    "party": _party,
    "moved": _moved,
    "unassigned": _unassigned,
    "partner_scope": _partner,
    "partner_disabled": _partner,
    "tenant_suspended": _tenant,
}


def refusals(body: bytes) -> Any:
    """The errors of a command's answer, of either kind."""
    content = orjson.loads(body)
    data = content.get("data") or {}
    return content.get("errors") or [error for one in data.values() if one for error in one.get("userErrors") or ()]
