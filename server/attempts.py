"""Guessing takes longer with every guess: attempts are counted by account and by network, delayed, never locked out.

The counts are rows that all processes share. An account has two of them: one for networks it was signed in from
before, one for all others, so that whoever guesses from afar does not keep out those who belong. Either allows fewer
than 40 guesses an hour, however many networks and processes take part. The keys are hashes that only this service can
make: who tried to sign in cannot be read from the table.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.replies import Refusal

FORGOTTEN_AFTER = timedelta(hours=1)
FAMILIAR_FOR = timedelta(days=30)
CLEANED_EVERY = 64
CLEANED_AT_ONCE = 1_000


@dataclass(frozen=True)
class Pace:
    """``free`` attempts without a wait, then waits that double from one second up to ``longest`` seconds."""

    free: int
    longest: float

    def wait(self, count: int) -> float:
        """How long to wait after the attempt that was the ``count``-th."""
        return 0.0 if count <= self.free else min(2.0 ** min(count - self.free - 1, 30), self.longest)


# On an account from one network, its own user; on an account, a guesser with many addresses; from a network, one with
# many accounts, or an office.
HERE, ACCOUNT, ADDRESS = Pace(5, 300), Pace(10, 180), Pace(50, 60)

# The moment of an attempt is read again from every row that is locked, and the last one counts: taken before, somebody
# who was charged while this one waited for the rows would seem to lie ahead.
_TAKE = text("""
with asked as (select coalesce(cast(:now as timestamptz), clock_timestamp()) as moment)
insert into sign_in_attempt as kept (key, last_at, until_at)
select given.key, moment, moment
from asked, unnest(cast(:keys as bytea[])) as given (key)
order by given.key
on conflict (key) do update set
  count = case when excluded.last_at - kept.last_at > :forgotten then 0 else kept.count end,
  last_at = least(kept.last_at, excluded.last_at),
  until_at = least(kept.until_at, excluded.last_at + :longest)
returning key, count as tried, until_at, familiar_until,
  coalesce(cast(:now as timestamptz), clock_timestamp()) as moment
""")
_CHARGE = text("""
update sign_in_attempt as kept
set count = kept.count + 1, last_at = :moment, until_at = cast(:moment as timestamptz) + given.wait
from unnest(cast(:keys as bytea[]), cast(:waits as interval[])) as given (key, wait)
where kept.key = given.key
""")
_FORGIVE = text("""
update sign_in_attempt
set count = case when key = :here then 0 else greatest(count - 1, 0) end,
    until_at = case when key = :here then last_at else until_at end
where key in (select key from sign_in_attempt where key = any(cast(:keys as bytea[])) order by key for update)
""")
_WELCOME = text("""
with asked as (select coalesce(cast(:now as timestamptz), clock_timestamp()) as moment)
insert into sign_in_attempt as kept (key, last_at, until_at, familiar_until)
select :here, moment, moment, moment + :familiar from asked
on conflict (key) do update set familiar_until = excluded.familiar_until
""")
_CLEAN = text("""
delete from sign_in_attempt where key in (
  select key from sign_in_attempt
  where last_at < cast(:moment as timestamptz) - cast(:forgotten as interval)
    and (familiar_until is null or familiar_until < :moment)
  limit :most for update skip locked
)
""")


class TooManyAttempts(Refusal):
    """Wait before the next attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__(429, "TOO_MANY_ATTEMPTS", "Too many attempts. Wait before the next one.", retry_after=seconds)


@dataclass(frozen=True)
class Subject:
    """What is being guessed: a kind of secret, and whose it is."""

    parts: tuple[str, ...]


def password_of(email: str) -> Subject:
    """The password of an address, in all tenants."""
    return Subject(("password", email.strip().lower()))


def second_factor_of(tenant_id: uuid.UUID, user_id: uuid.UUID) -> Subject:
    """The one-time codes of a user."""
    return Subject(("second factor", tenant_id.hex, user_id.hex))


@dataclass(frozen=True)
class Admission:
    """An attempt that was counted, and what it was charged to."""

    here: bytes
    charged: tuple[bytes, ...]


