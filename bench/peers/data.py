"""Tenants, clients and jobs in bulk, made by PostgreSQL itself, and the people who look at them."""

from __future__ import annotations

import hashlib
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import make_url

SITES, CONTRACTS = 6, 2
ASKED = 200
"""For so many organizations there are portal users, and requests."""
TENANT, ORGANIZATION, SITE, CONTRACT, JOB, USER, GRANT, SESSION = range(1, 9)


@dataclass(frozen=True)
class Size:
    """How much there is. ``skewed`` gives half of it to the first tenant."""

    tenants: int = 10
    organizations: int = 1_000
    jobs: int = 20
    skewed: bool = False

    def tenant_of(self, organization: int) -> int:
        """The number of the tenant an organization belongs to."""
        if not self.skewed:
            return organization % self.tenants
        half = self.organizations // 2
        return 0 if organization < half else 1 + organization % (self.tenants - 1)

    @property
    def tenant_sql(self) -> str:
        """The same in SQL, for organization ``o``."""
        if not self.skewed:
            return f"o % {self.tenants}"
        return f"case when o < {self.organizations // 2} then 0 else 1 + o % {self.tenants - 1} end"


@dataclass(frozen=True)
class Viewer:
    """Somebody with a bearer token and one role at some places: none named means the whole tenant."""

    kind: str
    number: int
    tenant: uuid.UUID
    role: str
    organizations: tuple[int, ...] = ()
    sites: tuple[int, ...] = ()

    @property
    def id(self) -> uuid.UUID:
        return made(USER, self.number)

    @property
    def raw(self) -> bytes:
        """The token as bytes: the tenant, and a secret only a benchmark would have."""
        return self.tenant.bytes + hashlib.sha256(f"bench {self.number}".encode()).digest()

    @property
    def token(self) -> str:
        return urlsafe_b64encode(self.raw).decode().rstrip("=")

    def places(self) -> list[tuple[uuid.UUID | None, uuid.UUID | None]]:
        """Organization and site of every grant."""
        whole = [(made(ORGANIZATION, one), None) for one in self.organizations]
        single = [(made(ORGANIZATION, one // SITES), made(SITE, one)) for one in self.sites]
        return whole + single or [(None, None)]

    def claims(self) -> dict[str, Any]:
        """What a token would say of its holder."""
        sites = [str(made(SITE, one)) for one in self.sites]
        organizations = [str(made(ORGANIZATION, one)) for one in self.organizations]
        touched = organizations or sorted({str(made(ORGANIZATION, one // SITES)) for one in self.sites})
        return {
            "tenant": str(self.tenant), "all": not self.organizations and not self.sites,
            "organizations": organizations, "sites": sites, "touched": touched,
        }  # fmt: skip


@dataclass
class People:
    """The viewers by kind; ``by_organization`` has a portal user of each width for every organization asked for."""

    staff: list[Viewer] = field(default_factory=list)
    group: list[Viewer] = field(default_factory=list)
    region: list[Viewer] = field(default_factory=list)
    wide: list[Viewer] = field(default_factory=list)
    by_organization: dict[int, tuple[Viewer, Viewer]] = field(default_factory=dict)

    def all(self) -> list[Viewer]:
        """Everybody."""
        portal = [one for pair in self.by_organization.values() for one in pair]
        return [*self.staff, *self.group, *self.region, *self.wide, *portal]


def made(kind: int, number: int) -> uuid.UUID:
    """The id of a row: ordered as they are made, like those of version 7."""
    return uuid.UUID(f"{kind:08x}-0000-7000-8000-{number:012x}")


def seed(url: str, size: Size) -> People:
    """Fill an empty, migrated database. It takes a superuser, who need not pass the wall between tenants."""
    people = invited(size)
    with psycopg.connect(plain(url), autocommit=True) as connection:
        # Foreign keys hold by construction; checking each of a million takes longer than writing them.
        connection.execute("set session_replication_role = replica")
        connection.execute(MADE)
        for statement in _statements(size):
            connection.execute(statement)  # type: ignore[arg-type]
        _invite(connection, people)
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
    return people


def plain(url: str) -> str:
    """The address as PostgreSQL's own clients read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


MADE = """create function pg_temp.made(kind int, number bigint) returns uuid language sql immutable as $$
select (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$"""


def _statements(size: Size) -> list[str]:
    tenant = f"pg_temp.made({TENANT}, {size.tenant_sql})"
    sites, contracts = size.organizations * SITES, size.organizations * SITES * CONTRACTS
    at_site = f"{tenant}, pg_temp.made({ORGANIZATION}, o), pg_temp.made({SITE}, s)"
    return [
        f"""insert into tenant (id, slug, name, status)
        select pg_temp.made({TENANT}, t), 'bench-' || t, 'Bench ' || t, 'ACTIVE'
        from generate_series(0, {size.tenants - 1}) t""",
        f"""insert into organization (tenant_id, id, legal_name, short_name, status, kind, location)
        select {tenant}, pg_temp.made({ORGANIZATION}, o), 'Client ' || o || ' Ltd', 'Client ' || lpad(o::text, 6, '0'),
          'ACTIVE', 'COMPANY', 'LOCAL'
        from generate_series(0, {size.organizations - 1}) o""",
        f"""insert into site (tenant_id, organization_id, id, name, status, time_zone)
        select {at_site}, 'Site ' || lpad(s::text, 7, '0'), (array['ACTIVE', 'LIMITED'])[1 + s % 2], 'UTC'
        from generate_series(0, {sites - 1}) s, lateral (select s / {SITES} as o) p""",
        f"""insert into contract (tenant_id, organization_id, site_id, id, reference, title, status, start_on, cadence,
          overtime_policy, base_rate, weekend_multiplier)
        select {at_site}, pg_temp.made({CONTRACT}, c), 'C-' || c, 'Contract ' || c,
          (array['ACTIVE', 'EXPIRING'])[1 + c % 2], date '2025-01-01' + c % 365, 'MONTHLY', 'NONE', 40, 1.5
        from generate_series(0, {contracts - 1}) c, lateral (select c / {CONTRACTS} as s) q,
          lateral (select q.s / {SITES} as o) p""",
        # Jobs come in day by day, so those of one contract lie far apart.
        f"""insert into job (tenant_id, organization_id, site_id, id, contract_id, reference, title, status, priority,
          scheduled_at, cost)
        select {at_site}, pg_temp.made({JOB}, j), pg_temp.made({CONTRACT}, c), 'J-' || j, 'Patrol ' || j % 97,
          (array['SCHEDULED', 'COMPLETED', 'IN_PROGRESS'])[1 + j % 3], 'NORMAL',
          timestamptz '2026-01-01 00:00Z' + j * interval '17 seconds', 99.5
        from generate_series(0, {contracts * size.jobs - 1}) j, lateral (select j % {contracts} as c) r,
          lateral (select r.c / {CONTRACTS} as s) q, lateral (select q.s / {SITES} as o) p""",
        # The triggers that count them do not run here.
        """insert into job_count (tenant_id, organization_id, site_id, contract_id, number)
        select tenant_id, organization_id, site_id, contract_id, count(*) from job group by 1, 2, 3, 4""",
    ]


def invited(size: Size) -> People:
    """Who looks: per tenant its staff, groups of clients and lists of sites; per organization two portal users."""
    people, numbers = People(), iter(range(1_000_000))
    for tenant in range(size.tenants):
        own = [one for one in range(size.organizations) if size.tenant_of(one) == tenant]
        sites = [one * SITES + number for one in own for number in range(SITES)]
        at = (made(TENANT, tenant),)
        people.staff.append(Viewer("staff", next(numbers), *at, "administrator"))
        people.group.append(Viewer("group", next(numbers), *at, "portal_manager", organizations=tuple(own[:60])))
        for start in range(3):
            listed = tuple(sites[start::3][:110])
            people.region.append(Viewer("region", next(numbers), *at, "portal_manager", sites=listed))
        people.wide.append(Viewer("wide", next(numbers), *at, "portal_manager", sites=tuple(sites[:500])))
    step = max(1, size.organizations // ASKED)
    for one in range(0, size.organizations, step):
        at = (made(TENANT, size.tenant_of(one)),)
        listed = tuple(one * SITES + number for number in range(4))
        people.by_organization[one] = (
            Viewer("organization", next(numbers), *at, "portal_manager", organizations=(one,)),
            Viewer("sites", next(numbers), *at, "portal_manager", sites=listed),
        )
    return people


def _invite(connection: psycopg.Connection[Any], people: People) -> None:
    now = datetime.now(UTC)
    viewers = people.all()
    _copy(
        connection, "app_user (tenant_id, id, kind, status, name, email, organization_id)",
        [
            (one.tenant, one.id, "STAFF" if one.kind == "staff" else "PORTAL", "ACTIVE", f"Person {one.number}",
             f"person{one.number}@example.com", one.places()[0][0])
            for one in viewers
        ],
    )  # fmt: skip
    _copy(connection, "permission_epoch (tenant_id, id, number)", [(one.tenant, one.id, 1) for one in viewers])
    granted = [(one, *place) for one in viewers for place in one.places()]
    _copy(
        connection, "access_grant (tenant_id, id, user_id, kind, name, organization_id, site_id)",
        [(one.tenant, made(GRANT, n), one.id, "ROLE", one.role, *place) for n, (one, *place) in enumerate(granted)],
    )  # fmt: skip
    _copy(
        connection, "session (tenant_id, id, user_id, kind, secret_hash, expires_at)",
        [
            (one.tenant, made(SESSION, n), one.id, "TOKEN", hashlib.sha256(one.raw).digest(), now + timedelta(days=1))
            for n, one in enumerate(viewers)
        ],
    )  # fmt: skip


def _copy(connection: psycopg.Connection[Any], into: str, rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:  # type: ignore[arg-type]
        for row in rows:
            copy.write_row(row)
