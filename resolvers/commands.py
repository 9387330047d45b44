"""The boundary of every command: one transaction, one answer, and the same answer if the command is repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

import orjson
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor, Forbidden
from auth.grants import Credential, Locked, load_actor
from domain import finding
from domain.editing import camel
from domain.fencing import AccessChange, Consequence, note
from domain.refusals import NotFound, Refused
from models import IdempotencyKey, Versioned
from models.database import writing
from resolvers.context import Context, Services
from resolvers.ids import decode, encode
from resolvers.outcomes import Outcome, UserError, broken, user_error
from resolvers.record import Record

# They give or take something from whoever gives the command, who may well give another at the same time.
_ON_OWN_RIGHTS = frozenset({"createOrganization", "updateOrganization"})
_RETRIED = {"40001": "serialization failure", "40P01": "deadlock"}
_ATTEMPTS = 4
Row = TypeVar("Row", bound=Versioned)


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


@dataclass(frozen=True)
class Order:
    """A command as it was given."""

    name: str
    act: Act
    given: Mapping[str, Any]
    fields: Mapping[str, Any]

    @property
    def key(self) -> str | None:
        """The key under which it happens once, however often it is repeated."""
        return self.given.get("idempotency_key")

    def digest(self) -> bytes:
        """Equal for commands that ask for the same."""
        said = [self.name, dict(self.given), dict(self.fields)]
        return hashlib.sha256(orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS)).digest()


Admit = Callable[[AsyncSession, Actor], Awaitable[None]]
"""Called with whoever gives a command, in its transaction; it raises if they may not, and may write what it costs."""


@dataclass(frozen=True)
class Giver:
    """Whoever gives commands, and when: who it is is read in the transaction of each command."""

    services: Services
    credential: Credential
    now: datetime
    admit: Admit | None = None


async def perform(giver: Giver, order: Order) -> Outcome:
    """Carry a command out in one transaction."""
    attempt = 0
    while True:
        attempt += 1
        lock: Locked = "alone" if order.name in _ON_OWN_RIGHTS or attempt > 1 else "hold"
        try:
            return await _once(giver, order, lock)
        except DBAPIError as error:
            if attempt == _ATTEMPTS or getattr(error.orig, "sqlstate", None) not in _RETRIED:
                raise


async def _once(giver: Giver, order: Order, lock: Locked) -> Outcome:
    services = giver.services
    async with writing(services.engine, giver.credential.tenant_id) as session:
        actor = await load_actor(session, giver.credential, lock=lock)
        if actor is None:
            raise Unauthenticated
        if actor.viewed_by is not None:
            return Outcome(None, (user_error(ViewAsReadOnly()),))
        if giver.admit is not None:
            await giver.admit(session, actor)
        outcome = await _kept(session, actor, order) or await _anew(session, actor, giver.now, order)
        # What a partner's application has paid is paid for a refusal as well.
        if order.key is not None or actor.terms is not None or not outcome.errors:
            await services.publisher.commit(session)
        return outcome


async def _anew(session: AsyncSession, actor: Actor, now: datetime, order: Order) -> Outcome:
    outcome = await _attempt(session, order.act, Acting(session, actor, now, order.given, order.fields))
    if order.key is not None:
        await _keep(session, actor, order.key, outcome)
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
        return Outcome(None, (broken(error),))


async def _kept(session: AsyncSession, actor: Actor, order: Order) -> Outcome | None:
    """The answer given before under this key. The first to insert the key goes on; the others wait here for it."""
    if order.key is None:
        return None
    values = {"tenant_id": actor.tenant_id, "user_id": actor.user_id, "key": order.key}
    digest = order.digest()
    added = await session.execute(
        insert(IdempotencyKey)
        .values(**values, request_hash=digest)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if added.first() is not None:
        return None
    # Whoever carried it out may have ended before everybody had heard of it; this answer stands for theirs.
    note(session, AccessChange(actor.tenant_id, None, Consequence.VOID))
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


class Commander(Protocol):
    """The root of a mutation: whoever carries its commands out, and shows the rows they were about."""

    async def carry_out(self, order: Order) -> Outcome: ...

    def row(self, node: str) -> Awaitable[Record | None] | None:
        """The row of this id, as the viewer may see it after the command; None if it is not shown here."""
        ...


def row_in(context: Context, node: str) -> Awaitable[Record | None] | None:
    """The row of this id in the context's snapshot, on its way; None if it is no id."""
    target = decode(node)
    return None if target is None else context.loaders.row(target[0]).load((context.actor.user_id, target[1]))
