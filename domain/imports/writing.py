"""Writing a staged file: everything for all of its rows at once, in the transaction of the session, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from psycopg import AsyncConnection
from sqlalchemy import ColumnElement, and_, case, func, literal, null, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import Uuid

from auth.actor import Actor
from domain.imports import checks
from domain.imports.plan import Plan, organization_of, place_columns, plan
from domain.imports.problems import ImportRefused, Problem
from domain.imports.staging import Staged
from domain.jobs import entry
from domain.refusals import Refused
from models import Contact, EventRecord, Job, JobParty, JobStatus, Organization, PartyRole, Report, ReportStatus, Site

Sql = ColumnElement[Any]
_CHUNK = 256 << 10


class ImportOvertaken(Refused):
    """Somebody changed one of the records in the same moment; nothing was written."""

    code = "CONFLICT"


@dataclass(frozen=True)
class Summary:
    """What came of a file. ``states_kept`` rows have moved on from the state the file gives new rows."""

    file: str
    kind: str
    created: int
    updated: int
    unchanged: int
    states_kept: int = 0


async def write(session: AsyncSession, actor: Actor, staged: Staged, *, on: datetime) -> Summary:
    """Create and update the records; raises ImportRefused with all problems of the file, after which nothing is kept.

    Two imports of the same kind in one tenant follow each other, so that the second finds what the first has written.
    """
    await _take_turns(session, actor, staged)
    made = plan(staged.kind, staged.columns, actor.tenant_id)
    await _load(session, made, staged)
    await checks.look(session, made, staged.problems)
    if staged.problems:
        raise ImportRefused(staged.file, list(staged.problems))
    summary = await _summary(session, made, staged)
    if summary.created or summary.updated:
        await _apply(session, actor, made, summary, on)
    return summary


async def _take_turns(session: AsyncSession, actor: Actor, staged: Staged) -> None:
    turn = f"import {actor.tenant_id} {staged.kind.name}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(turn, 0))))


async def _load(session: AsyncSession, plan: Plan, staged: Staged) -> None:
    for table in (plan.staged, plan.planned):
        await session.execute(text(f"drop table if exists pg_temp.{table.name}"))
        await session.execute(text(f"{CreateTable(table).compile(dialect=_dialect(session))} on commit drop"))
    driver = await (await session.connection()).get_raw_connection()
    connection = cast("AsyncConnection", driver.driver_connection)
    staged.lines.seek(0)
    async with connection.cursor() as cursor, cursor.copy(f"copy {plan.staged.name} from stdin".encode()) as copy:
        while chunk := staged.lines.read(_CHUNK):
            await copy.write(chunk)
    await session.execute(text(f"analyze {plan.staged.name}"))
    await session.execute(plan.filling)
    await session.execute(text(f"analyze {plan.planned.name}"))


def _dialect(session: AsyncSession) -> Any:
    return session.get_bind().dialect


async def _summary(session: AsyncSession, plan: Plan, staged: Staged) -> Summary:
    rows = plan.planned.c
    kept = (~rows.is_new) & (rows.old_status != rows.status) if "status" in staged.columns else literal(value=False)
    query = select(
        *(func.count().filter(one) for one in (rows.is_new, rows.changed, ~(rows.is_new | rows.changed), kept))
    )
    return Summary(staged.file, staged.kind.name, *(await session.execute(query)).one())


async def _apply(session: AsyncSession, actor: Actor, plan: Plan, summary: Summary, on: datetime) -> None:
    """The rows first, the log after them: as with single changes, an event's number follows the lock of its row."""
    await _look_up_by_index(session)
    try:
        if summary.created:
            await _create(session, actor, plan, on)
        if summary.updated:
            await _update(session, actor, plan, summary)
    except IntegrityError as error:
        raise _refusal(summary.file, error) from error
    await _record(session, actor, plan)


async def _look_up_by_index(session: AsyncSession) -> None:
    """Have foreign keys looked up by index until the transaction ends.

    They are looked up once a row with a plan that is made once a session; made while the tables are new or small, it
    would read all of the other table each time: a third of the time of an import of jobs.
    """
    await session.execute(text("discard plans"))
    for kind in ("seqscan", "bitmapscan"):
        await session.execute(text(f"set local enable_{kind} = off"))


async def _create(session: AsyncSession, actor: Actor, plan: Plan, on: datetime) -> None:
    rows = plan.planned.c
    tenant = literal(actor.tenant_id).label("tenant_id")
    values: dict[str, Sql] = {"tenant_id": tenant, "id": rows.id}
    values |= {name: rows[name] for name in (*place_columns(plan.kind), *plan.written)}
    values |= _settled(plan, on)
    query = select(*values.values()).where(rows.is_new).order_by(rows.row)
    await session.execute(insert(plan.kind.table).from_select(list(values), query))
    if plan.kind.model is Job:
        parties = select(tenant, rows.party_id, rows.id, rows.organization_id, literal(PartyRole.PRIMARY.value))
        names = ["tenant_id", "id", "job_id", "organization_id", "role"]
        query = parties.where(rows.is_new).order_by(rows.row)
        await session.execute(insert(JobParty).from_select(names, query))


def _settled(plan: Plan, on: datetime) -> dict[str, Sql]:
    """What goes with the state a new row begins in, where the file does not say."""
    rows = plan.planned.c
    if plan.kind.model in (Organization, Site) and "status" in rows:
        return {"archived_at": case((rows.status.in_(plan.kind.archived), on), else_=None)}
    if plan.kind.model is Contact:
        return {"is_primary": _is_first(plan)}
    if plan.kind.model is Report and "status" in rows:
        return {"published_at": _or(rows, "published_at", rows.status == ReportStatus.PUBLISHED.value, literal(on))}
    if plan.kind.model is Job:
        worked = _worked(rows) if "status" in rows else {}
        return worked | {"timeline": _arrived(rows, on)}
    return {}


