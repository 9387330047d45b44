"""Revokes of partners' applications: a scope, a field, the secret, the token, or everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.partners import ASKABLE, TOKEN_LIFETIME
from models import PartnerApplication, PartnerSecret
from resolvers.ids import encode
from tests.promise import doors
from tests.promise.lane import Aftermath, Granting, Hands, Lane, Step, nothing, place_of, simple
from tests.promise.world import Home, Known, World

_FIELDS = "mutation($id:ID!,$f:[String!]){updatePartnerApplication(input:{id:$id,fields:$f}){userErrors{code message}}}"
Steps = tuple[Step, Step]


async def program(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """An application that reads the reports of a site."""
    place = place_of(world, home, "site")
    scopes = ("sites:read",) if kind == "partner_scope" else ("sites:read", "reports:read")
    known = await world.application(name, [(scope, place) for scope in scopes])
    made = Lane(kind, name, home, known.id, [home.secrets[key] for key in ("incident", "activity")], nothing, nothing)
    made.enter, made.lasts = lambda: doors.program_token(world, known.id), TOKEN_LIFETIME.total_seconds()
    if kind == "partner_scope":
        grants = Granting(known.id, "reports:read", place)
        made.begin, made.take, made.give = grants.give, grants.take, grants.give
    elif kind == "partner_field":
        made.take, made.give, made.after = *_fields(known), Aftermath.REFUSED
    else:
        made.take, made.give, made.after = *_ENDINGS[kind](world, known, made), Aftermath.CLOSED
    return made


def _fields(known: Known) -> Steps:
    """One field is taken off the list of those that may be asked for."""
    id = encode(PartnerApplication, known.id)

    async def take(hands: Hands) -> None:
        await hands.command(_FIELDS, id=id, f=sorted(one for one in ASKABLE if one != "Report.title"))

    async def give(hands: Hands) -> None:
        await hands.command(_FIELDS, id=id, f=None)

    return take, give


def _disabled(_world: World, known: Known, _lane: Lane) -> Steps:
    id = encode(PartnerApplication, known.id)

    async def take(hands: Hands) -> None:
        await hands.command(simple("disablePartnerApplication"), id=id)

    async def give(hands: Hands) -> None:
        await hands.command(simple("enablePartnerApplication"), id=id)

    return take, give


def _token(_world: World, known: Known, lane: Lane) -> Steps:
    async def take(hands: Hands) -> None:
        proof = {"client_id": known.client_id, "client_secret": known.secret}
        await hands.form("/oauth/revoke", {"token": lane.token, **proof})

    return take, nothing


def _secret(world: World, known: Known, _lane: Lane) -> Steps:
    async def take(hands: Hands) -> None:
        secret = await doors.living_secret(world, known.id)
        await hands.command(simple("endPartnerSecret"), id=encode(PartnerSecret, secret))

    async def give(hands: Hands) -> None:
        await hands.command(simple("rotatePartnerSecret"), id=encode(PartnerApplication, known.id))

    return take, give


_ENDINGS: Mapping[str, Callable[[World, Known, Lane], Steps]] = {
    "partner_disabled": _disabled,
    "partner_token": _token,
    "partner_secret": _secret,
}
