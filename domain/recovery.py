"""What people do about their own way in: a forgotten password, a new one, another address.

Whoever changes it is shown to be the person by a secret mailed to them, or by the password they have. The address that
is affected is told afterwards, so that a theft does not go unnoticed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grants import Credential
from domain import access, audit, events, mailing, secrets, users, values
from domain.editing import change
from domain.refusals import Refused
from domain.secrets import LinkDead
from models import OneTimeSecret, Organization, SecretPurpose, Tenant, User, UserStatus

RESET_VALID_FOR = timedelta(hours=1)
EMAIL_CHANGE_VALID_FOR = timedelta(hours=24)
AGAIN_AFTER = timedelta(minutes=1)
"""Who asks again sooner has the letter on its way."""


class AddressTaken(Refused):
    """Somebody else has begun to sign in with the address."""

    code = "EMAIL_IN_USE"
    field = "email"


async def begin_reset(session: AsyncSession, user: User, *, on: datetime) -> None:
    """Send a link to choose a new password. Those sent before stop working."""
    if user.status is not UserStatus.ACTIVE or await _asked_just_now(session, user, SecretPurpose.RESET, on=on):
        return
    await secrets.call_back(session, user, on=on, purposes=(SecretPurpose.RESET,))
    secret = await secrets.mint(session, user, SecretPurpose.RESET, on=on, lifetime=RESET_VALID_FOR)
    await mailing.post(session, user, "reset", await mailing.letterhead(session, user, secret), on=on, secret=secret)


async def look_at_reset(session: AsyncSession, credential: Credential, *, on: datetime) -> User:
    """Whose password a link resets; LinkDead unless it does."""
    secret = await secrets.look(session, credential, (SecretPurpose.RESET,), on=on)
    user = await session.get_one(User, (secret.tenant_id, secret.user_id))
    if user.status is not UserStatus.ACTIVE or user.archived_at is not None:
        raise LinkDead
    return user


async def hold_reset(session: AsyncSession, credential: Credential, *, on: datetime) -> User:
    """The same person, held until the transaction ends: others that come with the link wait, and find it dead."""
    await _locked(session, await look_at_reset(session, credential, on=on))
    return await look_at_reset(session, credential, on=on)


async def complete_reset(session: AsyncSession, credential: Credential, *, password_hash: str, on: datetime) -> User:
    """Use a link up and replace the password; whoever was signed in is not any more."""
    user = await hold_reset(session, credential, on=on)
    await secrets.use(session, await secrets.look(session, credential, (SecretPurpose.RESET,), on=on), on=on)
    await replace_password(session, user, password_hash=password_hash, on=on)
    return user


async def replace_password(session: AsyncSession, user: User, *, password_hash: str, on: datetime) -> None:
    """Set a password its owner has chosen. Every session ends, every letter about the old one is void."""
    chosen_before = user.password_hash is not None
    await users.set_password(session, users.themselves(user), user, password_hash)
    await secrets.call_back(session, user, on=on)
    audit.note(session, audit.Entry("PasswordReplaced", user.place, user.id, user.id, (User.__name__, user.id)))
    if chosen_before:
        await mailing.post(session, user, "password_changed", await mailing.letterhead(session, user), on=on)


async def begin_email_change(session: AsyncSession, user: User, *, email: str, on: datetime) -> None:
    """Send a link to the new address. An address that somebody has is not written to, and nobody is told."""
    email = values.email(email)
    if email == user.email or await _is_taken(session, user, email):
        return
    await secrets.call_back(session, user, on=on, purposes=(SecretPurpose.EMAIL_CHANGE,))
    secret = await secrets.mint(
        session, user, SecretPurpose.EMAIL_CHANGE, on=on, lifetime=EMAIL_CHANGE_VALID_FOR, email=email
    )
    told = await mailing.letterhead(session, user, secret) | {"email": email}
    await mailing.post(session, user, "confirm_email", told, on=on, secret=secret, address=email)


async def confirm_email(session: AsyncSession, credential: Credential, *, on: datetime) -> User:
    """Use a link up: the person signs in with the new address from now on, and the old one is told."""
    secret = await secrets.look(session, credential, (SecretPurpose.EMAIL_CHANGE,), on=on)
    user = await _locked(session, await session.get_one(User, (secret.tenant_id, secret.user_id)))
    if user.status is not UserStatus.ACTIVE or user.archived_at is not None or secret.email is None:
        raise LinkDead
    await secrets.use(session, secret, on=on)
    if await _is_taken(session, user, secret.email):
        raise AddressTaken("Another user signs in with this address by now.")
    former = user.email
    changes = change(user, {"email": secret.email})
    # What was sent to the old address must not open the account any more.
    await secrets.call_back(session, user, on=on)
    await access.changed(session, user)
    await events.record(session, users.themselves(user), events.UserUpdated(user, changes))
    told = await mailing.letterhead(session, user) | {"email": user.email}
    await mailing.post(session, user, "email_changed", told, on=on, address=former)
    return user


async def names_of(session: AsyncSession, user: User) -> tuple[str, ...]:
    """What the user goes by, none of which makes a password."""
    tenant = await session.get_one(Tenant, user.tenant_id)
    home = user.organization_id and await session.get(Organization, (user.tenant_id, user.organization_id))
    organization = (home.short_name, home.legal_name) if home else ()
    return user.name, user.email, tenant.name, *organization


async def _asked_just_now(session: AsyncSession, user: User, purpose: SecretPurpose, *, on: datetime) -> bool:
    query = select(func.max(OneTimeSecret.created_at)).where(
        OneTimeSecret.tenant_id == user.tenant_id,
        OneTimeSecret.user_id == user.id,
        OneTimeSecret.purpose == purpose,
        OneTimeSecret.used_at.is_(None),
        OneTimeSecret.voided_at.is_(None),
    )
    last = await session.scalar(query)
    return last is not None and last > on - AGAIN_AFTER


async def _is_taken(session: AsyncSession, user: User, email: str) -> bool:
    query = select(User.id).where(User.tenant_id == user.tenant_id, User.email == email, User.archived_at.is_(None))
    return await session.scalar(query) is not None


async def _locked(session: AsyncSession, user: User) -> User:
    query = select(User).where(User.tenant_id == user.tenant_id, User.id == user.id)
    found = await session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return found.one()
