"""Who sees which row, in SQL: as narrow as it can be said, and not said again where it follows.

A child's composite foreign key carries its parent's organization (and site) along. So what is known of the parent's
place is known of the child's, and a predicate that would only repeat it is left out: repeated, it misleads the planner.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table

import models
from auth.permissions import Permission
from auth.scope import LINKS, VISIBILITY, Clause, Own, Reach
from compiler.parameters import Parameters
from compiler.shape import Shape

Model = type[models.TenantRow]


class Fact(enum.Enum):
    """What is known of a row's place: its organization, or its site, is among those of a class."""

    ORGANIZATION = "organization"
    SITE = "site"
    BOTH = "covered either way"


Facts = frozenset[tuple[Fact, int]]
NOTHING: Facts = frozenset()


@dataclass(frozen=True)
class Row:
    """A table of the statement: its model, its alias, and what is known of the places of its rows."""

    model: Model
    alias: str
    facts: Facts = NOTHING

    @property
    def organization(self) -> str | None:
        """The SQL of the row's organization, if it has one."""
        if self.model is models.Organization:
            return f"{self.alias}.id"
        return self._column("organization_id")

    @property
    def site(self) -> str | None:
        """The SQL of the row's site, if it has one."""
        return f"{self.alias}.id" if self.model is models.Site else self._column("site_id")

    def _column(self, name: str) -> str | None:
        return f"{self.alias}.{name}" if name in self.model.__table__.c else None


TRUE, FALSE = "true", "false"


@dataclass(frozen=True)
class Rules:
    """How it is said which rows are seen, and at which of them a permission is held."""

    visible: Callable[[Row, Shape, Parameters], tuple[str, Facts]]
    covers: Callable[[Row, Permission, Shape, Parameters], str]


def narrowed(row: Row, shape: Shape, parameters: Parameters) -> tuple[str, Facts]:
    """The predicate "the viewer sees this row", and what is known of the rows that pass it."""
    tests = [(_clause(one, row, shape, parameters), one) for one in VISIBILITY[row.model]]
    if any(test == TRUE for test, _ in tests):
        return TRUE, row.facts
    said = [(test, one) for test, one in tests if test != FALSE]
    if not said:
        return FALSE, row.facts
    predicate = " or ".join(dict.fromkeys(test for test, _ in said))
    learnt = _learnt(said[0][1], shape) if len(said) == 1 else NOTHING
    return f"({predicate})", row.facts | learnt


def covers(row: Row, permission: Permission, shape: Shape, parameters: Parameters) -> str:
    """The predicate "the viewer holds ``permission`` at the place of this row"."""
    index = shape.class_of(permission)
    if index is None:
        return FALSE
    return _covered(row, index, Reach.COVERS, shape, parameters)


def _clause(one: Clause | Own, row: Row, shape: Shape, parameters: Parameters) -> str:
    if isinstance(one, Own):
        return f"{row.alias}.{one.column} = me.id"
    index = shape.class_of(one.permission)
    if index is None:
        return FALSE
    if one.through is not None:
        return _through(row, one.through, index, one.reach, shape, parameters)
    covered = _covered(row, index, one.reach, shape, parameters)
    states = [f"{row.alias}.{name} in ({_quoted(values)})" for name, values in one.when.items()]
    if covered == FALSE or not states:
        return covered
    said = states if covered == TRUE else [*states, covered]
    return f"({' and '.join(said)})"


def _covered(row: Row, index: int, reach: Reach, shape: Shape, parameters: Parameters) -> str:
    width = shape.reaches[index]
    if width.tenant or _known(row, index):
        return TRUE
    tests: list[str] = []
    if row.organization and reach is Reach.TOUCHES:
        tests.append(f"{row.organization} = any({parameters.touched(index)})")
    elif row.organization and width.organizations:
        tests.append(f"{row.organization} = any({parameters.organizations(index)})")
    if row.site and width.sites:
        tests.append(f"{row.site} = any({parameters.sites(index)})")
    if not tests:
        return FALSE
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


def is_covered(row: Row, index: int) -> bool:
    """Whether the row is known to lie at a place of the class."""
    return _known(row, index)


def _known(row: Row, index: int) -> bool:
    has_site = row.model is not models.Organization
    if (Fact.ORGANIZATION, index) in row.facts:
        return True
    return has_site and bool({(Fact.SITE, index), (Fact.BOTH, index)} & row.facts)


def _learnt(one: Clause | Own, shape: Shape) -> Facts:
    """What a row that passed this clause alone is known to be."""
    if isinstance(one, Own) or one.through is not None:
        return NOTHING
    index = shape.class_of(one.permission)
    assert index is not None
    width = shape.reaches[index]
    if width.sites and (width.organizations or one.reach is Reach.TOUCHES):
        return NOTHING if one.reach is Reach.TOUCHES else frozenset({(Fact.BOTH, index)})
    return frozenset({(Fact.SITE if width.sites else Fact.ORGANIZATION, index)})


def _through(row: Row, model: Model, index: int, reach: Reach, shape: Shape, parameters: Parameters) -> str:
    link = Row(model, f"{row.alias}_link")
    covered = _covered(link, index, reach, shape, parameters)
    if covered == FALSE:
        return FALSE
    return (
        f"exists (select from {model.__tablename__} {link.alias} where {link.alias}.tenant_id = {parameters.tenant}"
        f" and {link.alias}.{LINKS[model]} = {row.alias}.id and {link.alias}.archived_at is null and {covered})"
    )


def of_child(parent: Row, child: Model, key: str) -> Facts:
    """What is known of rows of ``child`` whose foreign key ``key`` refers to ``parent``."""
    return _carried(parent.facts, _shared(child, key))


def of_target(row: Row, key: str, target: Model) -> Facts:
    """What is known of the row of ``target`` that ``key`` of ``row`` refers to."""
    facts = _carried(row.facts, _shared(row.model, key))
    return frozenset(one for one in facts if target is not models.Organization or one[0] is Fact.ORGANIZATION)


def _carried(facts: Facts, shared: frozenset[str]) -> Facts:
    """The facts that hold for another row too because the two have these columns in common."""
    needed = {
        Fact.ORGANIZATION: {"organization_id"},
        Fact.SITE: {"site_id"},
        Fact.BOTH: {"organization_id", "site_id"},
    }
    return frozenset(one for one in facts if needed[one[0]] <= shared)


def _shared(model: Model, key: str) -> frozenset[str]:
    """The columns in which a row and the one its ``key`` refers to are the same: by the database's word, or by name.

    A composite foreign key carries its columns along; and ``organization_id`` is the organization's own id.
    """
    table = cast("Table", model.__table__)
    keys = [set(one.column_keys) for one in table.foreign_key_constraints if one.column_keys[-1] == key]
    return frozenset({key}.union(*keys) - {"tenant_id"})


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f"'{one}'" for one in values)


NARROWED = Rules(narrowed, covers)
"""As narrow as the shape allows, and not said again where it follows."""
