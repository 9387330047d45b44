"""What a viewer may see of a table: declared here as data, rendered as one SQL predicate.

The predicate reads the grants in the very statement that reads the rows, so both come from one snapshot. The viewer
may be a bound value (one operation) or a column (many viewers of one event); the rule is the same text.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, literal, or_, select

import models
from auth.actor import Actor
from auth.permissions import REPORT_PERMISSIONS, Permission, names_conferring

P = Permission


class Reach(enum.Enum):
    """How a grant's place must lie to a row's: cover it, or merely touch it (cover it or lie within it)."""

    COVERS = "covers"
    TOUCHES = "touches"


@dataclass(frozen=True)
class Clause:
    """One way to see a row: a permission at its place, possibly only in some states or through a linked row."""

    permission: Permission
    reach: Reach = Reach.COVERS
    when: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    through: type[models.TenantRow] | None = None


@dataclass(frozen=True)
class Own:
    """The row is the viewer's own: ``column`` holds the viewer's id."""

    column: str


_SIGNED = (
    models.ContractStatus.ACTIVE,
    models.ContractStatus.EXPIRING,
    models.ContractStatus.TERMINATED,
)
LINKS: Mapping[type[models.TenantRow], str] = MappingProxyType(
    {models.JobParty: "job_id", models.ServiceSubscription: "service_id"}
)
"""By linking table: the column that refers to the row that is seen through it."""

VISIBILITY: Mapping[type[models.TenantRow], tuple[Clause | Own, ...]] = MappingProxyType(
    {
        models.Organization: (Clause(P.VIEW_CLIENTS, Reach.TOUCHES),),
        models.Site: (Clause(P.VIEW_CLIENTS),),
        models.Contact: (Clause(P.VIEW_CONTACTS),),
        models.Contract: (Clause(P.VIEW_CONTRACTS, when={"status": _SIGNED}), Clause(P.EDIT_CONTRACTS)),
        models.Job: (Clause(P.VIEW_JOBS), Clause(P.VIEW_JOBS, through=models.JobParty)),
        models.JobParty: (Clause(P.VIEW_JOBS),),
        models.Report: (
            *(
                Clause(permission, when={"kind": (kind,), "status": (models.ReportStatus.PUBLISHED,)})
                for kind, permission in REPORT_PERMISSIONS.items()
            ),
            Clause(P.EDIT_REPORTS),
        ),
        models.User: (Clause(P.VIEW_ACCESS), Own("id")),
        models.Membership: (Clause(P.VIEW_ACCESS), Own("user_id")),
        models.PortalUser: (Clause(P.VIEW_ACCESS), Own("user_id")),
        models.Grant: (Clause(P.VIEW_ACCESS), Own("user_id")),
        models.Invitation: (Clause(P.VIEW_ACCESS), Own("user_id")),
        models.PartnerApplication: (Clause(P.MANAGE_PARTNERS), Own("id")),
        models.PartnerSecret: (Clause(P.MANAGE_PARTNERS), Own("application_id")),
        models.Service: (
            Clause(P.VIEW_CLIENTS),
            Clause(P.VIEW_CLIENTS, Reach.TOUCHES, through=models.ServiceSubscription),
        ),
        models.ServiceSubscription: (Clause(P.VIEW_CLIENTS, Reach.TOUCHES),),
        models.AccountManager: (Clause(P.VIEW_CLIENTS, Reach.TOUCHES),),
        models.ChangeRequest: (Clause(P.EDIT_CONTACTS), Clause(P.PROPOSE_CONTACT_CHANGES)),
        models.Notification: (Own("user_id"),),
    }
)

AUDIT_VISIBILITY = Clause(P.VIEW_ACCESS)
"""Who sees an entry of the audit trail; its rows are no nodes."""


def viewing_permissions(model: type[models.TenantRow]) -> frozenset[Permission]:
    """The permissions any of which may show rows of ``model``."""
    return frozenset(one.permission for one in VISIBILITY[model] if isinstance(one, Clause))


def strays(model: type[models.TenantRow]) -> bool:
    """Whether rows of ``model`` are seen beyond the places the viewer's rights hold at: linked, or the viewer's own."""
    return any(isinstance(one, Own) or one.through is not None for one in VISIBILITY[model])


def may_compare(actor: Actor, model: type[models.TenantRow], permission: Permission) -> bool:
    """Whether sorting and filtering rows of ``model`` by what takes ``permission`` tells nothing that is not shown.

    A job that is seen because of a party may lie in any organization, and the right to read its cost is judged there.
    """
    viewing = viewing_permissions(model)
    if strays(model) and not actor.places.keys().isdisjoint(viewing):
        return actor.holds(permission, models.Place(actor.tenant_id))
    return actor.holds_wherever(viewing, permission)


@dataclass(frozen=True)
class Viewpoint:
    """Whose eyes a statement reads with: the tenant and the viewer, each a bound value or a column.

    ``scopes`` are the only names of grants that count, for a token that was asked for less than its application has.
    ``grants`` are rows like those of the table of grants that count instead of them, to see what somebody would see.
    """

    tenant: ColumnElement[Any]
    viewer: ColumnElement[Any]
    scopes: frozenset[str] | None = None
    grants: FromClause | None = None

    def names(self, permission: Permission) -> list[str]:
        """The names of the grants that confer ``permission`` here."""
        return [one for one in names_conferring(permission) if self.scopes is None or one in self.scopes]


def visible(model: type[models.TenantRow], table: FromClause, eyes: Viewpoint) -> ColumnElement[bool]:
    """The predicate "this row of ``table`` may be seen", where ``table`` is ``model``'s or an alias of it."""
    return or_(*(_clause(one, model, table, eyes) for one in VISIBILITY[model]))


