"""What the rooms of those who manage access ask: the trail, drafts of somebody's access, rights, and why not."""

from __future__ import annotations

from typing import Any, Protocol

import models
from auth.permissions import LEGACY_CODES, LEGACY_SLUGS, Permission
from resolvers.audit import TrailCursors
from resolvers.ids import encode
from schema.declaration import TYPES
from schema.scalars import format_instant
from tests.compiler.arena import SECRET
from tests.compiler.company import INSTANTS
from tests.compiler.doors import ACTIONS, ENTRIES
from tests.compiler.drafts import draft
from tests.compiler.literals import Raw, camel, literal


class Asking(Protocol):
    """A document that is being made."""

    random: Any
    viewer: Any
    company: Any
    made_by: Any
    expected: list[str]
    """The types of the rows a field of nodes may show."""

    def chance(self, share: float) -> bool: ...
    def id(self) -> tuple[str | None, str]: ...
    def maybe_variable(self, kind: str, value: Any) -> Any: ...
    def variable(self, kind: str, value: Any) -> Raw: ...


def arguments(asking: Asking, name: str) -> tuple[str, int]:
    """The arguments of a room's field as text, and how many rows it may give."""
    given, size = _ROOMS[name](asking)
    return f"({', '.join(f'{key}: {literal(value)}' for key, value in given.items())})", size


def _trail(a: Asking) -> tuple[dict[str, Any], int]:
    size = a.random.choice((1, 2, 3, 5, 20)) if a.chance(0.98) else a.random.choice((0, -1, 101))
    given: dict[str, Any] = {"first": a.maybe_variable("Int!", size)}
    if a.chance(0.3):
        given["after"] = a.maybe_variable("String", _position(a))
    if a.chance(0.4):
        chosen = {name: make(a) for name, make in _MEMBERS.items() if a.chance(0.2)}
        whole = a.chance(0.3)
        kinds = {"actions": "[String!]", "since": "DateTime", "before": "DateTime"}
        parts = {name: one if whole else a.maybe_variable(kinds.get(name, "ID"), one) for name, one in chosen.items()}
        given["filter"] = a.variable("AuditFilter", chosen) if whole else parts
    return given, max(1, size)


def _position(a: Asking) -> str | None:
    if a.chance(0.1):
        return a.random.choice((None, "", "x", "00" * 24))
    reader = a.viewer if a.chance(0.95) else a.random.choice(a.made_by.viewers)
    return TrailCursors(SECRET, reader.user_id).write(a.random.randrange(ENTRIES + 2))


def _user(a: Asking) -> str | None:
    rows = a.company.rows[models.User]
    return a.random.choice((encode(models.User, a.random.choice(rows)["id"]), *_odd(a)))


def _place(a: Asking) -> str | None:
    model = a.random.choice((models.Organization, models.Site))
    return a.random.choice((encode(model, a.random.choice(a.company.rows[model])["id"]),) * 3 + _odd(a))


def _odd(a: Asking) -> tuple[str | None, ...]:
    return None, a.id()[1]


def _moment(a: Asking) -> str | None:
    return a.random.choice((None, format_instant(a.random.choice(INSTANTS))))


_MEMBERS = {
    "user": _user,
    "actor": _user,
    "at": _place,
    "actions": lambda a: a.random.choice((None, [], a.random.sample((*ACTIONS, "x"), 2))),
    "since": _moment,
    "before": _moment,
}


def _draft(a: Asking) -> tuple[dict[str, Any], int]:
    seen = a.made_by.seen(a.viewer, models.User)
    user = a.random.choice(seen if seen and a.chance(0.9) else a.company.rows[models.User])
    id = encode(models.User, user["id"]) if a.chance(0.95) else a.id()[1]
    grants = draft(a.random, a.company, user)
    a.expected = a.random.sample(("Organization", "Site", "Contact", "Contract", "Job", "Report"), 2)
    return {"userId": a.maybe_variable("ID!", id), "grants": a.maybe_variable("[GrantInput!]!", grants)}, 40


def _check(a: Asking) -> tuple[dict[str, Any], int]:
    slugs = (*(one.value for one in Permission), *LEGACY_SLUGS)
    given: dict[str, Any] = {}
    if a.chance(0.25):
        given["legacyCode"] = a.maybe_variable("Int", a.random.choice((*LEGACY_CODES, 0)))
    elif a.chance(0.95):
        given["slug"] = a.maybe_variable("String", a.random.choice(slugs))
    at = a.random.choice((_place(a), _place(a), None, encode(models.Tenant, a.company.tenant_id), a.id()[1]))
    return {**given, **({"at": a.maybe_variable("ID", at)} if a.chance(0.6) else {})}, 1


def _why(a: Asking) -> tuple[dict[str, Any], int]:
    kind, id = a.id()
    given: dict[str, Any] = {"id": a.maybe_variable("ID!", id)}
    if a.chance(0.6):
        names = [camel(name) for name in TYPES[kind or "Job"].fields]
        chosen = a.random.choice(names) if a.chance(0.9) else a.random.choice((None, "", "nothing"))
        given["field"] = a.maybe_variable("String", chosen)
    return given, 1


_ROOMS = {"auditTrail": _trail, "accessPreview": _draft, "checkPermission": _check, "whyNot": _why}
ROOMS = tuple(_ROOMS)
"""Their fields of Query."""
