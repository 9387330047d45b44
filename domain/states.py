"""The states of every aggregate and the steps between them, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from auth.permissions import Permission
from domain import events
from domain.editing import change
from domain.refusals import InvalidTransition
from models import (
    ChangeRequest,
    ChangeRequestStatus,
    Contract,
    ContractStatus,
    Job,
    JobStatus,
    Organization,
    OrganizationStatus,
    PartnerApplication,
    PartnerStatus,
    Report,
    ReportStatus,
    Site,
    SiteStatus,
    User,
    UserStatus,
    Versioned,
)

P = Permission
Stateful = Organization | Site | Contract | Job | Report | User | ChangeRequest | PartnerApplication


@dataclass(frozen=True)
class Step:
    """One allowed move: from any of ``sources`` to ``target``, by whoever holds ``permission`` at the row's place."""

    sources: frozenset[str]
    target: str
    permission: Permission
    event: type[events.Event]
    archives: bool = False


def _step(sources: str, target: str, permission: Permission, event: type[events.Event]) -> Step:
    archives = event in (events.OrganizationArchived, events.SiteClosed, events.ReportArchived)
    return Step(frozenset(sources.split()), target, permission, event, archives)


_O, _S, _C, _J, _R, _U, _Q, _A = (
    OrganizationStatus, SiteStatus, ContractStatus, JobStatus, ReportStatus, UserStatus, ChangeRequestStatus,
    PartnerStatus,
)  # fmt: skip

STEPS: Mapping[type[Versioned], Mapping[str, Step]] = MappingProxyType({
    Organization: {
        "activate": _step("PROSPECT PAUSED", _O.ACTIVE, P.MANAGE_CLIENT_ORGANIZATIONS, events.OrganizationActivated),
        "pause": _step("ACTIVE", _O.PAUSED, P.MANAGE_CLIENT_ORGANIZATIONS, events.OrganizationPaused),
        "archive": _step("PROSPECT ACTIVE PAUSED", _O.ARCHIVED, P.ARCHIVE_CLIENTS, events.OrganizationArchived),
    },
    Site: {
        "limit": _step("ACTIVE", _S.LIMITED, P.EDIT_SITES, events.SiteLimited),
        "reopen": _step("LIMITED", _S.ACTIVE, P.EDIT_SITES, events.SiteReopened),
        "close": _step("ACTIVE LIMITED", _S.CLOSED, P.ARCHIVE_SITES, events.SiteClosed),
    },
    Contract: {
        "activate": _step("DRAFT", _C.ACTIVE, P.ACTIVATE_CONTRACTS, events.ContractActivated),
        "expire": _step("ACTIVE", _C.EXPIRING, P.ACTIVATE_CONTRACTS, events.ContractExpiring),
        "terminate": _step("ACTIVE EXPIRING", _C.TERMINATED, P.ACTIVATE_CONTRACTS, events.ContractTerminated),
    },
    Job: {
        "schedule": _step("REQUESTED", _J.SCHEDULED, P.DISPATCH_JOBS, events.JobScheduled),
        "start": _step("SCHEDULED", _J.IN_PROGRESS, P.DISPATCH_JOBS, events.JobStarted),
        "hold": _step("SCHEDULED IN_PROGRESS", _J.ON_HOLD, P.DISPATCH_JOBS, events.JobHeld),
        "resume": _step("ON_HOLD", _J.SCHEDULED, P.DISPATCH_JOBS, events.JobResumed),
        "complete": _step("IN_PROGRESS", _J.COMPLETED, P.DISPATCH_JOBS, events.JobCompleted),
        "cancel": _step("REQUESTED SCHEDULED ON_HOLD", _J.CANCELLED, P.DISPATCH_JOBS, events.JobCancelled),
        "withdraw": _step("REQUESTED", _J.CANCELLED, P.REQUEST_WORK, events.JobRequestWithdrawn),
    },
    Report: {
        "publish": _step("DRAFT WITHDRAWN", _R.PUBLISHED, P.EDIT_REPORTS, events.ReportPublished),
        "withdraw": _step("PUBLISHED", _R.WITHDRAWN, P.EDIT_REPORTS, events.ReportWithdrawn),
    },
    User: {
        "suspend": _step("INVITED ACTIVE", _U.SUSPENDED, P.VIEW_ACCESS, events.UserSuspended),
        "reactivate": _step("SUSPENDED", _U.ACTIVE, P.VIEW_ACCESS, events.UserReactivated),
    },
    ChangeRequest: {
        "approve": _step("PENDING", _Q.APPROVED, P.EDIT_CONTACTS, events.ChangeApproved),
        "decline": _step("PENDING", _Q.DECLINED, P.EDIT_CONTACTS, events.ChangeDeclined),
        "withdraw": _step("PENDING", _Q.WITHDRAWN, P.PROPOSE_CONTACT_CHANGES, events.ChangeWithdrawn),
    },
    PartnerApplication: {
        "disable": _step("ACTIVE", _A.DISABLED, P.MANAGE_PARTNERS, events.PartnerApplicationDisabled),
        "enable": _step("DISABLED", _A.ACTIVE, P.MANAGE_PARTNERS, events.PartnerApplicationEnabled),
    },
})  # fmt: skip


def step_of(row: Stateful, action: str) -> Step:
    """The step ``action`` means for this row; InvalidTransition if its present state does not allow it."""
    step = STEPS[type(row)][action]
    if row.archived_at is not None:
        raise InvalidTransition("An archived record cannot be changed this way.")
    if row.status not in step.sources:
        raise InvalidTransition(f"A record that is {row.status} cannot be changed this way ({action}).")
    return step


async def take(session: AsyncSession, actor: Actor, row: Stateful, action: str, **also: Any) -> None:
    """Take the step ``action`` with ``row`` and record it; ``also`` are columns that change along."""
    actor.require(STEPS[type(row)][action].permission, row.place)
    step = step_of(row, action)
    changes = change(row, {"status": type(row.status)(step.target), **also})
    await events.record(session, actor, step.event(row, changes))