def _clause(
    clause: Clause | Own, model: type[models.TenantRow], table: FromClause, eyes: Viewpoint
) -> ColumnElement[bool]:
    if isinstance(clause, Own):
        return table.c[clause.column] == eyes.viewer
    if clause.through is not None:
        return _through(clause, clause.through, table, eyes)
    states = [table.c[column].in_([str(one) for one in values]) for column, values in clause.when.items()]
    return and_(*states, covered(clause, model, table, eyes))


def covered(clause: Clause, model: type[models.TenantRow], table: FromClause, eyes: Viewpoint) -> ColumnElement[bool]:
    """Whether a grant that confers the clause's permission reaches the row's place.

    Three tests of equality instead of one with wild cards: each is answered by a hash of the viewer's few grants.
    """
    organization, site = place_columns(model, table)
    tests: list[ColumnElement[bool]] = [exists(_granted(clause, eyes, Width.TENANT))]
    if organization is not None:
        width = Width.ANYWHERE if clause.reach is Reach.TOUCHES else Width.ORGANIZATION
        tests.append(organization.in_(_granted(clause, eyes, width)))
    if site is not None:
        tests.append(site.in_(_granted(clause, eyes, Width.SITE)))
    return or_(*tests)


def place_columns(
    model: type[models.TenantRow], table: FromClause
) -> tuple[ColumnElement[Any] | None, ColumnElement[Any] | None]:
    """The columns that hold a row's organization and site, as far as it has them."""
    if model is models.Organization:
        return table.c.id, None
    if model is models.Site:
        return table.c.organization_id, table.c.id
    return table.c.get("organization_id"), table.c.get("site_id")


@cache
def _aliased(model: type[models.TenantRow]) -> FromClause:
    """An alias of the model's table, always the same one: to make its columns costs more than to run the statement."""
    return model.__table__.alias(f"{model.__tablename__}_held")


class Width(enum.Enum):
    """Which of a viewer's grants a test asks for, by the place they hold at."""

    TENANT = "tenant"
    ORGANIZATION = "organization"
    ANYWHERE = "anywhere"
    SITE = "site"


def _granted(clause: Clause, eyes: Viewpoint, width: Width) -> Select[Any]:
    grant = _aliased(models.Grant) if eyes.grants is None else eyes.grants
    column, at = {
        Width.TENANT: (literal(1), grant.c.organization_id.is_(None)),
        Width.ORGANIZATION: (
            grant.c.organization_id,
            and_(grant.c.organization_id.is_not(None), grant.c.site_id.is_(None)),
        ),
        Width.ANYWHERE: (grant.c.organization_id, grant.c.organization_id.is_not(None)),
        Width.SITE: (grant.c.site_id, grant.c.site_id.is_not(None)),
    }[width]
    query = select(column).where(
        grant.c.tenant_id == eyes.tenant,
        grant.c.user_id == eyes.viewer,
        grant.c.archived_at.is_(None),
        grant.c.name.in_(eyes.names(clause.permission)),
        at,
    )
    return query.correlate_except(grant)


def _through(clause: Clause, link: type[models.TenantRow], table: FromClause, eyes: Viewpoint) -> ColumnElement[bool]:
    linked = _aliased(link)
    query = select(literal(1)).where(
        linked.c.tenant_id == table.c.tenant_id,
        linked.c[LINKS[link]] == table.c.id,
        linked.c.archived_at.is_(None),
        covered(Clause(clause.permission, clause.reach), link, linked, eyes),
    )
    return exists(query.correlate_except(linked))
