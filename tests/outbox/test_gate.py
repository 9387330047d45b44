"""The gate at the socket: what was prepared before a change is not written after it, and not without a lease."""

import asyncio
import uuid

from outbox.gate import Gate

TENANT, OTHER, ANN, BEN = (uuid.UUID(int=one) for one in range(4))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock | None = None) -> Gate:
    gate = Gate(clock=clock or Clock())
    gate.listening, gate.sending_until = True, 10.0
    return gate


def test_a_new_gate_is_closed() -> None:
    gate = Gate(clock=Clock())
    assert not gate.is_open()
    assert not gate.may_send(TENANT, ANN, gate.mark(TENANT, ANN))


def test_an_unchanged_mark_may_be_sent() -> None:
    gate = opened()
    assert gate.may_send(TENANT, ANN, gate.mark(TENANT, ANN))


def test_a_change_of_one_user_voids_what_was_prepared_for_that_user_alone() -> None:
    gate = opened()
    ann, ben = gate.mark(TENANT, ANN), gate.mark(TENANT, BEN)
    gate.changed(TENANT, [ANN])
    assert not gate.may_send(TENANT, ANN, ann)
    assert gate.may_send(TENANT, BEN, ben)
    assert gate.may_send(TENANT, ANN, gate.mark(TENANT, ANN))


def test_a_change_of_a_tenant_voids_everything_of_it_alone() -> None:
    gate = opened()
    ann, elsewhere = gate.mark(TENANT, ANN), gate.mark(OTHER, BEN)
    gate.changed(TENANT, None)
    assert not gate.may_send(TENANT, ANN, ann)
    assert gate.may_send(OTHER, BEN, elsewhere)


def test_a_change_of_nobody_voids_nothing() -> None:
    gate = opened()
    mark = gate.mark(TENANT, ANN)
    gate.changed(TENANT, [])
    assert gate.may_send(TENANT, ANN, mark)


def test_after_a_time_of_deafness_no_mark_of_before_ever_fits_again() -> None:
    gate = opened()
    before = [gate.mark(TENANT, ANN)]
    gate.changed(TENANT, [ANN])
    before.append(gate.mark(TENANT, ANN))
    gate.changed_everywhere()
    for _ in range(3):
        assert not any(gate.may_send(TENANT, ANN, mark) for mark in before)
        gate.changed(TENANT, [ANN])
        gate.changed(TENANT, None)


def test_the_lease_ends_by_the_clock_of_the_process() -> None:
    clock = Clock()
    gate = opened(clock)
    mark = gate.mark(TENANT, ANN)
    clock.now = 9.999
    assert gate.may_send(TENANT, ANN, mark)
    clock.now = 10.0
    assert not gate.may_send(TENANT, ANN, mark)


def test_a_closed_gate_stays_closed_until_it_listens_and_has_a_lease() -> None:
    gate = opened()
    gate.close()
    assert not gate.is_open()
    gate.sending_until = 20.0
    assert not gate.is_open()
    gate.listening = True
    assert gate.is_open()


def test_asking_for_a_mark_keeps_nothing() -> None:
    gate = opened()
    for number in range(1000):
        gate.mark(uuid.UUID(int=number), uuid.UUID(int=number))
    assert not gate._users
    assert not gate._tenants


async def test_a_lease_that_has_lapsed_is_waited_for() -> None:
    clock = Clock()
    gate = opened(clock)
    assert await gate.opened(within=0)
    clock.now = 11.0
    assert not await gate.opened(within=0)
    waiting = [asyncio.create_task(gate.opened(within=30)) for _ in range(2)]
    await asyncio.sleep(0)
    # A renewal that was on its way for too long says nothing.
    gate.renew(10.5)
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    gate.renew(20.0)
    assert await asyncio.gather(*waiting) == [True, True]


async def test_a_deaf_process_is_not_waited_for() -> None:
    gate = opened()
    gate.close()
    assert not await asyncio.wait_for(gate.opened(within=3600), 30)
