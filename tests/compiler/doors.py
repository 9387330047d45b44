"""Random ways in: invitations, partners' programs, sessions that are no viewer's, and the trail of who was let in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import models
from auth.partners import client_id_of
from tests.compiler.company import WORDS, Company

ENTRIES = 60
ACTIONS = ("AccessGranted", "AccessRevoked", "UserSuspended", "EngagementManagerChanged")
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


def doors(c: Company) -> None:
    """What there is beside the viewers' own tokens; everybody must be there already."""
    for person in c.rows[models.User]:
        person["password_hash"] = c.maybe("a hash", 0.4) if person["kind"] is not models.UserKind.PARTNER else None
        _sessions(c, person)
    for arrived in c.rows[models.PortalUser]:
        _invitations(c, arrived)
    addresses = [one["email"] for one in c.rows[models.User]]
    for person in c.rows[models.Contact]:
        person["email"] = c.maybe(c.random.choice(addresses), 0.3) or person["email"]
    # Each reason not to invite somebody occurs, this one not by chance.
    c.rows[models.Organization][0]["status"] = models.OrganizationStatus.ACTIVE
    c.rows[models.Contact][0] |= {"archived_at": None, "email": None}
    for sequence in range(1, ENTRIES + 1):
        c.rows.setdefault(models.AuditEntry, []).append(entry(c, sequence))


def _sessions(c: Company, person: dict[str, Any]) -> None:
    """Open, ended and expired ones, and one by which somebody else looks through the user's eyes."""
    for ended, expires in ((None, FUTURE), (None, PAST), (c.instant(), FUTURE), (None, FUTURE)):
        if c.random.random() < 0.5:
            made = session(c, person, c.key().bytes * 2, expires_at=expires, ended_at=ended)
            if c.random.random() < 0.2:
                made |= {"viewed_by": c.random.choice(c.rows[models.User])["id"], "viewed_from": c.key()}
            c.rows.setdefault(models.Session, []).append(made)


def session(c: Company, person: dict[str, Any], secret: bytes, **values: Any) -> dict[str, Any]:
    """A session of a person or a program."""
    return {
        "tenant_id": c.tenant_id,
        "id": c.key(),
        "user_id": person["id"],
        "kind": models.SessionKind.TOKEN,
        "secret_hash": secret,
        "expires_at": FUTURE,
        **dict.fromkeys(("ended_at", "scopes", "viewed_by", "viewed_from")),
        **values,
    }


def _invitations(c: Company, arrived: dict[str, Any]) -> None:
    """A history; at most one is pending."""
    statuses = [*models.InvitationStatus][1:]
    history = [c.random.choice(statuses) for _ in range(c.random.randrange(4))]
    for status in (*history, *([models.InvitationStatus.PENDING] if c.random.random() < 0.7 else [])):
        pending = status is models.InvitationStatus.PENDING
        c.add(
            models.Invitation,
            **{name: arrived[name] for name in ("organization_id", "user_id", "contact_id")},
            portal_user_id=arrived["id"],
            invited_by_id=c.maybe(c.random.choice(c.rows[models.User])["id"]),
            delivery=c.member(models.InvitationDelivery),
            status=status,
            expires_at=c.random.choice((PAST, FUTURE, c.instant())),
            sent_at=c.maybe(c.instant()),
            failed_at=c.maybe(c.instant()),
            ended_at=None if pending else c.instant(),
        )


def application(c: Company, principal: dict[str, Any]) -> dict[str, Any]:
    """A program that acts as ``principal`` and may ask for everything, as often as it likes."""
    made = c.add(
        models.PartnerApplication,
        id=principal["id"],
        archived_at=None,
        name=principal["name"],
        client_id=client_id_of(c.tenant_id, principal["id"]),
        status=models.PartnerStatus.ACTIVE,
        environment=c.member(models.PartnerEnvironment),
        fields=None,
        bucket=2**31 - 1,
        restore_rate=2**31 - 1,
    )
    for slot in (1, 2):
        _secret(c, made, slot, None)
    for slot in (1, 2, 2):
        _secret(c, made, slot, c.instant())
    return made


def _secret(c: Company, owner: dict[str, Any], slot: int, ended: datetime | None) -> None:
    c.add(
        models.PartnerSecret,
        archived_at=ended,
        application_id=owner["id"],
        secret_hash=c.key().bytes * 2,
        slot=slot,
        label=c.maybe(c.word()),
        expires_at=c.maybe(c.instant()),
        last_used_at=c.maybe(c.instant()),
    )


def entry(c: Company, sequence: int) -> dict[str, Any]:
    """An entry of the audit trail, wherever it was, with any values before and after."""
    site = c.random.choice(c.rows[models.Site])
    at = c.random.choice(({}, {"organization_id": site["organization_id"]},
                          {"organization_id": site["organization_id"], "site_id": site["id"]}))  # fmt: skip
    users = [one["id"] for one in c.rows[models.User]]
    return {
        "tenant_id": c.tenant_id,
        "sequence": sequence,
        "previous_hash": c.key().bytes * 2,
        "hash": c.key().bytes * 2,
        "at": c.instant(),
        "action": c.random.choice(ACTIONS),
        "actor_id": c.maybe(c.random.choice(users)),
        "user_id": c.maybe(c.random.choice(users)),
        **dict.fromkeys(("subject_type", "subject_id", "organization_id", "site_id")),
        **at,
        "before": c.maybe(_values(c)),
        "after": c.maybe(_values(c)),
    }


def _values(c: Company) -> dict[str, Any]:
    """Texts, numbers, booleans, lists of them, and rows: such as are there, and such as are not or are called oddly."""
    user = c.random.choice(c.rows[models.User])["id"]
    kinds = (
        c.word(), None, True, False, 0, -(2**31), 2**53, [], [c.word(), 1, None, True], {},
        {"type": "User", "id": str(user)}, {"type": "User", "id": str(c.key())}, {"type": "Nothing", "id": str(user)},
    )  # fmt: skip
    return {
        c.random.choice((*WORDS, "name", "owner", "a", "b")): c.random.choice(kinds)
        for _ in range(c.random.randrange(5))
    }
