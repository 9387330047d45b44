"""What the demo's clients are offered and ask for, and the figures in their reports."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.actor import Actor
from domain import proposals, reports, requests, services
from models import Contact, Organization, OrganizationStatus, Report, ReportKind, Service, Site, User
from server.demo import words

DRAWN = 120
"""So many reports get figures: the newest, which are the ones that are opened."""


async def offer(session: AsyncSession, actor: Actor, now: datetime) -> None:
    """A catalog for all active clients, an account manager, figures, and where there is a manager what they ask for."""
    catalog = [
        await services.create(session, actor, fields={"name": one.title, "description": one.description})
        for one in words.WORK
    ]
    clients = list(
        await session.scalars(_of(Organization, actor).where(Organization.status == OrganizationStatus.ACTIVE))
    )
    for number, client in enumerate(clients):
        for one in catalog[number % 3 :: 3]:
            await services.assign(session, actor, client, one)
    await _draw(session, actor)
    manager = await _user(session, actor, "manager@northgate.example")
    keeper = await _user(session, actor, "accounts@aldgate.example")
    if manager is not None and keeper is not None:
        client = await session.get_one(Organization, (actor.tenant_id, manager.organization_id))
        await services.assign_manager(session, actor, client, keeper)
        await _ask(session, replace(actor, user_id=manager.id), client, catalog, now)


def _of(model: Any, actor: Actor) -> Any:
    return select(model).where(model.tenant_id == actor.tenant_id).order_by(model.external_id)


async def _user(session: AsyncSession, actor: Actor, email: str) -> User | None:
    return await session.scalar(select(User).where(User.tenant_id == actor.tenant_id, User.email == email))


async def _ask(
    session: AsyncSession, asker: Actor, client: Organization, catalog: Sequence[Service], now: datetime
) -> None:
    """One request for work, and one proposal to change a contact."""
    site = (await session.scalars(_of(Site, asker).where(Site.organization_id == client.id))).first()
    contact = (await session.scalars(_of(Contact, asker).where(Contact.organization_id == client.id).offset(3))).first()
    if site is not None:
        fields = {"title": f"{catalog[0].name} during stocktaking", "scheduled_at": now + timedelta(days=9)}
        await requests.request(session, asker, client, site, catalog[0].id, fields=fields, on=now)
    if contact is not None:
        changed = {"job_title": "Regional Facilities Manager"}
        await proposals.propose(session, asker, contact, expected=None, fields=changed)


async def _draw(session: AsyncSession, actor: Actor) -> None:
    drawn = _of(Report, actor).where(Report.kind.in_([ReportKind.PERFORMANCE, ReportKind.ACTIVITY])).limit(DRAWN)
    dice = random.Random(7)  # noqa: S311  (the same figures at every load)
    for report in await session.scalars(drawn):
        await reports.update(session, actor, report, fields={"figures": _figures(report, dice)})


def _figures(report: Report, dice: random.Random) -> list[dict[str, Any]]:
    weeks = [report.period_start + timedelta(days=7 * week) for week in range(4)]
    hours = [{"label": f"{day:%d %b}", "value": Decimal(dice.randint(300, 340)) / 2} for day in weeks]
    if report.kind is ReportKind.ACTIVITY:
        rounds = [{"label": f"{day:%d %b}", "value": Decimal(dice.randint(12, 18))} for day in weeks]
        return [{"title": "Hours worked", "unit": "h", "points": hours}, {"title": "Patrols walked", "points": rounds}]
    kept = [{"label": f"{day:%d %b}", "value": Decimal(dice.randint(960, 1000)) / 10} for day in weeks]
    return [
        {"title": "Planned hours worked", "unit": "%", "points": kept},
        {"title": "Hours", "unit": "h", "points": hours},
    ]
