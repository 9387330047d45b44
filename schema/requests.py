"""What clients are offered, ask for and propose, and what everybody is told of it."""

# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportGeneralTypeIssues=false, reportUnusedImport=false
# The annotations name what the graph has, looked up when the schema is built; imports are for what they declare.

from __future__ import annotations

import models
from auth.permissions import Permission
from schema import lists  # noqa: F401  (the lists come before the types)
from schema.declaration import edge, guarded
from schema.graph import node

P = Permission


@node(models.Service)
class Service:
    """A kind of work the company offers. Clients see those assigned to their organization."""

    name: str
    description: str | None


@node(models.ServiceSubscription)
class ServiceSubscription:
    """A service an organization's people may ask for."""

    service: Service | None = edge(models.ServiceSubscription.service_id)
    organization: Organization | None = edge(models.ServiceSubscription.organization_id)


@node(models.AccountManager)
class AccountManager:
    """Somebody of the staff who looks after an organization, beside its owner."""

    organization: Organization | None = edge(models.AccountManager.organization_id)
    user: User | None = edge(models.AccountManager.user_id)


@node(models.ChangeRequest)
class ChangeRequest:
    """A proposed change of a contact. Of the values, those named in `changedFields` count."""

    status: ChangeRequestStatus
    changed_fields: list[ContactField]
    name: str | None
    job_title: str | None
    email: str | None
    phone: str | None
    private_phone: str | None = guarded(P.VIEW_PRIVATE_PHONES)
    preferred_channel: ContactChannel | None
    contact_version: int
    reason: str | None
    decided_at: datetime | None
    contact: Contact | None = edge(models.ChangeRequest.contact_id)
    organization: Organization | None = edge(models.ChangeRequest.organization_id)
    site: Site | None = edge(models.ChangeRequest.site_id)
    proposed_by: User | None = edge(models.ChangeRequest.proposed_by_id)


@node(models.Notification)
class Notification:
    """A notice to the viewer. What it is about is null once the viewer may not see it any more."""

    kind: NotificationKind
    unread: bool
    read_at: datetime | None
    job: Job | None = edge(models.Notification.job_id)
    change_request: ChangeRequest | None = edge(models.Notification.change_request_id)
    organization: Organization | None = edge(models.Notification.organization_id)
