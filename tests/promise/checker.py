"""The checker: many viewers lose and regain their rights on several processes at once, and every byte is judged."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson

from tests.promise.client import Socket, refusals
from tests.promise.lane import Aftermath, Lane
from tests.promise.lanes import lane
from tests.promise.ledger import AWAY, HELD, RULES, WAYS, Ledger
from tests.promise.nodes import Node
from tests.promise.plan import Findings, Plan
from tests.promise.viewer import Channel, Viewer
from tests.promise.world import Secret, World, world

OF_A_HOME = 3
ATTEMPTS = 5
WRITTEN_AFTER = 0.6
AT_ONCE_AT_FIRST = 4


class Enough(Exception):
    """All that was planned has been done."""


class Checker:
    """One run against running processes."""

    def __init__(self, company: World, nodes: Sequence[Node], plan: Plan) -> None:
        self.world = company
        self._nodes = nodes
        self._plan = plan
        self.ledger: Ledger = company.ledger
        self._found = Findings()
        self.viewers: list[Viewer] = []
        # The second process is frozen now and then; commands go to those that surely run.
        self.awake = nodes[:1] if plan.freezes else nodes
        self._secrets: list[Secret] = []
        self._abroad: dict[str, World] = {}
        self._taking, self._taken = asyncio.Event(), asyncio.Event()
        self._revoking = asyncio.Event()
        self._at_work = asyncio.Semaphore(plan.at_once)

    # Hands

    async def command(self, query: str, **variables: Any) -> Any:
        """Run a command as one of the administrators on one of the processes; again under its key if it has to be."""
        query = query.replace("mutation(", "mutation($key:String,").replace("input:{", "input:{idempotencyKey:$key,")
        variables["key"] = uuid.uuid4().hex
        admin = random.choice(self.world.admins)
        for _ in range(ATTEMPTS):
            node = random.choice(self.awake)
            answer = await node.http.graphql(admin, query, **variables)
            if answer.status not in (503, 504):
                break
            self._found.repeated += 1
        wrong = refusals(answer.body)
        if answer.status != 200 or wrong:
            raise AssertionError(f"{answer.status} {answer.body[:500]!r} for {query} {variables}")
        return next(iter(orjson.loads(answer.body)["data"].values()))

    async def post(self, path: str, token: str | None, content: Any) -> None:
        """Send JSON to a route on one of the processes."""
        answer = await random.choice(self.awake).http.post(path, token, content)
        assert answer.status in (200, 204), answer

    async def form(self, path: str, fields: Mapping[str, str]) -> None:
        """Send a form to a route on one of the processes."""
        answer = await random.choice(self.awake).http.form(path, fields)
        assert answer.status == 200, answer

    # The run

    async def run(self) -> Findings:
        """Check until the plan is fulfilled."""
        await self.settle()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._plan.within), asyncio.TaskGroup() as group:
                for viewer in self.viewers:
                    group.create_task(self._drive(viewer))
                group.create_task(self._write_on())
                if self._plan.freezes:
                    group.create_task(self._freeze_on())
                if self._plan.first_only:
                    group.create_task(self._look_out())
        except* Enough:
            pass
        except* TimeoutError:
            pass
        self._found.seconds = time.monotonic() - began
        for viewer in self.viewers:
            viewer.disconnect()
        return self._report()

    def _report(self) -> Findings:
        found = self._found
        found.violations, found.counts = self.ledger.violations, self.ledger.counts()
        found.judged = dict(self.ledger.judged)
        found.sockets = len(self.viewers) * len(self._nodes)
        found.streams = len(self.viewers)
        found.ways = {kind: {way: self._way(kind, way) for way in WAYS} for kind in found.by_kind}
        return found

    def _way(self, kind: str, way: str) -> dict[str, int]:
        """What was seen of the viewers of a kind by one way, and what should not have been."""
        names = {viewer.lane.name for viewer in self.viewers if viewer.lane.kind == kind}
        broken = Counter(one.rule for one in self.ledger.violations if one.viewer in names and one.way == way)
        observed = {phase: sum(self.ledger.observed[name, way, phase] for name in names) for phase in (HELD, AWAY)}
        return {**observed, **{rule: broken[rule] for rule in RULES[:3]}}

    async def settle(self) -> None:
        """Let everybody in, with every right in force."""
        company, plan = self.world, self._plan
        made: list[Lane] = []
        for number, kind in enumerate(plan.kinds * plan.times):
            home = company.homes[number // OF_A_HOME]
            other = company.homes[(number // OF_A_HOME + 1) % len(company.homes)]
            made.append(await lane(company, home, other, kind, number))
        self.viewers = [Viewer(lane, self._nodes, self.ledger) for lane in made]
        self._secrets = [secret for lane in made for secret in lane.secrets]
        self._abroad = {one.key: lane.world for lane in made if lane.world for one in lane.secrets}
        at_once = asyncio.Semaphore(AT_ONCE_AT_FIRST)
        await asyncio.gather(*(self._let_in(viewer, at_once) for viewer in self.viewers))

    async def _let_in(self, viewer: Viewer, at_once: asyncio.Semaphore) -> None:
        async with at_once:
            if viewer.lane.begin is not None:
                await viewer.lane.begin(self)
            await viewer.connect()
            for channel in viewer.channels:
                shown = await viewer.is_shown(channel, viewer.lane.keys, after=0, exactly=True)
                assert shown is not None, f"{viewer.lane.name} sees too little from the start"

    async def _drive(self, viewer: Viewer) -> None:
        while True:
            for step in (self._take, self._give):
                async with self._at_work:
                    await step(viewer)
                self._enough()

    def _enough(self) -> None:
        if self._found.revokes >= self._plan.revokes:
            raise Enough

    async def _look_out(self) -> None:
        """End with the first thing that was shown to somebody who may not see it."""
        while not any(one.rule != "P5" for one in self.ledger.violations):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        raise Enough

    async def _take(self, viewer: Viewer) -> None:
        """Revoke while others read and write, then look whether anything can still be seen."""
        lane = viewer.lane
        async with asyncio.TaskGroup() as group:
            self._revoking.set()
            self._taking.set()
            self._disturb(group, viewer)
            await asyncio.sleep(random.random() * 0.02)
            began = time.monotonic()
            await lane.take(self)
            answered = time.monotonic()
            self.ledger.taken(lane.name, lane.keys, answered)
            self._found.answers.append(answered - began)
            group.create_task(viewer.clear())
            # A question over a socket whose session has ended closes it, which it must do without being asked too.
            asked = not lane.ends or random.random() < 0.5
            here, there = random.sample(self._nodes, 2)
            group.create_task(viewer.read(here))
            if asked:
                group.create_task(viewer.ask(there))
            if random.random() < WRITTEN_AFTER:
                group.create_task(self.rewrite(random.choice(lane.secrets)))
        self._found.revokes += 1
        self._found.by_kind[lane.kind] = self._found.by_kind.get(lane.kind, 0) + 1
        self._taken.set()
        await viewer.read(random.choice(self._nodes))
        await self._look_away(viewer, answered)

    def _disturb(self, group: asyncio.TaskGroup, viewer: Viewer) -> None:
        """Requests and writings that are under way when the right is taken."""
        secret = random.choice(viewer.lane.secrets)
        group.create_task(_later(lambda: self.rewrite(secret)))
        group.create_task(_later(lambda: viewer.read(random.choice(self._nodes))))
        group.create_task(_later(lambda: viewer.ask(random.choice(self._nodes))))

    async def _look_away(self, viewer: Viewer, answered: float) -> None:
        """The open ends are closed, or refused, or told what is left."""
        for channel in viewer.channels:
            way = "socket" if isinstance(channel, Socket) else "stream"
            if viewer.lane.after is Aftermath.TOLD:
                await self._is_told(viewer, channel, way, answered)
            elif viewer.lane.ends or way == "stream":
                self._is_over(viewer, way, over=await viewer.is_closed(channel))
            else:
                self._is_over(viewer, way, over=await viewer.is_refused(channel))

    async def _is_told(self, viewer: Viewer, channel: Channel, way: str, answered: float) -> None:
        lane = viewer.lane
        late = await viewer.is_shown(channel, lane.keys, after=answered, exactly=False)
        if late is None:
            self.ledger.breach("P5", lane.name, "*", f"{way} access", "the access was not pushed after a revoke")
        else:
            self.ledger.gone(lane.name, way)
            self._found.pushes.append(late)

    def _is_over(self, viewer: Viewer, way: str, *, over: bool) -> None:
        if over:
            self.ledger.gone(viewer.lane.name, way)
        else:
            self.ledger.breach("P3", viewer.lane.name, "*", way, "left open though there is nothing to send any more")

    async def _give(self, viewer: Viewer) -> None:
        """Give the right back and look whether it is there."""
        lane = viewer.lane
        self.ledger.giving(lane.name, lane.keys)
        await lane.give(self)
        answered = time.monotonic()
        if lane.ends or viewer.should_enter_anew:
            await viewer.connect()
        elif lane.after is Aftermath.REFUSED:
            await viewer.reconnect()
        here, there = random.sample(self._nodes, 2)
        async with asyncio.TaskGroup() as group:
            group.create_task(viewer.read(here, present=True))
            group.create_task(viewer.ask(there, present=True))
        for channel in viewer.channels:
            late = await viewer.is_shown(channel, lane.keys, after=answered, exactly=True)
            if late is None:
                self.ledger.breach("P5", lane.name, "*", "access", "the access was not pushed after a grant")
            elif lane.after is Aftermath.TOLD:
                self._found.pushes.append(late)

    async def rewrite(self, secret: Secret) -> None:
        """Write a protected text anew through a server process."""
        if secret.key in self._abroad:
            # Nobody of a suspended tenant can do it, and nobody of another.
            await self._abroad[secret.key].rewrite(secret)
            return
        node, admin = random.choice(self.awake), random.choice(self.world.admins)
        text = self.ledger.text(secret.key)
        answer = await node.http.graphql(admin, secret.command, id=secret.node_id, text=text)
        assert answer.status in (503, 504) or not refusals(answer.body), answer

    async def _write_on(self) -> None:
        """Write protected texts anew from beside the server processes while something is revoked."""
        while True:
            await self._revoking.wait()
            self._revoking.clear()
            if random.random() < self._plan.noise:
                secret = random.choice(self._secrets)
                await self._abroad.get(secret.key, self.world).rewrite(secret)

    async def _freeze_on(self) -> None:
        """Freeze the second process while something is revoked, over and over."""
        node = self._nodes[1]
        while True:
            self._taking.clear()
            await self._taking.wait()
            await asyncio.sleep(random.uniform(0.02, 0.12))
            node.freeze()
            try:
                self._taken.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._plan.freezes):
                        await self._taken.wait()
            finally:
                node.thaw()
            # However slow the machine: a process that never gets to renew its lease has nothing to show.
            await node.ready()
            await asyncio.sleep(random.uniform(0.05, 0.25))


async def _later(work: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(random.random() * 0.025)
    await work()


@asynccontextmanager
async def company(database_url: str, plan: Plan) -> AsyncIterator[World]:
    """The company a plan needs, in an empty database."""
    lanes_needed = len(plan.kinds) * plan.times
    async with world(database_url, homes=max(2, -(-lanes_needed // OF_A_HOME))) as made:
        yield made


async def check(database_url: str, nodes: Sequence[Node], plan: Plan) -> Findings:
    """Fill the database and check the processes that serve it."""
    async with company(database_url, plan) as made:
        return await Checker(made, nodes, plan).run()
