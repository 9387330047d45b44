"""The boundary of every command: one transaction, one answer, and the same answer if the command is repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor, Forbidden
from auth.grants import Locked, load_actor
from auth.permissions import LEGACY_CODE_OF
from domain import finding
from domain.editing import camel
from domain.fencing import AccessChange, Consequence, note
from domain.refusals import Conflict, NotFound, Refused
from models import IdempotencyKey, Versioned
from models.database import writing
from resolvers.context import Context
from resolvers.ids import decode, encode

# They give or take something from whoever gives the command, who may well give another at the same time.
_ON_OWN_RIGHTS = frozenset({"createOrganization", "updateOrganization"})
_RETRIED = {"40001": "serialization failure", "40P01": "deadlock"}
_ATTEMPTS = 4
Row = TypeVar("Row", bound=Versioned)

# What a broken constraint means to whoever sent the command: code and input field.
CONSTRAINTS: Mapping[str, tuple[str, str | None]] = {
    "uq_organization_legal_name": ("NAME_TAKEN", "legalName"),
    "uq_organization_short_name": ("NAME_TAKEN", "shortName"),
    "uq_organization_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_site_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_contact_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_contract_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_job_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_report_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_contact_primary": ("CONFLICT", "id"),
    "uq_contract_tenant_id_reference": ("REFERENCE_TAKEN", "reference"),
    "uq_job_tenant_id_reference": ("REFERENCE_TAKEN", "reference"),
    "uq_app_user_email": ("EMAIL_IN_USE", "email"),
    "uq_portal_user_contact": ("ALREADY_A_PORTAL_USER", "contactId"),
    "uq_access_grant_live": ("ALREADY_GRANTED", "name"),
    "uq_service_name": ("NAME_TAKEN", "name"),
    "uq_service_subscription_live": ("SERVICE_ASSIGNED", "serviceId"),
    "uq_account_manager_live": ("ALREADY_ACCOUNT_MANAGER", "userId"),
    "uq_job_party_role": ("PARTY_ALREADY_LINKED", "organizationId"),
    "uq_job_party_primary": ("PARTY_ALREADY_LINKED", "organizationId"),
    "uq_partner_secret_slot": ("SECRETS_FULL", "id"),
}


class Unauthenticated(Exception):
    """The credential does not stand for anybody (any more)."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("Sign in to go on.")


class ViewAsReadOnly(Refused):
    """Whoever looks through somebody else's eyes changes nothing."""

    code = "VIEW_AS_READ_ONLY"

    def __init__(self) -> None:
        super().__init__("You are viewing as somebody else and cannot change anything.")


@dataclass(frozen=True)
class UserError:
    """Why a command was refused. ``field`` is the path of the input field at fault."""

    code: str
    message: str
    field: list[str] | None = None
    current_version: int | None = None
    permission: str | None = None
    legacy_code: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a command: the id of the row it was about, or why nothing was written."""

    node: str | None
    errors: tuple[UserError, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict[str, str])
    """Secrets that are shown this once, by payload field: whoever repeats the command is not shown them again."""

    def as_json(self) -> dict[str, Any]:
        """The outcome as it is kept for a repetition of the command."""
        return {"node": self.node, "errors": [asdict(error) for error in self.errors]}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Outcome:
        """The outcome that was kept."""
        return cls(kept["node"], tuple(UserError(**error) for error in kept["errors"]))


@dataclass(frozen=True)
class Acting:
    """What an action works with: its session, who acts, when, and what was given."""

    session: AsyncSession
    actor: Actor
    now: datetime
    given: Mapping[str, Any]
    fields: Mapping[str, Any]
    shown: dict[str, str] = field(default_factory=dict[str, str])

    def show(self, name: str, secret: str) -> None:
        """Have the payload's field ``name`` show a secret, once: it is kept nowhere, not for a repetition either."""
        self.shown[name] = secret

    async def find(self, model: type[Row], name: str) -> Row:
        """The row the input field ``name`` refers to, locked; NotFound names the field."""
        field = camel(name)
        target = decode(self.given[name])
        if target is None or target[0] is not model:
            raise NotFound(field)
        return await finding.find(self.session, self.actor, model, target[1], field=field)

    async def find_optional(self, model: type[Row], name: str) -> Row | None:
        """As ``find``, but None if nothing was given."""
        return None if self.given.get(name) is None else await self.find(model, name)

    async def subject(self, model: type[Row]) -> Row:
        """The row the command is about, at the version the caller expects."""
        row = await self.find(model, "id")
        finding.expect(row, self.given.get("expected_version"))
        return row


