"""Sending what was posted: once as far as mail can be, since its row is locked while the server takes the letter.

A worker that dies before the server has said yes leaves the letter to another. One that dies between that word and its
own note sends it again under the same Message-ID; that moment cannot be closed from one side.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import structlog
from procrastinate import JobContext, RetryStrategy
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import system_actor
from auth.onetime import password_of, secret_of, token_of
from domain import events
from domain.editing import change
from models import Invitation, Mail, MailStatus, OneTimeSecret, SecretPurpose
from models.database import writing
from outbox.letters import written
from outbox.post import Letter, NotNow, PostOffice, Undeliverable
from outbox.queue import queue
from outbox.tasks import Keeper, keeper_of

log = structlog.get_logger()

MOST_ATTEMPTS = 7
"""The seventh comes some ninety minutes after the first."""
_AGAIN = RetryStrategy(max_attempts=MOST_ATTEMPTS, exponential_wait=4)
_PAGES = {
    SecretPurpose.INVITATION: "/invitation",
    SecretPurpose.RESET: "/reset",
    SecretPurpose.EMAIL_CHANGE: "/confirm-email",
}


@dataclass(frozen=True)
class Enclosed:
    """What is secret in a letter: a link, or the link to the front door and a password. Only ``kept`` is kept."""

    link: str
    code: str = ""
    kept: bytes = b""


async def deliver(keeper: Keeper, tenant_id: uuid.UUID, mail_id: uuid.UUID) -> None:
    """Send a letter unless it was sent, or is not meant any more; NotNow if it has to be tried again."""
    # What the letter opens must be there before anybody can have read the letter.
    async with writing(keeper.engine, tenant_id) as session:
        mail = await _pending(session, tenant_id, mail_id)
        if mail is None or not await _stamped(session, keeper, mail):
            await session.commit()
            return
        await session.commit()
    async with writing(keeper.engine, tenant_id) as session:
        mail = await _pending(session, tenant_id, mail_id)
        if mail is None:
            return
        letter = composed(keeper.post, mail, await _secret_of(session, mail))
        message = keeper.post.message(mail.id.hex, mail.address, mail.language.lower(), letter, keeper.clock())
        try:
            await keeper.post.carrier.carry(message)
            await _settle(session, keeper, mail, MailStatus.SENT)
        except Undeliverable as refusal:
            await _settle(session, keeper, mail, MailStatus.FAILED, refusal.code)
        await keeper.publisher.commit(session)


async def give_up(keeper: Keeper, tenant_id: uuid.UUID, mail_id: uuid.UUID) -> None:
    """The server could not be reached for too long; whoever looks at the invitation sees that it did not arrive."""
    async with writing(keeper.engine, tenant_id) as session:
        mail = await _pending(session, tenant_id, mail_id)
        if mail is not None:
            await _settle(session, keeper, mail, MailStatus.FAILED, "MAIL_SERVER_UNREACHABLE")
            await keeper.publisher.commit(session)


def composed(post: PostOffice, mail: Mail, secret: OneTimeSecret | None) -> Letter:
    """The letter of a row, with its secret in it."""
    inside = enclosed(post, secret)
    return written(mail.template, mail.language, mail.values, link=inside.link, code=inside.code)


def enclosed(post: PostOffice, secret: OneTimeSecret | None) -> Enclosed:
    """What a letter with this secret opens."""
    if secret is None:
        return Enclosed(f"{post.origin}/")
    made = secret_of(post.key, secret.tenant_id, secret.id)
    if secret.purpose is SecretPurpose.TEMPORARY_PASSWORD:
        password, kept = password_of(secret.tenant_id, made)
        return Enclosed(f"{post.origin}/", password, kept)
    token, kept = token_of(secret.tenant_id, made)
    return Enclosed(f"{post.origin}{_PAGES[secret.purpose]}#{token}", kept=kept)


async def _stamped(session: AsyncSession, keeper: Keeper, mail: Mail) -> bool:
    """Keep the hash of the letter's secret; False if the secret is dead, and then the letter is dropped."""
    secret = await _secret_of(session, mail)
    if secret is None:
        return True
    if secret.used_at or secret.voided_at or secret.expires_at < keeper.clock():
        mail.status = MailStatus.DROPPED
        return False
    secret.secret_hash = enclosed(keeper.post, secret).kept
    return True


async def _pending(session: AsyncSession, tenant_id: uuid.UUID, mail_id: uuid.UUID) -> Mail | None:
    query = select(Mail).where(Mail.tenant_id == tenant_id, Mail.id == mail_id, Mail.status == MailStatus.PENDING)
    return await session.scalar(query.with_for_update())


async def _secret_of(session: AsyncSession, mail: Mail) -> OneTimeSecret | None:
    return await session.get(OneTimeSecret, (mail.tenant_id, mail.secret_id)) if mail.secret_id else None


async def _settle(
    session: AsyncSession, keeper: Keeper, mail: Mail, status: MailStatus, failure: str | None = None
) -> None:
    """Note what became of the letter, also where an invitation shows it."""
    on = keeper.clock()
    mail.status, mail.failure = status, failure
    mail.sent_at = on if status is MailStatus.SENT else None
    if failure is not None:
        log.error("mail_failed", mail=mail.id.hex, template=mail.template, failure=failure)
    invitation = await _invitation_of(session, mail)
    if invitation is not None:
        changes = change(invitation, {"sent_at" if failure is None else "failed_at": on})
        await events.record(session, system_actor(mail.tenant_id), events.InvitationDelivered(invitation, changes))


async def _invitation_of(session: AsyncSession, mail: Mail) -> Invitation | None:
    secret = await _secret_of(session, mail)
    if secret is None or secret.invitation_id is None:
        return None
    query = select(Invitation).where(Invitation.tenant_id == mail.tenant_id, Invitation.id == secret.invitation_id)
    return await session.scalar(query.with_for_update())


@queue.task(name="send_mail", pass_context=True, retry=_AGAIN)
async def sending(context: JobContext, tenant: str, mail: str) -> None:
    """Send one letter; several times if need be."""
    keeper, named = keeper_of(context), (uuid.UUID(tenant), uuid.UUID(mail))
    try:
        await deliver(keeper, *named)
    except NotNow:
        if context.job.attempts < MOST_ATTEMPTS:
            raise
        await give_up(keeper, *named)
