"""Random rows of what is offered, asked for, proposed and told; figures and timelines as odd as everything else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import models
from tests.compiler.company import COSTS, Company


def timeline(c: Company) -> list[dict[str, Any]]:
    """States with their instants, as they are kept."""
    return [
        {"status": c.member(models.JobStatus).value, "at": _shown(c.instant())} for _ in range(c.random.randrange(4))
    ]


def _shown(at: datetime) -> str:
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def figures(c: Company) -> list[dict[str, Any]]:
    """Figures with any words and any numbers."""
    return [
        {
            "title": c.word(),
            "unit": c.maybe(c.word()),
            "points": [
                {"label": c.word(), "value": f"{c.random.choice(COSTS):f}"} for _ in range(c.random.randrange(4))
            ],
        }
        for _ in range(c.random.randrange(3))
    ]


def offers(c: Company) -> None:
    """Services, their assignments, account managers, proposals and notices; everybody must be there already."""
    organizations, users = c.rows[models.Organization], c.rows[models.User]
    services = [
        c.add(models.Service, name=f"{c.word().strip() or 'x'} {c.number()}", description=c.maybe(c.word()))
        for _ in range(6)
    ]
    for home in organizations:
        for one in c.random.sample(services, 3):
            c.add(models.ServiceSubscription, organization_id=home["id"], service_id=one["id"])
        for one in c.random.sample(users, 2):
            c.add(models.AccountManager, organization_id=home["id"], user_id=one["id"])
    for one in c.rows[models.Job]:
        one["service_id"] = c.maybe(c.random.choice(services)["id"])
        one["requested_by_id"] = c.maybe(c.random.choice(users)["id"], 0.3)
    for person in c.rows[models.Contact]:
        proposal(c, person, c.random.choice(users))
    for user in users:
        for _ in range(6):
            notice(c, user)


def proposal(c: Company, person: dict[str, Any], by: dict[str, Any]) -> None:
    c.add(
        models.ChangeRequest,
        organization_id=person["organization_id"],
        site_id=person["site_id"],
        contact_id=person["id"],
        contact_version=c.random.choice((1, 2**31 - 1)),
        proposed_by_id=by["id"],
        status=c.member(models.ChangeRequestStatus),
        changed_fields=c.random.sample(list(models.ContactField), c.random.randrange(4)),
        **{name: c.maybe(c.word()) for name in ("name", "job_title", "email", "phone", "private_phone", "reason")},
        preferred_channel=c.maybe(c.member(models.ContactChannel)),
        decided_at=c.maybe(c.instant()),
    )


def notice(c: Company, user: dict[str, Any]) -> None:
    c.add(
        models.Notification,
        user_id=user["id"],
        organization_id=c.random.choice(c.rows[models.Organization])["id"],
        kind=c.member(models.NotificationKind),
        job_id=c.maybe(c.random.choice(c.rows[models.Job])["id"]),
        change_request_id=c.maybe(c.random.choice(c.rows[models.ChangeRequest])["id"]),
        unread=c.random.random() < 0.5,
        read_at=c.maybe(c.instant()),
    )
