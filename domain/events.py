"""What has happened, in the past tense, recorded in the transaction in which it happens."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from domain import audit
from domain.access_events import (
    AccessGranted,
    AccessRevoked,
    InvitationAccepted,
    InvitationCancelled,
    InvitationDelivered,
    InvitationIssued,
    InvitationReplaced,
    PartnerApplicationCreated,
    PartnerApplicationDisabled,
    PartnerApplicationEnabled,
    PartnerApplicationUpdated,
    PartnerSecretAdded,
    PartnerSecretEnded,
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    SecondFactorAdded,
    SecondFactorRemoved,
    TenantResumed,
    TenantSuspended,
    UserCreated,
    UserReactivated,
    UserSuspended,
    UserUpdated,
    entry,
)
from domain.facts import Audited, Changes, Event, plain
from domain.fencing import AccessChange, Consequence, note
from models import EventRecord, Job, JobParty

__all__ = [
    "AccessGranted", "AccessRevoked", "Changes", "Event", "InvitationAccepted", "InvitationCancelled",
    "InvitationDelivered", "InvitationIssued", "InvitationReplaced", "PartnerApplicationCreated",
    "PartnerApplicationDisabled", "PartnerApplicationEnabled", "PartnerApplicationUpdated", "PartnerSecretAdded",
    "PartnerSecretEnded", "RecoveryCodeUsed", "RecoveryCodesRenewed", "SecondFactorAdded", "SecondFactorRemoved",
    "TenantResumed", "TenantSuspended", "UserCreated", "UserReactivated", "UserSuspended", "UserUpdated",
]  # fmt: skip
"""Events about access have a module of their own; here is where all are asked for."""


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
            data={column: [plain(a), plain(b)] for column, (a, b) in event.changes.items()},
        )
    )
    told = entry(actor, event) if isinstance(event, Audited) else None
    if told is not None:
        audit.note(session, told)
    if event.hides:
        # Whoever saw the row may see it no more, and nobody knows who that is: what was read before is not sent.
        note(session, AccessChange(place.tenant, None, Consequence.VOID))


async def _parties(session: AsyncSession, job: Job) -> list[UUID]:
    """The organizations beside its own that see the job because they take part in it."""
    query = select(JobParty.organization_id).where(
        JobParty.tenant_id == job.tenant_id,
        JobParty.job_id == job.id,
        JobParty.organization_id != job.organization_id,
        JobParty.archived_at.is_(None),
    )
    return list(await session.scalars(query))
