"""All that somebody was given by hand, changed in one transaction."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.scope import Viewpoint, visible
from domain import access
from domain.refusals import Conflict, Refused
from models import Grant, PermissionEpoch, Place, User

BY_HAND = "MANUAL"
MOST = 200


class TooManyGrants(Refused):
    """More than one change may hold."""

    code = "TOO_MANY_GRANTS"
    field = "grants"


@dataclass(frozen=True)
class Wanted:
    """A name of the policy at a place."""

    name: str
    at: Place


@dataclass(frozen=True)
class Change:
    """What is taken and then given until somebody has exactly what is wanted."""

    taken: tuple[Wanted, ...]
    given: tuple[Wanted, ...]


def difference(had: Iterable[Wanted], wanted: Iterable[Wanted]) -> Change:
    """The change from what somebody has by hand to what they shall have; TooManyGrants if that is too much."""
    before, named = set(had), set(wanted)
    if len(named) > MOST:
        raise TooManyGrants(f"At most {MOST} grants can be set at once.")
    return Change(tuple(sorted(before - named, key=_order)), tuple(sorted(named - before, key=_order)))


def check(actor: Actor, user: access.Person, change: Change, unseen: Container[Wanted]) -> None:
    """Refuse what making the change would refuse; ``unseen`` is what the user has by hand and the actor cannot see."""
    for one in change.taken:
        access.check_change(actor, user, one.at)
    for one in change.given:
        access.check_change(actor, user, one.at)
        access.check_grantable(user, one.name, one.at)
        if one in unseen:
            raise access.AlreadyGranted


async def epoch_of(session: AsyncSession, user: User) -> int:
    """How often the user's rights have changed, held still until the transaction ends."""
    query = select(PermissionEpoch.number).where(
        PermissionEpoch.tenant_id == user.tenant_id, PermissionEpoch.id == user.id
    )
    return (await session.scalars(query.with_for_update())).one()


async def set_access(
    session: AsyncSession,
    actor: Actor,
    user: User,
    wanted: Iterable[Wanted],
    *,
    expected_epoch: int | None,
    on: datetime,
) -> None:
    """Give and take until ``user`` has by hand exactly what is ``wanted``, as far as ``actor`` sees what they have.

    What they have for another cause stays. Conflict if their rights have changed since ``expected_epoch``.
    """
    present = await epoch_of(session, user)
    if expected_epoch is not None and expected_epoch != present:
        raise Conflict(present, field="expectedEpoch")
    had = {Wanted(row.name, row.place): row for row in await _by_hand(session, actor, user)}
    change = difference(had, wanted)
    for one in change.taken:
        await access.revoke(session, actor, user, had[one], on=on)
    for one in change.given:
        await access.grant(session, actor, user, name=one.name, at=one.at)


def _order(one: Wanted) -> tuple[str, str, str]:
    return one.name, str(one.at.organization), str(one.at.site)


async def _by_hand(session: AsyncSession, actor: Actor, user: User) -> list[Grant]:
    query = select(Grant).where(
        Grant.tenant_id == user.tenant_id,
        Grant.user_id == user.id,
        Grant.cause == BY_HAND,
        Grant.archived_at.is_(None),
    )
    if actor.user_id.int:
        eyes = Viewpoint(literal(actor.tenant_id), literal(actor.user_id), actor.scopes)
        query = query.where(visible(Grant, Grant.__table__, eyes))
    return list(await session.scalars(query.with_for_update(of=Grant)))
