"""Second factors: what somebody has beside their password, and the codes for the day it is lost.

Everybody manages their own; nobody has to be granted that. Each change is recorded for the audit, and told to its owner
by a letter, so that a theft does not go unnoticed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth import codes, sessions
from auth.actor import Actor
from auth.demands import FactorPolicy
from auth.needs import factor_is_demanded, has_factor
from domain import access, events, mailing
from domain.fencing import Consequence
from domain.refusals import NotFound, Refused
from models import Authenticator, Passkey, RecoveryCode, User

MOST_PASSKEYS = 20
_LETTERS: Mapping[type[events.Event], str] = {
    events.SecondFactorAdded: "factor_added",
    events.SecondFactorRemoved: "factor_removed",
    events.RecoveryCodesRenewed: "recovery_codes_renewed",
    events.RecoveryCodeUsed: "recovery_code_used",
}


class InvalidCode(Refused):
    """The code is wrong, out of time or used already."""

    code = "INVALID_CODE"


class TotpNotBegun(Refused):
    """There is no new generator whose first code could be confirmed."""

    code = "TOTP_NOT_BEGUN"


class NoSecondFactor(Refused):
    """Recovery codes stand in for a second factor, and there is none."""

    code = "NO_SECOND_FACTOR"


class SecondFactorRequired(Refused):
    """The user may not be without a second factor, and this is the last."""

    code = "SECOND_FACTOR_REQUIRED"


class PasskeyExists(Refused):
    """The passkey is registered already."""

    code = "PASSKEY_EXISTS"


class TooManyPasskeys(Refused):
    """Nobody needs so many; remove one that is not used."""

    code = "TOO_MANY_PASSKEYS"


@dataclass(frozen=True)
class NewPasskey:
    """What a verified registration has brought."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    label: str


@dataclass(frozen=True)
class Held:
    """The factors somebody has."""

    authenticator: Authenticator | None
    passkeys: list[Passkey]
    recovery_codes: int


async def held(session: AsyncSession, actor: Actor) -> Held:
    """The factors of the actor that work, and how many recovery codes are left."""
    passkeys = select(Passkey).where(*_own(Passkey, actor)).order_by(Passkey.id)
    left = select(func.count()).where(*_own(RecoveryCode, actor), RecoveryCode.used_at.is_(None))
    return Held(
        await authenticator_of(session, actor),
        list(await session.scalars(passkeys)),
        (await session.execute(left)).scalar_one(),
    )


async def authenticator_of(session: AsyncSession, actor: Actor) -> Authenticator | None:
    """The generator of codes that is in use."""
    return await session.scalar(
        select(Authenticator).where(*_own(Authenticator, actor), Authenticator.confirmed_at.is_not(None))
    )


async def begun_authenticator_of(session: AsyncSession, actor: Actor) -> Authenticator:
    """The generator that is being set up."""
    begun = select(Authenticator).where(*_own(Authenticator, actor), Authenticator.confirmed_at.is_(None))
    row = await session.scalar(begun.with_for_update())
    if row is None:
        raise TotpNotBegun("Begin anew: there is nothing to confirm.")
    return row


async def begin_authenticator(session: AsyncSession, actor: Actor, sealed: bytes) -> None:
    """Keep the secret of a new generator, which counts for nothing until a code of it was shown."""
    await session.execute(
        delete(Authenticator).where(*_own(Authenticator, actor), Authenticator.confirmed_at.is_(None))
    )
    session.add(Authenticator(tenant_id=actor.tenant_id, user_id=actor.user_id, secret=sealed))
    await session.flush()


async def confirm_authenticator(
    session: AsyncSession, actor: Actor, begun: Authenticator, *, step: int, on: datetime
) -> list[str] | None:
    """Put a new generator in the place of the old one; recovery codes if there were none."""
    await session.execute(
        delete(Authenticator).where(*_own(Authenticator, actor), Authenticator.confirmed_at.is_not(None))
    )
    begun.confirmed_at, begun.last_step = on, step
    await _tell(session, actor, events.SecondFactorAdded, "authenticator", on=on)
    return await _first_codes(session, actor)


async def spend_step(session: AsyncSession, row: Authenticator, step: int) -> None:
    """Use a code up; InvalidCode if it, or a later one, was used before."""
    spent = await session.execute(
        update(Authenticator)
        .where(Authenticator.tenant_id == row.tenant_id, Authenticator.id == row.id)
        .where(func.coalesce(Authenticator.last_step, -1) < step)
        .values(last_step=step)
        .returning(Authenticator.id)
        .execution_options(synchronize_session=False)
    )
    if spent.one_or_none() is None:
        raise InvalidCode("The code is wrong, or was used already.")


async def spend_recovery_code(session: AsyncSession, actor: Actor, code: str, *, on: datetime) -> None:
    """Use a recovery code up."""
    spent = await session.execute(
        update(RecoveryCode)
        .where(*_own(RecoveryCode, actor), RecoveryCode.code_hash == codes.recovery_hash(code))
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=on)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    if spent.one_or_none() is None:
        raise InvalidCode("The code is wrong, or was used already.")
    await _tell(session, actor, events.RecoveryCodeUsed, "recovery code", on=on)


async def renew_recovery_codes(session: AsyncSession, actor: Actor, *, on: datetime) -> list[str]:
    """New recovery codes in the place of all others."""
    if not await _has_factor(session, actor):
        raise NoSecondFactor("Add a second factor first.")
    made = await _new_codes(session, actor)
    await _tell(session, actor, events.RecoveryCodesRenewed, "recovery codes", on=on)
    return made


