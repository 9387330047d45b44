"""Revokes of what is granted: roles, features and permissions, at the tenant, an organization or a site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models import User
from resolvers.ids import encode
from tests.promise.documents import Document
from tests.promise.lane import ALL, Granting, Hands, Lane, place_id, place_of
from tests.promise.world import Home, World


@dataclass(frozen=True)
class _Given:
    """A kind whose revoke is that of a grant: which, where (site, organization, tenant), and what else is held."""

    grant: str
    at: str
    keys: tuple[str, ...]
    base: tuple[tuple[str, str], ...] = ()
    staff: bool = False


_JOBS = ("jobs.view", "organization")
_ELSEWHERE = (("billing", "organization"),)
GRANTS: Mapping[str, _Given] = {
    "site": _Given("portal_viewer", "site", ("site", "job")),
    "organization": _Given("portal_viewer", "organization", ("org", "site", "job")),
    "tenant": _Given("operations_lead", "tenant", ("site", "job", "notes", "incident", "contact"), staff=True),
    "role": _Given("portal_manager", "site", ALL[1:], _ELSEWHERE),
    "staff_role": _Given("dispatcher", "organization", ("org", "job", "notes", "contact"), staff=True),
    "reports": _Given("reports", "site", ("incident", "activity"), _ELSEWHERE),
    "report_kind": _Given("incident_reports", "organization", ("incident",), (("activity_reports", "organization"),)),
    "permission": _Given("contacts.view", "site", ("contact",), _ELSEWHERE),
    "feature": _Given("contacts", "organization", ("contact",), _ELSEWHERE),
    "guarded": _Given("rates", "organization", ("terms",), (("contracts", "organization"),)),
    "editor": _Given("notes.internal", "organization", ("notes",), (("jobs.edit", "organization"), _JOBS), staff=True),
}
_EDIT = 'mutation($id:ID!){updateJob(input:{id:$id,description:"As agreed."}){job{id internalNotes} userErrors{code}}}'
_SET = "mutation($u:ID!,$g:[GrantInput!]!){setAccess(input:{id:$u,grants:$g}){userErrors{code message}}}"


async def granted(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever has a grant, which is revoked and given again by itself."""
    given = GRANTS[kind]
    base = [(grant, place_of(world, home, at)) for grant, at in given.base]
    user = await world.user(home, name, base, staff=given.staff)
    grants = Granting(user, given.grant, place_of(world, home, given.at))
    secrets = [home.secrets[key] for key in given.keys]
    made = Lane(kind, name, home, user, secrets, grants.take, grants.give, begin=grants.give)
    if given.at == "tenant":
        made.watches = world.tenant
    if kind == "editor":
        made.more = [_payload(home)]
    return made


def _payload(home: Home) -> Document:
    """A command of the viewer's own, whose payload holds what they may not read any more."""
    notes = home.secrets["notes"]
    return Document("payload", _EDIT, {"id": notes.node_id}, frozenset({notes.key}))


async def edited(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever has several grants, which the access editor replaces all at once."""
    rest, extra = place_of(world, home, "organization"), place_of(world, home, "site")
    user = await world.user(home, name, [("activity_reports", rest), ("incident_reports", extra)], staff=False)
    kept = {"name": "activity_reports", "placeId": place_id(rest)}

    async def take(hands: Hands) -> None:
        await hands.command(_SET, u=encode(User, user), g=[kept])

    async def give(hands: Hands) -> None:
        both = [kept, {"name": "incident_reports", "placeId": place_id(extra)}]
        await hands.command(_SET, u=encode(User, user), g=both)

    return Lane(kind, name, home, user, [home.secrets["incident"]], take, give)