Act = Callable[[Acting], Awaitable[Versioned]]


async def perform(
    context: Context, name: str, act: Act, *, given: Mapping[str, Any], fields: Mapping[str, Any]
) -> Outcome:
    """Run ``act`` in one transaction and give the context a new snapshot to read the answer in."""
    await context.view.close()
    attempt = 0
    while True:
        attempt += 1
        try:
            lock: Locked = "alone" if name in _ON_OWN_RIGHTS or attempt > 1 else "hold"
            outcome = await _once(context, name, act, given, fields, lock)
            break
        except DBAPIError as error:
            if attempt == _ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _RETRIED:
                raise
    await context.view.renew(context)
    return outcome


async def _once(
    context: Context, name: str, act: Act, given: Mapping[str, Any], fields: Mapping[str, Any], lock: Locked
) -> Outcome:
    services = context.services
    async with writing(services.engine, context.credential.tenant_id) as session:
        actor = await load_actor(session, context.credential, lock=lock)
        if actor is None:
            raise Unauthenticated
        if actor.viewed_by is not None:
            return Outcome(None, (user_error(ViewAsReadOnly()),))
        key = given.get("idempotency_key")
        if key is not None:
            kept = await _kept(session, actor, key, _digest(name, given, fields))
            if kept is not None:
                # Whoever carried it out may have ended before everybody had heard of it; this answer stands for theirs.
                note(session, AccessChange(actor.tenant_id, None, Consequence.VOID))
                await services.publisher.commit(session)
                return kept
        outcome = await _attempt(session, act, Acting(session, actor, context.now, given, fields))
        if key is not None:
            await _keep(session, actor, key, outcome)
        if key is not None or not outcome.errors:
            await services.publisher.commit(session)
        return outcome


async def _attempt(session: AsyncSession, act: Act, acting: Acting) -> Outcome:
    try:
        async with session.begin_nested():
            row = await act(acting)
            await session.flush()
            return Outcome(encode(type(row), row.id), shown=acting.shown)
    except (Refused, Forbidden) as refusal:
        # What was noted for the fence belongs to what was just rolled back.
        session.info.clear()
        return Outcome(None, (user_error(refusal),))
    except IntegrityError as error:
        session.info.clear()
        return Outcome(None, (_broken(error),))


def user_error(refusal: Refused | Forbidden) -> UserError:
    """A refusal as it is told."""
    if isinstance(refusal, Forbidden):
        missing = refusal.permission
        return UserError(refusal.code, str(refusal), permission=missing.value, legacy_code=LEGACY_CODE_OF.get(missing))
    current = refusal.current if isinstance(refusal, Conflict) else None
    field = [refusal.field] if refusal.field else None
    return UserError(refusal.code, str(refusal), field, current)


def _broken(error: IntegrityError) -> UserError:
    known = CONSTRAINTS.get(str(getattr(getattr(error.orig, "diag", None), "constraint_name", None)))
    if known is None:
        raise error
    code, field = known
    return UserError(code, "Another record has this already.", [field] if field else None)


def _digest(name: str, given: Mapping[str, Any], fields: Mapping[str, Any]) -> bytes:
    said = [name, dict(given), dict(fields)]
    return hashlib.sha256(orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS)).digest()


async def _kept(session: AsyncSession, actor: Actor, key: str, digest: bytes) -> Outcome | None:
    """The answer given before under this key. The first to insert the key goes on; the others wait here for it."""
    values = {"tenant_id": actor.tenant_id, "user_id": actor.user_id, "key": key}
    added = await session.execute(
        insert(IdempotencyKey)
        .values(**values, request_hash=digest)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if added.first() is not None:
        return None
    kept = await session.scalar(select(IdempotencyKey).filter_by(**values))
    if kept is None or kept.request_hash != digest:
        return Outcome(None, (_reused(),))
    return Outcome.of_json(kept.answer or {"node": None, "errors": []})


def _reused() -> UserError:
    text = "This key was used for another command."
    return UserError("IDEMPOTENCY_KEY_REUSED", text, ["idempotencyKey"])


async def _keep(session: AsyncSession, actor: Actor, key: str, outcome: Outcome) -> None:
    await session.execute(
        update(IdempotencyKey)
        .where(
            IdempotencyKey.tenant_id == actor.tenant_id,
            IdempotencyKey.user_id == actor.user_id,
            IdempotencyKey.key == key,
        )
        .values(answer=outcome.as_json())
    )
