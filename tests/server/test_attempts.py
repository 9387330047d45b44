"""Guessing is slow however many addresses and processes take part, and never keeps out for good who belongs."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models import SignInAttempt
from models.database import application_engine
from server import attempts
from server.attempts import (
    ACCOUNT,
    ADDRESS,
    HERE,
    Attempts,
    Pace,
    Subject,
    TooManyAttempts,
    network_of,
    password_of,
    second_factor_of,
)

SECRET = b"s" * 40
ADA, BOB = password_of("ada@a.example"), password_of("bob@a.example")
HERE_IS, THERE_IS = "192.0.2.7", "198.51.100.9"


class Clock:
    """The time both processes are told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


Made = Callable[[], Attempts]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def engine(fresh_database_url: str) -> AsyncIterator[AsyncEngine]:
    made = application_engine(fresh_database_url, pool_size=4)
    yield made
    await made.dispose()


@pytest.fixture
async def made(fresh_database_url: str, clock: Clock) -> AsyncIterator[Made]:
    """Makes the attempts of another process each time, all of one database."""
    engines = []

    def process() -> Attempts:
        engines.append(application_engine(fresh_database_url, pool_size=4, overflow=10))
        return Attempts(engines[-1], SECRET, clock)

    yield process
    for engine in engines:
        await engine.dispose()


async def admitted(tried: Attempts, subject: Subject, address: str) -> float:
    """0 if the attempt was judged, or how long to wait."""
    try:
        await tried.admit(subject, address)
    except TooManyAttempts as refusal:
        return refusal.retry_after or 0
    return 0


async def judged_within_an_hour(processes: list[Attempts], clock: Clock, subject: Subject, addresses: list[str]) -> int:
    """How many guesses somebody has judged who tries everywhere whenever anything lets them."""
    ends, judged, turn = clock.now + timedelta(hours=1), 0, 0
    while clock.now < ends:
        waits = []
        for _ in range(min(len(addresses), 8)):
            turn += 1
            waits.append(await admitted(processes[turn % 2], subject, addresses[turn % len(addresses)]))
        judged += waits.count(0)
        if all(waits):
            clock.go_on(min(waits))
    return judged


@pytest.mark.parametrize("subject", [ADA, second_factor_of(uuid.uuid4(), uuid.uuid4())], ids=["password", "code"])
@pytest.mark.parametrize("count", [1, 200])
async def test_an_account_is_tried_less_than_a_hundred_times_an_hour(
    made: Made, clock: Clock, subject: Subject, count: int
) -> None:
    addresses = [f"10.0.{number // 200}.{number % 200}" for number in range(count)]
    assert 10 < await judged_within_an_hour([made(), made()], clock, subject, addresses) < 50


async def test_also_when_half_of_the_guessers_sit_where_the_account_is_signed_in(made: Made, clock: Clock) -> None:
    """The worst case there is: two tallies of one account, each tried as fast as it allows."""
    processes = [made(), made()]
    addresses = [f"10.0.0.{number}" for number in range(100)]
    for address in addresses[::2]:
        await processes[0].welcome(ADA, address)
    assert 40 < await judged_within_an_hour(processes, clock, ADA, addresses) < 100


async def test_a_thousand_guesses_at_once_over_accounts_addresses_and_processes(made: Made, clock: Clock) -> None:
    processes, dice = [made(), made()], random.Random(2026)
    accounts = [password_of(f"user{number}@a.example") for number in range(5)]
    judged: Counter[Subject] = Counter()

    async def guess(number: int) -> None:
        subject = accounts[number % 5]
        if await admitted(processes[number % 2], subject, f"10.0.0.{dice.randrange(200)}") == 0:
            judged[subject] += 1

    for start in range(0, 1_000, 20):
        await asyncio.gather(*(guess(number) for number in range(start, start + 20)))
        clock.go_on(1)
    assert set(judged) == set(accounts)
    assert max(judged.values()) <= ACCOUNT.free + 8

    # Whoever belongs there waits for a few minutes at most, and comes in from a network they use at once.
    clock.go_on(ACCOUNT.longest)
    assert await admitted(processes[0], accounts[0], HERE_IS) == 0


async def test_who_belongs_comes_in_while_others_guess(made: Made, clock: Clock) -> None:
    one, other = made(), made()
    await one.forgive(await one.admit(ADA, HERE_IS))
    await one.welcome(ADA, HERE_IS)
    for number in range(40):
        await admitted(other, ADA, f"10.0.0.{number}")
    assert await admitted(other, ADA, THERE_IS) > 0
    assert await admitted(other, ADA, HERE_IS) == 0
    # A month without a sign-in, and the network is like any other.
    clock.go_on(31 * 24 * 3600)
    for number in range(40):
        await admitted(other, ADA, f"10.0.0.{number}")
    assert await admitted(other, ADA, HERE_IS) > 0


async def test_what_comes_at_once_is_counted_one_by_one(made: Made) -> None:
    processes = [made(), made()]
    waits = await asyncio.gather(*(admitted(processes[number % 2], ADA, HERE_IS) for number in range(24)))
    assert waits.count(0) == HERE.free + 1


