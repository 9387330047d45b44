"""What takes too long is ended by one timer for all, and by nothing else."""

from __future__ import annotations

import asyncio

import pytest

from server.watch import Watch


async def test_what_is_too_slow_is_ended() -> None:
    watch = Watch(every=0.01)
    with pytest.raises(TimeoutError), watch.within(0.02) as span:
        await asyncio.sleep(30)
    assert span.expired
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_each_has_its_own_time() -> None:
    watch = Watch(every=0.01)

    async def one(seconds: float) -> bool:
        try:
            with watch.within(seconds):
                await asyncio.sleep(0.2)
        except TimeoutError:
            return False
        return True

    assert await asyncio.gather(one(0.02), one(20), one(0.02)) == [False, True, False]


async def test_the_time_can_be_set_anew() -> None:
    watch = Watch(every=0.01)
    with watch.within(0.02) as span:
        span.renew(20)
        await asyncio.sleep(0.1)


async def test_the_time_can_be_cut_short() -> None:
    watch = Watch(every=0.01)

    async def slow() -> None:
        with watch.within(20) as span:
            span.renew(0.02)
            await asyncio.sleep(30)

    with pytest.raises(TimeoutError):
        await slow()


async def test_somebody_elses_cancelling_is_no_timeout() -> None:
    watch = Watch(every=0.01)

    async def slow() -> None:
        with watch.within(20):
            await asyncio.sleep(30)

    task = asyncio.create_task(slow())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nothing_is_looked_at_while_nothing_runs() -> None:
    watch = Watch(every=0.01)
    with watch.within(1):
        pass
    await asyncio.sleep(0.05)
    assert watch.idle