def _arrived(rows: Any, on: datetime) -> Sql:
    """A timeline that begins with the state the job was imported in; what came before is not known."""
    status = rows.status if "status" in rows else literal(JobStatus.REQUESTED.value)
    shown = entry(JobStatus.REQUESTED, on)["at"]
    return func.jsonb_build_array(func.jsonb_build_object("status", status, "at", shown))


def _worked(rows: Any) -> dict[str, Sql]:
    """A job that was begun began when it was planned, and took as long as planned."""
    begun = rows.status.in_([JobStatus.IN_PROGRESS.value, JobStatus.COMPLETED.value])
    minutes = func.coalesce(rows.duration_minutes, 0) if "duration_minutes" in rows else literal(0)
    end = rows.scheduled_at + func.make_interval(0, 0, 0, 0, 0, minutes)
    return {
        "started_at": _or(rows, "started_at", begun, rows.scheduled_at),
        "completed_at": _or(rows, "completed_at", rows.status == JobStatus.COMPLETED.value, end),
    }


def _or(rows: Any, name: str, condition: Sql, value: Sql) -> Sql:
    otherwise = case((condition, value), else_=None)
    return func.coalesce(rows[name], otherwise) if name in rows else otherwise


def _is_first(plan: Plan) -> Sql:
    """Whether a new contact is its organization's first, and with that its primary one."""
    rows, table = plan.planned.c, Contact.__table__
    nth = func.row_number().over(partition_by=rows.organization_id, order_by=rows.row)
    primary = select(table.c.id).where(
        table.c.tenant_id == func.current_setting("app.tenant").cast(Uuid()),
        table.c.organization_id == rows.organization_id,
        table.c.is_primary,
        table.c.archived_at.is_(None),
    )
    return and_(nth == 1, ~primary.exists())


async def _update(session: AsyncSession, actor: Actor, plan: Plan, summary: Summary) -> None:
    rows, table = plan.planned.c, plan.kind.table
    mine = and_(table.c.tenant_id == actor.tenant_id, table.c.id == rows.id, table.c.version == rows.version - 1)
    values = {name: rows[name] for name in (*plan.updated, "version")}
    done = await session.execute(update(table).where(mine, rows.changed).values(values))
    if cast("Any", done).rowcount != summary.updated:
        raise ImportOvertaken("A record was changed by somebody else in this moment. Import the file again.")


async def _record(session: AsyncSession, actor: Actor, plan: Plan) -> None:
    """One event for each new or changed row, as domain.events.record would write it."""
    rows, kind = plan.planned.c, plan.kind
    reclassified = [(rows.changes.has_key(name), event) for name, event in kind.reclassifying.items()]
    values: dict[str, Sql] = {
        "tenant_id": literal(actor.tenant_id),
        "type": case(
            (rows.is_new, kind.created.__name__),
            *((condition, event.__name__) for condition, event in reclassified),
            else_=kind.updated.__name__,
        ),
        "node_type": literal(kind.model.__name__),
        "node_id": rows.id,
        "version": rows.version,
        "organization_id": organization_of(kind, plan.planned),
        "site_id": rows.id if kind.model is Site else rows.site_id if "site_id" in rows else null(),
        "hides": or_(literal(value=False), *(condition for condition, event in reclassified if event.hides)),
        "also": _also(actor, plan),
        "actor_id": literal(actor.user_id if actor.user_id.int else None, Uuid()),
        "data": case((rows.is_new, _beginning(plan)), else_=rows.changes),
    }
    query = select(*values.values()).where(or_(rows.is_new, rows.changed)).order_by(rows.row)
    await session.execute(insert(EventRecord).from_select(list(values), query))


def _beginning(plan: Plan) -> Sql:
    """That a row begins in another state than usual is kept for the audit."""
    rows, nothing = plan.planned.c, literal({}, JSONB())
    if "status" not in rows:
        return nothing
    usual = plan.kind.columns["status"].default
    status = literal(str(getattr(usual, "arg", "")))
    said = func.jsonb_build_object(literal("status"), func.jsonb_build_array(status, rows.status))
    return case((rows.status != status, said), else_=nothing)


def _also(actor: Actor, plan: Plan) -> Sql:
    """The other organizations that see a job because they take part in it; a new one has its own only."""
    rows, party = plan.planned.c, JobParty.__table__
    if plan.kind.model is not Job:
        return literal([], ARRAY(Uuid()))
    others = select(party.c.organization_id).where(
        party.c.tenant_id == actor.tenant_id,
        party.c.job_id == rows.id,
        party.c.organization_id != rows.organization_id,
        party.c.archived_at.is_(None),
    )
    return case(
        (rows.is_new, literal([], ARRAY(Uuid()))), else_=func.array(others.correlate(plan.planned).scalar_subquery())
    )


def _refusal(file: str, error: IntegrityError) -> ImportRefused:
    """What was free when it was looked up, and taken when it was written."""
    said: Any = getattr(error.orig, "diag", None)
    value = re.search(r"=\(.*?, (.*)\)", getattr(said, "message_detail", None) or "")
    problem = Problem("TAKEN", "Another record has this already.", value=value[1] if value else None)
    return ImportRefused(file, [problem])
