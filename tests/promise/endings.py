"""Revokes by which sessions end: of people, of those who look through their eyes, of a whole tenant."""

from __future__ import annotations

import uuid

from models import Place, SessionKind, User
from resolvers.ids import encode
from tests.promise import doors
from tests.promise.lane import ALL, Aftermath, Granting, Hands, Lane, nothing, place_of, simple
from tests.promise.world import Home, World


async def session(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Whoever has everything at the site, and loses the session."""
    user = await world.user(home, name, [("portal_manager", place_of(world, home, "site"))], staff=False)
    id = encode(User, user)

    async def suspend(hands: Hands) -> None:
        await hands.command(simple("suspendUser"), id=id)

    async def reactivate(hands: Hands) -> None:
        await hands.command(simple("reactivateUser"), id=id)

    async def sign_out(hands: Hands) -> None:
        await hands.post("/auth/sign-out", made.token, {})

    async def sign_out_elsewhere(hands: Hands) -> None:
        await hands.post("/auth/sessions/end-others", await world.token(user, SessionKind.BROWSER), {})

    async def set_password(_hands: Hands) -> None:
        await doors.set_password(world, user)

    async def reset(hands: Hands) -> None:
        content = {"token": await doors.reset_link(world, user), "password": uuid.uuid4().hex}
        await hands.post("/auth/reset/complete", None, content)

    take, give = {
        "suspended": (suspend, reactivate),
        "signed_out": (sign_out, nothing),
        "signed_out_elsewhere": (sign_out_elsewhere, nothing),
        "password": (set_password, nothing),
        "reset": (reset, nothing),
    }[kind]
    made = Lane(kind, name, home, user, [home.secrets[key] for key in ALL], take, give, Aftermath.CLOSED)
    return made


async def viewed(world: World, home: Home, _other: Home, kind: str, name: str) -> Lane:
    """One of the staff who looks through a portal user's eyes, and loses the right to or is signed out."""
    user = await world.user(home, name, [("portal_manager", place_of(world, home, "site"))], staff=False)
    staff = await world.user(home, f"{name}eyes", [], staff=True)
    grants = Granting(staff, "client_access_manager", Place(world.tenant, home.organization))
    own = [await world.token(staff, SessionKind.BROWSER)]

    async def sign_out(hands: Hands) -> None:
        await hands.post("/auth/sign-out", own[0], {})

    async def sign_in(_hands: Hands) -> None:
        own[0] = await world.token(staff, SessionKind.BROWSER)

    async def enter() -> str:
        return await doors.eyes(world, own[0], user)

    take, give = (grants.take, grants.give) if kind == "view_as" else (sign_out, sign_in)
    secrets = [home.secrets[key] for key in ALL]
    return Lane(kind, name, home, user, secrets, take, give, Aftermath.CLOSED, begin=grants.give, enter=enter)


async def tenant(world: World, _home: Home, _other: Home, kind: str, name: str) -> Lane:
    """Somebody of another tenant, which is suspended as a whole."""
    beside = await world.beside(name.replace("_", ""))
    home = beside.homes[0]
    user = await beside.user(home, name, [("portal_manager", place_of(beside, home, "site"))], staff=False)

    async def take(_hands: Hands) -> None:
        await doors.shut(beside)

    async def give(_hands: Hands) -> None:
        await doors.reopen(beside)

    made = Lane(kind, name, home, user, [home.secrets[key] for key in ALL], take, give, Aftermath.CLOSED)
    made.enter, made.world = lambda: beside.token(user), beside
    return made
