"""Mail with a real server at the other end: none for what was taken back, one for what was done, whatever dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import select, text

from auth.actor import system_actor
from domain import invitations
from domain.invitations import Welcome
from models import Contact, Invitation, Mail, MailStatus, OneTimeSecret, Organization
from models.database import owner_engine, writing
from outbox import mail, tasks
from outbox.post import NoCarrier, NotNow, PostOffice, SmtpServer
from outbox.queue import enqueue
from outbox.tasks import Keeper
from server.office import opened
from tests.world.posted import MORNING, Hand, PostBox, mail_server, until
from tests.world.serving import Place, own_world, seeded

__all__ = ["own_world", "seeded"]

SENDER = "Acme <portal@acme.example>"
SECRET = "s" * 40


@dataclass
class SlowBox(PostBox):
    """Takes the first letter in and says nothing about it until it is told to."""

    began: threading.Event = field(default_factory=threading.Event)
    held: bool = True

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.held:
            self.held = False
            self.began.set()
            await asyncio.sleep(3600)
        return await super().handle_DATA(server, session, envelope)


@dataclass
class Sorting:
    """A post room over a world of its own."""

    keeper: Keeper
    tenant: uuid.UUID
    box: PostBox
    url: str

    async def invite(self, *, on: datetime = MORNING) -> Invitation:
        """Invite a contact, in a transaction that is committed by the publisher."""
        async with writing(self.keeper.engine, self.tenant) as session:
            made = await self.invited(session, on)
            await self.keeper.publisher.commit(session)
        return made

    async def invited(self, session: Any, on: datetime) -> Invitation:
        contact = (await session.scalars(select(Contact).where(Contact.name == "Noor"))).one()
        organization = await session.get_one(Organization, (self.tenant, contact.organization_id))
        actor = system_actor(self.tenant)
        return await invitations.invite(session, actor, organization, contact, Welcome(), on=on)

    async def mails(self) -> list[Mail]:
        async with writing(self.keeper.engine, self.tenant) as session:
            return list(await session.scalars(select(Mail).where(Mail.values["organization"].astext == "Alder")))

    async def the_mail(self, of: str = "noor@alder.acme.example") -> Mail:
        return next(one for one in await self.mails() if one.address == of)

    async def queued(self) -> list[str]:
        async with self.keeper.engine.connect() as connection:
            rows = await connection.execute(text("select task_name || ' ' || status::text from procrastinate_jobs"))
            return sorted(rows.scalars())


@pytest.fixture
async def sorting(own_world: Place) -> AsyncGenerator[Sorting]:
    owner, box = owner_engine(own_world.url), SlowBox(held=False)
    tenant = uuid.UUID(own_world.world.tenants["acme"][4:])
    with mail_server(box) as url:
        async with opened(own_world.url) as office:
            post = PostOffice(b"key", "https://portal.example", SENDER, SmtpServer.at(url))
            yield Sorting(Keeper(office.engine, owner, office.publisher, post, Hand()), tenant, box, url)
    await owner.dispose()


async def test_what_is_taken_back_sends_nothing(sorting: Sorting) -> None:
    before = len(await sorting.mails())
    async with writing(sorting.keeper.engine, sorting.tenant) as session:
        await sorting.invited(session, MORNING)
        await session.rollback()
    assert (len(await sorting.mails()), await sorting.queued()) == (before, [])
    await sorting.invite()
    assert (len(await sorting.mails()), await sorting.queued()) == (before + 1, ["send_mail todo"])


async def test_a_letter_is_sent_once_however_many_send_it(sorting: Sorting) -> None:
    made = await sorting.invite()
    row = await sorting.the_mail()
    await asyncio.gather(*(mail.deliver(sorting.keeper, sorting.tenant, row.id) for _ in range(5)))
    assert len(sorting.box.letters) == 1
    letter = sorting.box.letters[0]
    assert letter["Message-ID"] == f"<{row.id.hex}@acme.example>"
    assert (letter["From"], letter["Auto-Submitted"]) == (SENDER, "auto-generated")
    async with writing(sorting.keeper.engine, sorting.tenant) as session:
        assert (await session.get_one(Invitation, (sorting.tenant, made.id))).sent_at == MORNING


async def test_what_was_called_back_before_it_was_sent_is_dropped(sorting: Sorting) -> None:
    made = await sorting.invite()
    async with writing(sorting.keeper.engine, sorting.tenant) as session:
        row = await session.get_one(Invitation, (sorting.tenant, made.id))
        await invitations.cancel(session, system_actor(sorting.tenant), row, on=MORNING)
        await sorting.keeper.publisher.commit(session)
    await mail.deliver(sorting.keeper, sorting.tenant, (await sorting.the_mail()).id)
    assert (sorting.box.letters, (await sorting.the_mail()).status) == ([], MailStatus.DROPPED)


@pytest.mark.parametrize(("answer", "failure"), [("550 No such user here", "MAIL_REFUSED"), ("451 Later", None)])
async def test_a_refusal_is_noted_and_a_delay_is_not_one(answer: str, failure: str | None, sorting: Sorting) -> None:
    await sorting.invite()
    row = await sorting.the_mail()
    sorting.box.refusing = answer
    if failure is None:
        with pytest.raises(NotNow):
            await mail.deliver(sorting.keeper, sorting.tenant, row.id)
        assert (await sorting.the_mail()).status is MailStatus.PENDING
        sorting.box.refusing = None
    await mail.deliver(sorting.keeper, sorting.tenant, row.id)
    settled = await sorting.the_mail()
    assert (settled.status, settled.failure) == (MailStatus.FAILED if failure else MailStatus.SENT, failure)
    assert len(sorting.box.letters) == (0 if failure else 1)


async def test_without_a_mail_server_it_is_said_aloud(sorting: Sorting) -> None:
    await sorting.invite()
    keeper = replace(sorting.keeper, post=replace(sorting.keeper.post, carrier=NoCarrier()))
    await mail.deliver(keeper, sorting.tenant, (await sorting.the_mail()).id)
    assert (await sorting.the_mail()).failure == "MAIL_NOT_CONFIGURED"


async def test_a_server_that_is_away_is_given_up_one_day(sorting: Sorting) -> None:
    await sorting.invite()
    row = await sorting.the_mail()
    away = replace(sorting.keeper.post, carrier=SmtpServer("127.0.0.1", 9))
    with pytest.raises(NotNow):
        await mail.deliver(replace(sorting.keeper, post=away), sorting.tenant, row.id)
    await mail.give_up(sorting.keeper, sorting.tenant, row.id)
    assert (await sorting.the_mail()).failure == "MAIL_SERVER_UNREACHABLE"


async def test_a_worker_killed_while_it_sends_leaves_one_letter_in_all(sorting: Sorting, own_world: Place) -> None:
    """Killed before the server has said yes: another does it, once, and under the same id."""
    assert isinstance(sorting.box, SlowBox)
    sorting.box.held = True
    await sorting.invite(on=datetime.now(UTC))
    with working(own_world, sorting.url) as worker:
        assert await asyncio.to_thread(sorting.box.began.wait, 40)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
    assert sorting.box.letters == []
    assert "send_mail doing" in await sorting.queued()
    async with sorting.keeper.owner.begin() as connection:
        # Half a minute goes by, after which a worker that says nothing counts as dead.
        await connection.execute(
            text("update procrastinate_workers set last_heartbeat = last_heartbeat - interval '60 s'")
        )
    # The worker asks for this every five minutes, and has perhaps done so.
    with suppress(AlreadyEnqueued):
        async with writing(sorting.keeper.engine, sorting.tenant) as session:
            await enqueue(session, tasks.resuming, timestamp=0)
            await session.commit()
    with working(own_world, sorting.url):
        await asyncio.to_thread(sorting.box.letter, 1)
        row = await sorting.the_mail()
        await asyncio.to_thread(until, lambda: asyncio.run(_sent(own_world, sorting.tenant)))
    assert [one["Message-ID"] for one in sorting.box.letters] == [f"<{row.id.hex}@acme.example>"]


async def _sent(place: Place, tenant: uuid.UUID) -> bool:
    async with opened(place.url) as office, writing(office.engine, tenant) as session:
        query = select(Mail.status).where(Mail.address == "noor@alder.acme.example")
        return await session.scalar(query) is MailStatus.SENT


@contextmanager
def working(place: Place, url: str) -> Generator[subprocess.Popen[bytes]]:
    """A worker as its own process."""
    program = "from server.worker import run; from server.settings import load_settings; run(load_settings())"
    told = {"DATABASE_URL": place.url, "PORTICO_SMTP_URL": url, "PORTICO_MAIL_FROM": SENDER, "PORTICO_SECRET": SECRET}
    process = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, **told}, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


async def test_letters_and_secrets_are_forgotten_when_they_are_old(sorting: Sorting) -> None:
    """What was never used is of use to nobody after its time; the invitation itself is history and stays."""
    made = await sorting.invite()
    await mail.deliver(sorting.keeper, sorting.tenant, (await sorting.the_mail()).id)
    await tasks.forget_mail(sorting.keeper, on=MORNING + timedelta(days=89))
    assert (await sorting.the_mail()).status is MailStatus.SENT
    await tasks.forget_mail(sorting.keeper, on=MORNING + timedelta(days=94))
    async with writing(sorting.keeper.engine, sorting.tenant) as session:
        assert (await session.get_one(Invitation, (sorting.tenant, made.id))).sent_at == MORNING
        left = select(OneTimeSecret.id).where(OneTimeSecret.invitation_id == made.id)
        assert list(await session.scalars(left)) == []
        assert list(await session.scalars(select(Mail.id).where(Mail.user_id == made.user_id))) == []