class Attempts:
    """The attempts all processes have seen. The clock is the database's, unless another is given."""

    def __init__(self, engine: AsyncEngine, secret: bytes, clock: Callable[[], datetime] | None = None) -> None:
        self._engine = engine
        self._secret = hmac.digest(secret, b"attempts", hashlib.sha256)
        self._clock = clock
        self._until_cleaned = CLEANED_EVERY

    async def admit(self, subject: Subject, address: str) -> Admission:
        """Count an attempt before it is judged, so that many at once count too; or raise TooManyAttempts."""
        keys = self._keys(subject, network_of(address))
        async with self._engine.begin() as connection:
            rows = await self._taken(connection, keys)
            moment: datetime = max(row.moment for row in rows.values())
            paced = keys.paced(rows[keys.here].familiar_until, moment)
            wait = max((rows[key].until_at - moment).total_seconds() for key in paced)
            if wait <= 0:
                await self._charge(connection, paced, rows, moment)
        if wait > 0:
            raise TooManyAttempts(wait)
        await self._clean(moment)
        return Admission(keys.here, tuple(paced))

    async def forgive(self, admission: Admission) -> None:
        """The attempt was no guess: its account starts anew from there, and nobody else is charged for it."""
        async with self._engine.begin() as connection:
            await connection.execute(_FORGIVE, {"here": admission.here, "keys": list(admission.charged)})

    async def welcome(self, subject: Subject, address: str) -> None:
        """Somebody has come in: the network is one the account is signed in from."""
        here = self._keys(subject, network_of(address)).here
        async with self._engine.begin() as connection:
            await connection.execute(_WELCOME, {"here": here, "now": self._now(), "familiar": FAMILIAR_FOR})

    async def _taken(self, connection: AsyncConnection, keys: _Keys) -> dict[bytes, Row[Any]]:
        """The rows, locked in an order all processes share; made where there was none, mended if a clock went back."""
        given = {
            "keys": keys.all,
            "now": self._now(),
            "forgotten": FORGOTTEN_AFTER,
            "longest": timedelta(seconds=HERE.longest),
        }
        return {bytes(row.key): row for row in await connection.execute(_TAKE, given)}

    async def _charge(
        self, connection: AsyncConnection, paced: dict[bytes, Pace], rows: dict[bytes, Row[Any]], moment: datetime
    ) -> None:
        waits = [timedelta(seconds=pace.wait(rows[key].tried + 1)) for key, pace in paced.items()]
        await connection.execute(_CHARGE, {"keys": list(paced), "waits": waits, "moment": moment})

    async def _clean(self, moment: datetime) -> None:
        """Now and then remove what is forgotten: more at a time than can have come since."""
        self._until_cleaned -= 1
        if self._until_cleaned > 0:
            return
        self._until_cleaned = CLEANED_EVERY
        given = {"moment": moment, "forgotten": FORGOTTEN_AFTER, "most": CLEANED_AT_ONCE}
        async with self._engine.begin() as connection:
            await connection.execute(_CLEAN, given)

    def _now(self) -> datetime | None:
        return self._clock() if self._clock else None

    def _keys(self, subject: Subject, network: str) -> _Keys:
        return _Keys(
            here=self._key("here", *subject.parts, network),
            elsewhere=self._key("elsewhere", *subject.parts),
            familiar=self._key("familiar", *subject.parts),
            address=self._key("address", network),
        )

    def _key(self, *parts: str) -> bytes:
        return hmac.digest(self._secret, "\0".join(parts).encode(), hashlib.sha256)


@dataclass(frozen=True)
class _Keys:
    here: bytes
    elsewhere: bytes
    familiar: bytes
    address: bytes

    @property
    def all(self) -> Sequence[bytes]:
        return [self.here, self.elsewhere, self.familiar, self.address]

    def paced(self, familiar_until: datetime | None, moment: datetime) -> dict[bytes, Pace]:
        """What an attempt is charged to, and how fast each may be repeated."""
        known = familiar_until is not None and familiar_until > moment
        account = self.familiar if known else self.elsewhere
        return {self.here: HERE, account: ACCOUNT, self.address: ADDRESS}


def network_of(address: str) -> str:
    """An IPv6 subscriber holds a whole /64, so that counts as one address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