async def remove_authenticator(session: AsyncSession, actor: Actor, policy: FactorPolicy, *, on: datetime) -> None:
    """Do without codes from a generator."""
    row = await authenticator_of(session, actor)
    if row is None:
        raise NotFound(None)
    await session.delete(row)
    await _removed(session, actor, policy, "authenticator", on=on)


async def add_passkey(
    session: AsyncSession, actor: Actor, given: NewPasskey, *, on: datetime
) -> tuple[Passkey, list[str] | None]:
    """Keep the public half of a passkey; with the first factor come recovery codes."""
    await _lock(session, actor)
    if len((await held(session, actor)).passkeys) >= MOST_PASSKEYS:
        raise TooManyPasskeys(f"Nobody has more than {MOST_PASSKEYS} passkeys.")
    values = {"tenant_id": actor.tenant_id, "user_id": actor.user_id, **vars(given)}
    adding = insert(Passkey).values(values).on_conflict_do_nothing(index_elements=["tenant_id", "credential_id"])
    row = await session.scalar(adding.returning(Passkey))
    if row is None:
        raise PasskeyExists("This passkey is registered already.")
    await _tell(session, actor, events.SecondFactorAdded, "passkey", on=on)
    return row, await _first_codes(session, actor)


async def remove_passkey(
    session: AsyncSession, actor: Actor, id: uuid.UUID, policy: FactorPolicy, *, on: datetime
) -> None:
    """Do without a passkey."""
    row = await session.scalar(select(Passkey).where(*_own(Passkey, actor), Passkey.id == id))
    if row is None:
        raise NotFound
    await session.delete(row)
    await _removed(session, actor, policy, "passkey", on=on)


async def reset_factors(session: AsyncSession, actor: Actor, user: User, *, on: datetime) -> None:
    """Take all second factors from somebody who has lost them, and end their sessions: the password is enough again."""
    actor.require(access.right_to_manage(user), user.place)
    access.check_person(user)
    if actor.user_id == user.id:
        raise access.OwnAccess("Nobody resets their own second factor here.")
    if not (await session.execute(select(has_factor(user.tenant_id, user.id)))).scalar_one():
        raise NoSecondFactor("There is no second factor to reset.")
    for model in (Authenticator, Passkey, RecoveryCode):
        await session.execute(delete(model).where(model.tenant_id == user.tenant_id, model.user_id == user.id))
    await access.changed(session, user, Consequence.CLOSE)
    await sessions.end_sessions(session, user.tenant_id, user.id)
    await events.record(session, actor, events.SecondFactorRemoved(user, {"factor": ("all", None)}))
    await mailing.post(session, user, "factors_reset", await mailing.letterhead(session, user), on=on)


async def _removed(session: AsyncSession, actor: Actor, policy: FactorPolicy, factor: str, *, on: datetime) -> None:
    """What follows from a factor's removal: it may not be the last one that is demanded, nor leave codes behind."""
    await session.flush()
    if not await _has_factor(session, actor):
        if await factor_is_demanded(session, actor.tenant_id, actor.user_id, policy):
            raise SecondFactorRequired("Add another second factor before you remove the last.")
        await session.execute(delete(RecoveryCode).where(*_own(RecoveryCode, actor)))
    await _record(session, actor, events.SecondFactorRemoved, (factor, None), on=on)


async def _first_codes(session: AsyncSession, actor: Actor) -> list[str] | None:
    """New recovery codes for somebody who has none at all."""
    some = select(RecoveryCode.id).where(*_own(RecoveryCode, actor)).limit(1)
    return None if await session.scalar(some) else await _new_codes(session, actor)


async def _new_codes(session: AsyncSession, actor: Actor) -> list[str]:
    made = codes.new_recovery_codes()
    await _lock(session, actor)
    await session.execute(delete(RecoveryCode).where(*_own(RecoveryCode, actor)))
    session.add_all(
        RecoveryCode(tenant_id=actor.tenant_id, user_id=actor.user_id, code_hash=codes.recovery_hash(code))
        for code in made
    )
    return made


async def _has_factor(session: AsyncSession, actor: Actor) -> bool:
    return (await session.execute(select(has_factor(actor.tenant_id, actor.user_id)))).scalar_one()


async def _tell(session: AsyncSession, actor: Actor, event: type[events.Event], factor: str, *, on: datetime) -> None:
    await _record(session, actor, event, (None, factor), on=on)


async def _record(
    session: AsyncSession,
    actor: Actor,
    event: type[events.Event],
    factor: tuple[str | None, str | None],
    *,
    on: datetime,
) -> None:
    """Keep what has become of the actor's own factors for the audit, and have them told."""
    user = await _lock(session, actor)
    await events.record(session, actor, event(user, {"factor": factor}))
    told = await mailing.letterhead(session, user) | {"factor": factor[0] or factor[1] or ""}
    await mailing.post(session, user, _LETTERS[event], told, on=on)


async def _lock(session: AsyncSession, actor: Actor) -> User:
    """The actor's row, locked: changes of one user's factors come one after another."""
    found = select(User).where(User.tenant_id == actor.tenant_id, User.id == actor.user_id)
    return (await session.scalars(found.with_for_update())).one()


def _own(model: type[Authenticator | Passkey | RecoveryCode], actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return model.tenant_id == actor.tenant_id, model.user_id == actor.user_id
