"""Random drafts of somebody's access: most of them could be saved, some are refused for one reason or another."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from typing import Any

import models
from auth.permissions import CONFERS
from resolvers.ids import encode
from tests.compiler.company import Company

NAMES = tuple(sorted(CONFERS))


def draft(chance: random.Random, company: Company, user: dict[str, Any]) -> list[dict[str, str]]:
    """Grants for a user: some of those they have, and some more, mostly where and what they could be given."""
    has = [
        one
        for one in company.rows[models.Grant]
        if one["user_id"] == user["id"] and one["archived_at"] is None and one["cause"] == "MANUAL"
    ]
    kept = [_written(company, one["name"], one["organization_id"], one["site_id"]) for one in has]
    chosen = [one for one in kept if chance.random() < 0.6]
    home = user["organization_id"] or chance.choice(company.rows[models.Organization])["id"]
    names = [chance.choice(_names(user)) for _ in range(chance.randrange(4))]
    chosen += [_written(company, name, *_place(chance, company, home)) for name in names]
    if chance.random() < 0.1:
        chosen.append(_odd(chance, company))
    chance.shuffle(chosen)
    return chosen


def _names(user: dict[str, Any]) -> Sequence[str]:
    """What a user of this kind is likely to be given."""
    if user["kind"] is models.UserKind.PARTNER:
        return ("jobs:read", "contacts:read", "rates:read", "sites:read", "reports:read")
    if user["kind"] is models.UserKind.PORTAL:
        return ("portal_viewer", "portal_manager", "jobs", "contracts", "rates", "billing", "reports", "contacts",
                "incident_reports")  # fmt: skip
    return ("administrator", "finance", "dispatcher", "operations_lead", "clients.view", "jobs.cost", "contracts.edit")


def _place(chance: random.Random, company: Company, home: uuid.UUID) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    sites = [one["id"] for one in company.rows[models.Site] if one["organization_id"] == home]
    return home, chance.choice([None, *sites])


def _odd(chance: random.Random, company: Company) -> dict[str, str]:
    """Anything anywhere, or nothing that there is."""
    site = chance.choice(company.rows[models.Site])
    places = (
        encode(models.Tenant, company.tenant_id), encode(models.Tenant, uuid.UUID(int=1)), "sit_x", "",
        encode(models.Site, site["id"]), encode(models.Organization, site["id"]),
        encode(models.Contact, company.rows[models.Contact][0]["id"]), encode(models.Site, uuid.UUID(int=1)),
    )  # fmt: skip
    return {"name": chance.choice((*NAMES, "nonsense", "")), "placeId": chance.choice(places)}


def _written(company: Company, name: str, organization: uuid.UUID | None, site: uuid.UUID | None) -> dict[str, str]:
    if site is not None:
        return {"name": name, "placeId": encode(models.Site, site)}
    if organization is not None:
        return {"name": name, "placeId": encode(models.Organization, organization)}
    return {"name": name, "placeId": encode(models.Tenant, company.tenant_id)}
