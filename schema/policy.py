"""The policy as it is reviewed: every field with its rule, every command with what it takes, every role's rights."""

# pyright: reportUnusedImport=false

from __future__ import annotations

from collections.abc import Iterator, Mapping

from auth.permissions import CONFERS, FEATURES, LEGACY_CODES, LEGACY_SLUGS, PARTNER_SCOPES, ROLES, Permission, closure
from auth.scope import AUDIT_VISIBILITY, VISIBILITY, Clause, Own
from domain.editing import camel
from domain.states import STEPS
from resolvers.actions import ACTIONS
from schema import root  # noqa: F401  (declares everything)
from schema.declaration import PAGING, TYPES


def policy_text() -> str:
    """The whole policy, one line a rule, in an order that makes every change a short difference."""
    return "\n".join([*_rows(), "", *_fields(), "", *_arguments(), "", *_steps(), "", *_commands()]) + "\n"


def _rows() -> Iterator[str]:
    yield "# Who sees a row: any one of these, at the row's place"
    for model, clauses in VISIBILITY.items():
        for one in clauses:
            yield f"row {model.__name__}: {_clause(one)}"
    yield f"row AuditEntry: {_clause(AUDIT_VISIBILITY)}"


def _clause(one: Clause | Own) -> str:
    if isinstance(one, Own):
        return f"the viewer's own ({one.column})"
    states = " and ".join(f"{name} in {', '.join(values)}" for name, values in one.when.items())
    linked = f" through {one.through.__name__}" if one.through else ""
    return f"{one.permission} {one.reach.value} it{linked}" + (f", if {states}" if states else "")


def _fields() -> Iterator[str]:
    yield "# What it takes to see a field of a visible row"
    for name, declared in sorted(TYPES.items()):
        for field, one in declared.fields.items():
            yield f"field {name}.{camel(field)}: {one.requires or 'whoever sees the row'}"


def _arguments() -> Iterator[str]:
    yield "# What it takes to sort or filter by a field, wherever rows are visible"
    for name, spec in sorted(PAGING.items()):
        for kind, members in (("order", spec.orders), ("filter", spec.filters)):
            for key, one in members.items():
                yield f"{kind} {name}.{key}: {one.requires or 'whoever sees the rows'}"


def _steps() -> Iterator[str]:
    yield "# The steps between states"
    for model, steps in STEPS.items():
        for action, step in steps.items():
            sources = ", ".join(sorted(step.sources))
            yield f"step {model.__name__}.{action}: {sources} -> {step.target}, by {step.permission}"


def _commands() -> Iterator[str]:
    yield "# The commands, and the columns that take a right of their own"
    for action in ACTIONS:
        yield f"command {action.name}"
        for name, one in action.fields.items():
            if one.needs:
                yield f"command {action.name}.{camel(name)}: {one.needs}"


def matrix_page() -> str:
    """The permission matrix as a page: what every role and feature gives."""
    return "\n".join([_HEAD, *_table("Roles", ROLES), *_table("Features of portal users", FEATURES),
                      *_table("Scopes of partner applications", PARTNER_SCOPES), *_legacy()]) + "\n"  # fmt: skip


_HEAD = """# Permission matrix

Made from `auth/permissions.py` by `portico policy --write`; `make check` fails if it is out of date.
A permission is judged at a place: granted at the tenant it holds everywhere, at an organization for it and all its
sites, at a site for that site alone. ● is given, ○ is implied by something given.
"""


def _table(title: str, columns: Mapping[str, frozenset[Permission]]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| permission | " + " | ".join(name.replace("_", " ") for name in columns) + " |"
    yield "|---|" + ":-:|" * len(columns)
    for permission in Permission:
        marks = [_mark(permission, given) for given in columns.values()]
        if any(marks):
            yield f"| `{permission}` | " + " | ".join(marks) + " |"
    yield ""


def _mark(permission: Permission, given: frozenset[Permission]) -> str:
    if permission in given:
        return "●"
    return "○" if permission in closure(given) else ""


def _legacy() -> Iterator[str]:
    yield "## Names of older systems\n"
    yield "| older name | permission |"
    yield "|---|---|"
    for name, permission in (*LEGACY_CODES.items(), *LEGACY_SLUGS.items()):
        yield f"| `{name}` | `{permission}` |"
    yield f"\n{len(CONFERS)} names can be granted in all: the roles, the features, and every single permission."
