"""Partners' programs: what is agreed with each, the secrets they prove themselves with, and their tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth import sessions
from auth.actor import Actor
from auth.partners import client_id_of, hash_of, new_secret
from auth.permissions import Permission
from domain import access, events, states, values
from domain.editing import Field, change, checked
from domain.fencing import AccessChange, Consequence, note
from domain.refusals import Invalid, InvalidTransition, Refused
from models import (
    PartnerApplication,
    PartnerEnvironment,
    PartnerSecret,
    PartnerStatus,
    PermissionEpoch,
    Place,
    Session,
    SessionKind,
    User,
    UserKind,
    UserStatus,
    new_id,
)

P = Permission
SLOTS = (1, 2)
TOKEN_LIFETIME = timedelta(minutes=10)
MOST_FIELDS = 500

ASKABLE: set[str] = set()
"""The names of all fields an allow-list can hold. The schema says them when it is built: it alone knows them."""


def field_names(given: Iterable[str]) -> list[str]:
    """An allow-list as it is kept: sorted, each name once, and none that does not exist."""
    names = sorted(set(given))
    if len(names) > MOST_FIELDS:
        raise Invalid(f"A list has at most {MOST_FIELDS} fields.", code="INVALID_LENGTH")
    unknown = next((one for one in names if one not in ASKABLE), None)
    if unknown is not None:
        raise Invalid("There is no such field as one of these; write them as Site.name.", code="UNKNOWN_FIELD")
    return names


FIELDS: Mapping[str, Field] = {
    "name": Field(values.text(1, 191)),
    "fields": Field(lambda given: None if given is None else field_names(given)),
    "bucket": Field(values.number(100, 1_000_000)),
    "restore_rate": Field(values.number(1, 100_000)),
}


class SecretsFull(Refused):
    """Two secrets are alive: one in use, one to change over to."""

    code = "SECRETS_FULL"
    field = "id"


class SecretExpired(Refused):
    """A secret that would be dead from the start."""

    code = "EXPIRES_IN_THE_PAST"
    field = "expiresAt"


class Unproved(Exception):
    """The secret, or the application itself, is alive no more."""


@dataclass(frozen=True)
class Shown:
    """A secret with its row. It is not kept and cannot be shown again."""

    row: PartnerSecret
    secret: str


async def create(
    session: AsyncSession,
    actor: Actor,
    *,
    fields: Mapping[str, Any],
    environment: PartnerEnvironment = PartnerEnvironment.LIVE,
) -> tuple[PartnerApplication, Shown]:
    """An application of a partner, without any scope yet, and its first secret, which is shown once."""
    place = Place(actor.tenant_id)
    actor.require(P.MANAGE_PARTNERS, place)
    given = checked(actor, place, FIELDS, fields)
    id = new_id()
    user = User(
        tenant_id=actor.tenant_id,
        id=id,
        kind=UserKind.PARTNER,
        status=UserStatus.ACTIVE,
        name=given["name"],
        email=f"{id.hex}@partners.invalid",
    )
    session.add(user)
    await events.record(session, actor, events.UserCreated(user))
    session.add(PermissionEpoch(tenant_id=user.tenant_id, id=id))
    application = PartnerApplication(
        tenant_id=user.tenant_id, id=id, client_id=client_id_of(user.tenant_id, id), environment=environment, **given
    )
    session.add(application)
    await session.flush()
    shown = await _add_secret(session, actor, application, SLOTS[0], label=None, expires_at=None)
    await events.record(session, actor, events.PartnerApplicationCreated(application))
    return application, shown


async def update_terms(
    session: AsyncSession, actor: Actor, application: PartnerApplication, *, fields: Mapping[str, Any]
) -> PartnerApplication:
    """Change what is agreed with an application; a field it may not ask for any more is not sent any more."""
    actor.require(P.MANAGE_PARTNERS, application.place)
    given = checked(actor, application.place, FIELDS, fields)
    user = await user_of(session, application)
    await access.changed(session, user)
    changes = change(application, given)
    if changes:
        change(user, {"name": application.name})
        await events.record(session, actor, events.PartnerApplicationUpdated(application, changes))
    return application


async def disable(session: AsyncSession, actor: Actor, application: PartnerApplication, *, on: datetime) -> None:
    """End every token of an application and close its sockets; until it is enabled it gets no others."""
    user = await user_of(session, application)
    await states.take(session, actor, application, "disable")
    change(user, {"status": UserStatus.SUSPENDED})
    await access.changed(session, user, Consequence.CLOSE)
    await sessions.end_sessions(session, user.tenant_id, user.id)


async def enable(session: AsyncSession, actor: Actor, application: PartnerApplication, *, on: datetime) -> None:
    """Let a disabled application ask for tokens again, with the scopes and secrets it had."""
    user = await user_of(session, application)
    await states.take(session, actor, application, "enable")
    change(user, {"status": UserStatus.ACTIVE})
    await access.changed(session, user)


async def rotate(
    session: AsyncSession,
    actor: Actor,
    application: PartnerApplication,
    *,
    label: str | None,
    expires_at: datetime | None,
    on: datetime,
) -> Shown:
    """Add a secret beside the one in use, which stays good until it is ended. It is shown once."""
    actor.require(P.MANAGE_PARTNERS, application.place)
    if expires_at is not None and expires_at <= on:
        raise SecretExpired("The secret would have expired already.")
    living = await _living(session, actor, application, on=on)
    free = [slot for slot in SLOTS if slot not in {one.slot for one in living}]
    if not free:
        raise SecretsFull("There are two secrets: end one first.")
    return await _add_secret(session, actor, application, free[0], label=label, expires_at=expires_at)


async def end_secret(session: AsyncSession, actor: Actor, secret: PartnerSecret, *, on: datetime) -> PartnerSecret:
    """End a secret, and every token that was got with it."""
    actor.require(P.MANAGE_PARTNERS, secret.place)
    if secret.archived_at is not None:
        raise InvalidTransition("The secret was ended already.")
    await _end(session, actor, secret, on)
    return secret


async def user_of(session: AsyncSession, application: PartnerApplication) -> User:
    """The user an application acts as, locked for the change."""
    key = (application.tenant_id, application.id)
    return await session.get_one(User, key, with_for_update=True)


async def _add_secret(
    session: AsyncSession,
    actor: Actor,
    application: PartnerApplication,
    slot: int,
    *,
    label: str | None,
    expires_at: datetime | None,
) -> Shown:
    secret = new_secret()
    row = PartnerSecret(
        tenant_id=application.tenant_id,
        application_id=application.id,
        secret_hash=hash_of(secret),
        slot=slot,
        label=values.optional(values.text(1, 191))(label),
        expires_at=expires_at,
    )
    session.add(row)
    await events.record(session, actor, events.PartnerSecretAdded(row))
    return Shown(row, secret)


async def _living(
    session: AsyncSession, actor: Actor, application: PartnerApplication, *, on: datetime
) -> list[PartnerSecret]:
    """The living secrets; those that have expired make room."""
    query = select(PartnerSecret).where(
        PartnerSecret.tenant_id == application.tenant_id,
        PartnerSecret.application_id == application.id,
        PartnerSecret.archived_at.is_(None),
    )
    found = list(await session.scalars(query.with_for_update()))
    for one in found:
        if one.expires_at is not None and one.expires_at <= on:
            await _end(session, actor, one, on)
    return [one for one in found if one.archived_at is None]


async def _end(session: AsyncSession, actor: Actor, secret: PartnerSecret, on: datetime) -> None:
    note(session, AccessChange(secret.tenant_id, secret.application_id, Consequence.REFRESH))
    changes = change(secret, {"archived_at": on})
    await events.record(session, actor, events.PartnerSecretEnded(secret, changes))
    await session.execute(
        update(Session)
        .where(
            Session.tenant_id == secret.tenant_id,
            Session.partner_secret_id == secret.id,
            Session.ended_at.is_(None),
        )
        .values(ended_at=func.clock_timestamp())
    )


async def open_token(session: AsyncSession, secret: PartnerSecret, scopes: Iterable[str] | None) -> str:
    """A token for whoever proved to hold ``secret``; ``scopes`` narrow it. Unproved if either has died meanwhile.

    Both rows are locked: whoever ends the secret, or disables the application, finds this token and ends it too.
    """
    application = await session.scalar(
        select(PartnerApplication)
        .where(
            PartnerApplication.tenant_id == secret.tenant_id,
            PartnerApplication.id == secret.application_id,
            PartnerApplication.status == PartnerStatus.ACTIVE,
        )
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    if application is None or not await _use(session, secret):
        raise Unproved
    token, token_hash = sessions.new_token(secret.tenant_id)
    session.add(
        Session(
            tenant_id=secret.tenant_id,
            user_id=secret.application_id,
            kind=SessionKind.PARTNER,
            secret_hash=token_hash,
            label=application.name,
            scopes=None if scopes is None else sorted(scopes),
            partner_secret_id=secret.id,
            expires_at=func.clock_timestamp() + TOKEN_LIFETIME,
        )
    )
    return token


async def _use(session: AsyncSession, secret: PartnerSecret) -> bool:
    """Note that the secret was used, which is no edit of it; False if it is alive no more."""
    used = await session.execute(
        update(PartnerSecret)
        .where(
            PartnerSecret.tenant_id == secret.tenant_id,
            PartnerSecret.id == secret.id,
            PartnerSecret.archived_at.is_(None),
            or_(PartnerSecret.expires_at.is_(None), PartnerSecret.expires_at > func.clock_timestamp()),
        )
        .values(last_used_at=func.clock_timestamp(), updated_at=PartnerSecret.updated_at)
        .returning(PartnerSecret.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


async def revoke_token(session: AsyncSession, token: Session) -> None:
    """End one token; when this is committed, nothing is sent under it any more."""
    note(session, AccessChange(token.tenant_id, token.user_id, Consequence.REFRESH))
    await sessions.end_session(session, token.tenant_id, token.user_id, token.id)
