"""Events that change somebody's access or how they prove who they are, and what the audit trail says of each."""

from __future__ import annotations

from auth.actor import Actor
from domain import audit
from domain.facts import Audited, Event, plain
from models import Grant, User


class UserCreated(Audited): ...


class UserUpdated(Audited): ...


class UserSuspended(Audited): ...


class UserReactivated(Audited): ...


class InvitationIssued(Audited): ...


class InvitationDelivered(Event):
    """The mail server has taken the letter, or has refused it for good."""


class InvitationReplaced(Audited): ...


class InvitationCancelled(Audited): ...


class InvitationAccepted(Audited): ...


class SecondFactorAdded(Audited): ...


class SecondFactorRemoved(Audited): ...


class RecoveryCodesRenewed(Audited): ...


class RecoveryCodeUsed(Audited): ...


class TenantSuspended(Audited): ...


class TenantResumed(Audited): ...


class AccessGranted(Audited): ...


class AccessRevoked(Audited): ...


class PartnerApplicationCreated(Audited): ...


class PartnerApplicationUpdated(Audited): ...


class PartnerApplicationDisabled(Audited): ...


class PartnerApplicationEnabled(Audited): ...


class PartnerSecretAdded(Audited): ...


class PartnerSecretEnded(Audited): ...


def entry(actor: Actor, event: Audited) -> audit.Entry | None:
    """What the audit trail says of ``event``; None if nothing was changed."""
    if isinstance(event, UserUpdated) and not event.changes:
        return None
    row = event.row
    before, after = _facts(event)
    return audit.Entry(
        action=event.name,
        place=row.place,
        actor_id=actor.user_id if actor.user_id.int else None,
        user_id=row.id if isinstance(row, User) else getattr(row, "user_id", None),
        subject=(type(row).__name__, row.id),
        before=before,
        after=after,
    )


def _facts(event: Event) -> tuple[audit.Facts | None, audit.Facts | None]:
    """What an audited event changed: what there was before, and what there is now."""
    row = event.row
    if isinstance(row, Grant):
        granted = {"name": row.name, "kind": row.kind.value, "cause": row.cause}
        return (granted, None) if isinstance(event, AccessRevoked) else (None, granted)
    if isinstance(event, UserCreated) and isinstance(row, User):
        return None, {"kind": row.kind.value, "name": row.name, "email": row.email, "status": row.status.value}
    if not event.changes:
        return None, None
    before = {column: plain(one) for column, (one, _) in event.changes.items()}
    return before, {column: plain(one) for column, (_, one) in event.changes.items()}
