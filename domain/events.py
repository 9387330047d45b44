"""What has happened, in the past tense, recorded in the transaction in which it happens."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from domain import audit
from domain.fencing import AccessChange, Consequence, note
from models import EventRecord, Grant, Job, JobParty, Place, Tenant, User, Versioned

Changes = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Event:
    """One fact about one row. ``changes`` maps column names to (before, after) and never leaves the server.

    ``hides`` says that the row may have left the sight of people who saw it; ``left`` is the place it moved away from.
    ``audited`` ones change somebody's access and are entries of the audit trail as well.
    """

    row: Versioned | Tenant
    changes: Changes = field(default_factory=dict[str, tuple[Any, Any]])
    hides: ClassVar[bool] = False
    audited: ClassVar[bool] = False
    left: Place | None = None

    @property
    def name(self) -> str:
        return type(self).__name__


class OrganizationCreated(Event): ...


class OrganizationUpdated(Event): ...


class OrganizationActivated(Event): ...


class OrganizationPaused(Event): ...


class OrganizationArchived(Event): ...


class SiteCreated(Event): ...


class SiteUpdated(Event): ...


class SiteLimited(Event): ...


class SiteReopened(Event): ...


class SiteClosed(Event): ...


class ContactCreated(Event): ...


class ContactUpdated(Event): ...


class ContactMadePrimary(Event): ...


class ContactArchived(Event): ...


class ContractCreated(Event): ...


class ContractUpdated(Event): ...


class ContractActivated(Event): ...


class ContractExpiring(Event): ...


class ContractTerminated(Event): ...


class ContractMoved(Event):
    """Who sees a contract depends on its place."""

    hides = True


class JobCreated(Event): ...


class JobUpdated(Event): ...


class JobScheduled(Event): ...


class JobStarted(Event): ...


class JobHeld(Event): ...


class JobResumed(Event): ...


class JobCompleted(Event): ...


class JobCancelled(Event): ...


class JobRequestWithdrawn(Event): ...


class JobPartyAdded(Event): ...


class JobPartyRemoved(Event):
    hides = True


class ReportCreated(Event): ...


class ReportUpdated(Event): ...


class ReportPublished(Event): ...


class ReportReclassified(Event):
    """Another kind of report is another right to read it."""

    hides = True


class ReportWithdrawn(Event):
    hides = True


class ReportArchived(Event):
    """Nobody loses sight of it by this: a published report is withdrawn first."""


class ServiceCreated(Event): ...


class ServiceUpdated(Event): ...


class ServiceArchived(Event): ...


class ServiceSubscriptionCreated(Event): ...


class ServiceWithdrawn(Event):
    """The service itself goes out of the sight of those who saw it because it was assigned to them."""

    hides = True


class AccountManagerCreated(Event): ...


class AccountManagerRemoved(Event): ...


class ChangeRequestCreated(Event): ...


class ChangeApproved(Event): ...


class ChangeDeclined(Event): ...


class ChangeWithdrawn(Event): ...


class NotificationCreated(Event): ...


class NotificationRead(Event): ...


class UserCreated(Event):
    audited = True


class UserUpdated(Event):
    audited = True


class UserSuspended(Event):
    audited = True


class UserReactivated(Event):
    audited = True


class InvitationIssued(Event):
    audited = True


class InvitationDelivered(Event):
    """The mail server has taken the letter, or has refused it for good."""


class InvitationReplaced(Event):
    audited = True


class InvitationCancelled(Event):
    audited = True


class InvitationAccepted(Event):
    audited = True


class SecondFactorAdded(Event):
    audited = True


class SecondFactorRemoved(Event):
    audited = True


class RecoveryCodesRenewed(Event):
    audited = True


class RecoveryCodeUsed(Event):
    audited = True


class TenantSuspended(Event):
    audited = True


class TenantResumed(Event):
    audited = True


class AccessGranted(Event):
    audited = True


class AccessRevoked(Event):
    audited = True


class PartnerApplicationCreated(Event):
    audited = True


class PartnerApplicationUpdated(Event):
    audited = True


class PartnerApplicationDisabled(Event):
    audited = True


class PartnerApplicationEnabled(Event):
    audited = True


class PartnerSecretAdded(Event):
    audited = True


class PartnerSecretEnded(Event):
    audited = True


async def record(session: AsyncSession, actor: Actor, event: Event) -> None:
    """Append ``event`` to the log.

    The row is flushed first: its lock is then held while the log hands out the sequence number, so the numbers of one
    aggregate's events are in the order of its versions.
    """
    await session.flush()
    row = event.row
    also = await _parties(session, row) if isinstance(row, Job) else []
    place = row.place
    session.add(
        EventRecord(
            tenant_id=place.tenant,
            type=event.name,
            node_type=type(row).__name__,
            node_id=row.id,
            version=row.version,
            organization_id=place.organization,
            site_id=place.site,
            hides=event.hides,
            left_organization_id=event.left.organization if event.left else None,
            left_site_id=event.left.site if event.left else None,
            also=also,
            actor_id=actor.user_id if actor.user_id.int else None,
            data={column: [_plain(a), _plain(b)] for column, (a, b) in event.changes.items()},
        )
    )
    if event.audited and not (isinstance(event, UserUpdated) and not event.changes):
        audit.note(session, _entry(actor, event))
    if event.hides:
        # Whoever saw the row may see it no more, and nobody knows who that is: what was read before is not sent.
        note(session, AccessChange(place.tenant, None, Consequence.VOID))


def _entry(actor: Actor, event: Event) -> audit.Entry:
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
    before = {column: _plain(one) for column, (one, _) in event.changes.items()}
    return before, {column: _plain(one) for column, (_, one) in event.changes.items()}


async def _parties(session: AsyncSession, job: Job) -> list[UUID]:
    """The organizations beside its own that see the job because they take part in it."""
    query = select(JobParty.organization_id).where(
        JobParty.tenant_id == job.tenant_id,
        JobParty.job_id == job.id,
        JobParty.organization_id != job.organization_id,
        JobParty.archived_at.is_(None),
    )
    return list(await session.scalars(query))


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (UUID, Decimal)) else value