async def test_who_waited_for_another_to_be_charged_does_not_wait_again(engine: AsyncEngine) -> None:
    """The moment of an attempt is the one at which it has its rows, not the one at which it asked for them."""
    tried = Attempts(engine, SECRET)
    await tried.admit(ADA, HERE_IS)
    async with engine.begin() as other:
        await other.execute(select(SignInAttempt).with_for_update())
        waiting = asyncio.create_task(admitted(tried, ADA, HERE_IS))
        await until(lambda: _waits(other), waiting)
        moment = {"last_at": func.clock_timestamp(), "until_at": func.clock_timestamp()}
        await other.execute(update(SignInAttempt).values(count=SignInAttempt.count + 1, **moment))
    assert await waiting == 0


async def until(holds: Callable[[], Awaitable[bool]], task: asyncio.Task[Any]) -> None:
    """Return once it holds; the task ends later than that."""
    async with asyncio.timeout(30):
        while not await holds():
            assert not task.done()
            await asyncio.sleep(0.01)


async def _waits(connection: AsyncConnection) -> bool:
    """Whether somebody waits for what this connection has locked."""
    found = await connection.execute(
        text("select exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))")
    )
    return found.scalar_one()


async def test_a_success_starts_anew_and_time_forgets(made: Made, clock: Clock) -> None:
    tried = made()
    for _ in range(HERE.free + 1):
        assert await admitted(tried, ADA, HERE_IS) == 0
    assert await admitted(tried, ADA, HERE_IS) == 1
    # Others are not held up by it.
    assert await admitted(tried, BOB, HERE_IS) == 0
    clock.go_on(2)
    await tried.forgive(await tried.admit(ADA, HERE_IS))
    for _ in range(HERE.free):
        assert await admitted(tried, ADA, HERE_IS) == 0
    clock.go_on(4_000)
    for _ in range(HERE.free):
        assert await admitted(tried, ADA, HERE_IS) == 0


async def test_successes_do_not_help_who_guesses_elsewhere(made: Made) -> None:
    tried = made()
    await tried.welcome(ADA, HERE_IS)
    for number in range(ACCOUNT.free + 1):
        assert await admitted(tried, ADA, f"10.0.0.{number}") == 0
    for _ in range(20):
        await tried.forgive(await tried.admit(ADA, HERE_IS))
    assert await admitted(tried, ADA, THERE_IS) == 1


@pytest.mark.parametrize("days", [-2, -1 / 24, 1 / 24, 2])
async def test_a_clock_that_jumps_locks_nobody_out(made: Made, clock: Clock, days: float) -> None:
    tried = made()
    for _ in range(12):
        while wait := await admitted(tried, ADA, HERE_IS):
            clock.go_on(wait)
    clock.go_on(days * 24 * 3600)
    assert await admitted(tried, ADA, HERE_IS) <= HERE.longest
    clock.go_on(HERE.longest)
    assert await admitted(tried, ADA, HERE_IS) == 0


async def test_an_address_is_a_network_of_its_subscriber(made: Made) -> None:
    tried = made()
    for number in range(ADDRESS.free + 1):
        await tried.admit(password_of(f"user{number}@a.example"), f"2001:db8::{number}")
    assert await admitted(tried, ADA, "2001:db8::ada") == 1
    assert await admitted(tried, ADA, "2001:db8:1::1") == 0
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7")
    assert network_of("no address") == "no address"


async def test_what_is_remembered_is_bounded(
    made: Made, clock: Clock, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "CLEANED_EVERY", 4)
    tried = made()
    for number in range(40):
        await tried.admit(password_of(f"user{number}@a.example"), f"10.0.{number}.1")
        clock.go_on(600)
    async with engine.begin() as connection:
        kept = (await connection.execute(select(func.count()).select_from(SignInAttempt))).scalar_one()
        assert kept <= 4 * (6 + 4 + 1)
        await _nothing_is_told(connection)


async def _nothing_is_told(connection: AsyncConnection) -> None:
    """The keys are of one length and hold nothing of what was typed."""
    keys = (await connection.execute(select(SignInAttempt.key))).scalars().all()
    assert {len(key) for key in keys} == {32}
    assert not any(b"user" in key or b"10.0" in key for key in keys)


async def test_without_a_clock_of_its_own_it_is_the_databases(engine: AsyncEngine) -> None:
    tried = Attempts(engine, SECRET)
    for _ in range(HERE.free + 1):
        await tried.admit(ADA, HERE_IS)
    with pytest.raises(TooManyAttempts):
        await tried.admit(ADA, HERE_IS)
    async with engine.begin() as connection:
        await connection.execute(update(SignInAttempt).values(until_at=func.clock_timestamp()))
    await tried.admit(ADA, HERE_IS)


def test_waits_double_up_to_the_longest() -> None:
    assert [Pace(2, 5).wait(count) for count in range(1, 8)] == [0, 0, 1, 2, 4, 5, 5]
    assert ACCOUNT.wait(10_000) == ACCOUNT.longest
