"""What the commands about partners' applications do."""

from __future__ import annotations

from domain import partners
from models import PartnerApplication, PartnerSecret, Versioned
from resolvers.commands import Acting

SECRET = "secret"  # noqa: S105  (the name of a field)


async def create(acting: Acting) -> Versioned:
    application, made = await partners.create(acting.session, acting.actor, fields=acting.fields)
    acting.show(SECRET, made.secret)
    return application


async def update(acting: Acting) -> Versioned:
    application = await acting.subject(PartnerApplication)
    return await partners.update_terms(acting.session, acting.actor, application, fields=acting.fields)


async def rotate(acting: Acting) -> Versioned:
    made = await partners.rotate(
        acting.session,
        acting.actor,
        await acting.subject(PartnerApplication),
        label=acting.given.get("label"),
        expires_at=acting.given.get("expires_at"),
        on=acting.now,
    )
    acting.show(SECRET, made.secret)
    return made.row


async def end_secret(acting: Acting) -> Versioned:
    secret = await acting.subject(PartnerSecret)
    return await partners.end_secret(acting.session, acting.actor, secret, on=acting.now)
