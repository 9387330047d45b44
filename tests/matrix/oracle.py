"""What each viewer may read, worked out anew: the written policy over plain rows, with no line of the service's own.

It answers whole documents: graphql-core executes them over the committed SDL, and every field is looked up in the
tables of policy.py and below. A field, argument, filter or order that is not in them raises ``Unknown``, so whatever is
added to the schema has to be thought about here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLResolveInfo, build_schema, execute, parse

from tests.matrix.policy import (
    CONFERS,
    FILTERS,
    GUARDS,
    KINDS_OF_REPORT,
    LISTS,
    ORDERS,
    PERMISSIONS,
    PLAIN,
    REFERENCES,
    SIGNED,
    VIEWER_LISTS,
    guards_of_arguments,
)
from tests.world.mirror import Mirror, Row

SCHEMA = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())
PAGE = ("first", "after", "last", "before", "order", "filter", "archived")
TENANT: tuple[str | None, str | None] = (None, None)
Place = tuple[str | None, str | None]
"""An organization and a site: (None, None) is the tenant."""


class Unknown(Exception):
    """The policy says nothing about this: write it down before it ships."""


class Cursor(str):
    """Stands for the cursor of a row: which list, which order, which row, at which sort value."""

    viewer: str
    relation: tuple[str, str]
    order: str
    row: str
    value: Any

    @classmethod
    def of(cls, viewer: str, relation: tuple[str, str], order: str, row: str, value: Any) -> Cursor:
        made = cls(f"the cursor of {row} in {relation} by {order}")
        made.viewer, made.relation, made.order, made.row, made.value = viewer, relation, order, row, value
        return made


@dataclass
class Eyes:
    """One viewer over one state of the rows."""

    mirror: Mirror
    user: Row
    cursors: Mapping[str, Cursor] = field(default_factory=dict)
    denials: dict[tuple[str, str, str], list[tuple[Any, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        grants = [one for one in self.mirror.rows["Grant"].values() if one["user"] == self.user["id"]]
        self.grants = [one for one in grants if one["archivedAt"] is None]
        self.held: dict[str, list[Place]] = {}
        for grant in self.grants:
            for permission in CONFERS[grant["name"]]:
                self.held.setdefault(permission, []).append((grant["organization"], grant["site"]))

    def holds(self, permission: str, place: Place) -> bool:
        return any(covers(one, place) for one in self.held.get(permission, ()))

    def permissions_at(self, place: Place) -> list[str]:
        return [one for one in sorted(self.held) if self.holds(one, place)]

    def sees(self, row: Row) -> bool:
        """Whether the row exists for this viewer."""
        return row["tenant"] == self.user["tenant"] and SEES[row["__typename"]](self, row)

    def visible(self, id: str | None) -> Row | None:
        row = self.mirror.find(id) if id else None
        return row if row is not None and self.sees(row) else None

    def rows(self, kind: str) -> list[Row]:
        return [row for row in self.mirror.rows[kind].values() if self.sees(row)]

    def may_tell_apart(self, kind: str, permission: str) -> bool:
        """Whether sorting or filtering by what takes ``permission`` tells nothing that is not shown anyway.

        The right must hold wherever the viewer may meet a row of this kind. Jobs are met through their parties too, and
        those jobs may lie anywhere.
        """
        places = [place for viewing in VIEWING[kind] for place in self.held.get(viewing, ())]
        if kind == "Job" and places:
            return self.holds(permission, TENANT)
        return all(self.holds(permission, place) for place in places)


def covers(one: Place, other: Place) -> bool:
    return one[0] in (None, other[0]) and one[1] in (None, other[1])


def place_of(row: Row) -> Place:
    """Where rights to a row are judged."""
    kind = row["__typename"]
    if kind == "Organization":
        return row["id"], None
    if kind == "Site":
        return row["organization"], row["id"]
    return row.get("organization"), row.get("site")


def _organization(eyes: Eyes, row: Row) -> bool:
    """Whoever has a right to see something in the organization sees that it is there."""
    return any(place[0] in (None, row["id"]) for place in eyes.held.get("clients.view", ()))


def _contract(eyes: Eyes, row: Row) -> bool:
    shown = row["status"] in SIGNED and eyes.holds("contracts.view", place_of(row))
    return shown or eyes.holds("contracts.edit", place_of(row))


def _job(eyes: Eyes, row: Row) -> bool:
    parties = [
        one for one in eyes.mirror.rows["JobParty"].values() if one["job"] == row["id"] and not one["archivedAt"]
    ]
    return any(eyes.holds("jobs.view", place_of(one)) for one in (row, *parties))


def _report(eyes: Eyes, row: Row) -> bool:
    shown = row["status"] == "PUBLISHED" and eyes.holds(KINDS_OF_REPORT[row["kind"]], place_of(row))
    return shown or eyes.holds("reports.edit", place_of(row))


def _mine(column: str) -> Callable[[Eyes, Row], bool]:
    return lambda eyes, row: row[column] == eyes.user["id"] or eyes.holds("access.view", place_of(row))


def _with(permission: str) -> Callable[[Eyes, Row], bool]:
    return lambda eyes, row: eyes.holds(permission, place_of(row))


def _touching(eyes: Eyes, row: Row) -> bool:
    """What belongs to an organization as a whole is seen by whoever sees that it is there."""
    return any(place[0] in (None, row["organization"]) for place in eyes.held.get("clients.view", ()))


def _service(eyes: Eyes, row: Row) -> bool:
    assigned = [one for one in eyes.mirror.rows["ServiceSubscription"].values() if one["service"] == row["id"]]
    living = [one for one in assigned if one["archivedAt"] is None]
    return eyes.holds("clients.view", TENANT) or any(_touching(eyes, one) for one in living)


def _proposal(eyes: Eyes, row: Row) -> bool:
    return any(eyes.holds(one, place_of(row)) for one in ("contacts.edit", "contacts.propose"))


SEES: Mapping[str, Callable[[Eyes, Row], bool]] = {
    "Tenant": lambda eyes, row: row["id"] == eyes.user["tenant"],
    "Organization": _organization,
    "Site": _with("clients.view"),
    "Contact": _with("contacts.view"),
    "Contract": _contract,
    "Job": _job,
    "JobParty": _with("jobs.view"),
    "Report": _report,
    "User": _mine("id"),
    "Membership": _mine("user"),
    "PortalUser": _mine("user"),
    "Invitation": _mine("user"),
    "Grant": _mine("user"),
    "PartnerApplication": lambda eyes, row: row["user"] == eyes.user["id"] or eyes.holds("partners.manage", TENANT),
    "PartnerSecret": lambda eyes, row: (
        row["application"][4:] == eyes.user["id"][4:] or eyes.holds("partners.manage", TENANT)
    ),
    "Service": _service,
    "ServiceSubscription": _touching,
    "AccountManager": _touching,
    "ChangeRequest": _proposal,
    "Notification": lambda eyes, row: row["user"] == eyes.user["id"],
}
VIEWING: Mapping[str, tuple[str, ...]] = {
    "Contract": ("contracts.view", "contracts.edit"),
    "Job": ("jobs.view",),
}


def answer(eyes: Eyes, document: str, variables: Mapping[str, Any] | None = None, root: Any = None) -> dict[str, Any]:
    """The answer to a document: ``data``, and ``errors`` without words."""
    result = execute(
        SCHEMA,
        _parsed(document),
        root_value=root,
        context_value=eyes,
        variable_values=dict(variables or {}),
        field_resolver=_resolve,
        type_resolver=lambda value, _info, _kind: value["__typename"],
    )
    for error in result.errors or ():  # type: ignore[union-attr]
        if not isinstance(error.original_error, (GraphQLError, type(None))):
            raise error.original_error
    errors = [(error.extensions["code"], tuple(error.path or ()), None, None) for error in result.errors or ()]  # type: ignore[union-attr,index]
    errors += [
        ("FIELD_FORBIDDEN", paths[0], f"{kind}.{name}", len(paths)) for (kind, name, _), paths in eyes.denials.items()
    ]
    return {"data": result.data, "errors": sorted(errors, key=repr)}  # type: ignore[union-attr]


@lru_cache(2048)
def _parsed(document: str) -> DocumentNode:
    return parse(document, no_location=True)


def _resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    kind, name = info.parent_type.name, info.field_name
    eyes: Eyes = info.context
    if kind in ROOTS:
        if name in ROOTS[kind]:
            return ROOTS[kind][name](eyes, **arguments)
        if name in LISTS:
            return _page(eyes, info, LISTS[name], None, arguments)
        if kind == "Viewer" and name in VIEWER_LISTS:
            return _page(eyes, info, VIEWER_LISTS[name], None, arguments)
    if source is None:
        raise Unknown(f"{kind}.{name}")
    if name in PLAIN.get(kind, ()):
        return source[name]
    if kind.endswith(("Connection", "Edge")) and name in CONNECTION:
        return source[name]
    return _of_node(eyes, info, source, arguments)


CONNECTION = ("edges", "nodes", "pageInfo", "totalCount", "totalCountCapped", "cursor", "node")


def _of_node(eyes: Eyes, info: GraphQLResolveInfo, row: Row, arguments: Mapping[str, Any]) -> Any:
    kind, name = info.parent_type.name, info.field_name
    if name == "viewerPermissions":
        return [PERMISSIONS[one] for one in eyes.permissions_at(place_of(row))]
    if name in GUARDS.get(kind, ()):
        permission = GUARDS[kind][name]
        if eyes.holds(permission, place_of(row)):
            return row[name]
        eyes.denials.setdefault((kind, name, permission), []).append(tuple(info.path.as_list()))
        return None
    if name in REFERENCES.get(kind, ()):
        return eyes.visible(row[name])
    if (kind, name) in CHILDREN:
        target, column = CHILDREN[kind, name]
        return _page(eyes, info, target, (column, row["id"]), arguments)
    if (kind, name) in COMPUTED:
        return COMPUTED[kind, name](eyes, row)
    raise Unknown(f"{kind}.{name}")


def _theirs(kind: str) -> Callable[[Eyes, Row], Any]:
    """The membership or portal user of a user."""
    return lambda eyes, row: next(
        (one for one in eyes.rows(kind) if one["user"] == row["id"] and one["archivedAt"] is None), None
    )


def _why_not_invited(eyes: Eyes, contact: Row) -> str | None:
    """Why this contact cannot be invited; whoever may invite nobody there is told that alone."""
    rows = eyes.mirror.rows
    if not eyes.holds("portal.invite", (contact["organization"], None)):
        return "FORBIDDEN"
    users = [one for one in rows["PortalUser"].values() if one["contact"] == contact["id"] and not one["archivedAt"]]
    arrived = any(rows["User"][one["user"]]["passwordHash"] is not None for one in users)
    living = (one for one in rows["User"].values() if one["tenant"] == contact["tenant"] and not one["archivedAt"])
    reasons = {
        "CONTACT_ARCHIVED": contact["archivedAt"] is not None,
        "ORGANIZATION_NOT_ACTIVE": rows["Organization"][contact["organization"]]["status"] != "ACTIVE",
        "ALREADY_A_PORTAL_USER": arrived,
        "ALREADY_INVITED": bool(users),
        "PRIMARY_CONTACT_EMAIL_MISSING": contact["email"] is None,
        "EMAIL_IN_USE": contact["email"] in {one["email"] for one in living},
    }
    return next((code for code, applies in reasons.items() if applies), None)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _open_sessions(eyes: Eyes, user: Row) -> int:
    theirs = [one for one in eyes.mirror.sessions if one["user"] == user["id"] and one["ended_at"] is None]
    return sum(one["until"] > _now() for one in theirs)


def _unused(eyes: Eyes, grant: Row) -> bool:
    """Nobody can have used what was given after they were here last."""
    here = [one["until"] for one in eyes.mirror.sessions if one["user"] == grant["user"]]
    signed_in = eyes.mirror.rows["User"][grant["user"]]["lastSignInAt"]
    came = signed_in is not None and signed_in >= grant["createdAt"]
    return not came and not any(until > grant["createdAt"] for until in here)


COMPUTED: Mapping[tuple[str, str], Callable[[Eyes, Row], Any]] = {
    ("User", "openSessions"): _open_sessions,
    ("Grant", "unused"): _unused,
    ("User", "membership"): _theirs("Membership"),
    ("User", "portalUser"): _theirs("PortalUser"),
    ("Contact", "canInvite"): lambda eyes, row: _why_not_invited(eyes, row) is None,
    ("Contact", "inviteRefusal"): _why_not_invited,
    ("Invitation", "expired"): lambda _, row: row["status"] == "PENDING" and row["expiresAt"] < _now(),
    ("Grant", "confers"): lambda _, row: [PERMISSIONS[one] for one in sorted(CONFERS[row["name"]])],
}
CHILDREN: Mapping[tuple[str, str], tuple[str, str]] = {
    **{("Organization", f"{kind.lower()}s"): (kind, "organization")
       for kind in ("Site", "Contact", "Contract", "Job", "Report", "User")},
    **{("Site", f"{kind.lower()}s"): (kind, "site") for kind in ("Contact", "Contract", "Job", "Report")},
    ("Contract", "jobs"): ("Job", "contract"),
    ("Job", "parties"): ("JobParty", "job"),
    ("Job", "reports"): ("Report", "job"),
    ("User", "grants"): ("Grant", "user"),
    ("PartnerApplication", "grants"): ("Grant", "principal"),
    ("PartnerApplication", "secrets"): ("PartnerSecret", "application"),
    ("Organization", "portalUsers"): ("PortalUser", "organization"),
    ("Organization", "invitations"): ("Invitation", "organization"),
    ("PortalUser", "invitations"): ("Invitation", "portalUser"),
    ("Organization", "services"): ("ServiceSubscription", "organization"),
    ("Organization", "accountManagers"): ("AccountManager", "organization"),
    ("Organization", "changeRequests"): ("ChangeRequest", "organization"),
    ("Contact", "changeRequests"): ("ChangeRequest", "contact"),
}  # fmt: skip


def _page(
    eyes: Eyes, info: GraphQLResolveInfo, kind: str, parent: tuple[str, str] | None, arguments: Mapping[str, Any]
) -> Row:
    for name in arguments:
        if name not in PAGE:
            raise Unknown(f"the argument {name} of {info.parent_type.name}.{info.field_name}")
    _may_ask(eyes, kind, arguments)
    size = _size(arguments)
    order = arguments["order"]
    rows = [row for row in eyes.rows(kind) if parent is None or row[parent[0]] == parent[1]]
    rows = [row for row in rows if _chosen(kind, row, arguments)]
    key = sort_key(kind, order)
    rows.sort(key=lambda row: (key(row), row["id"]), reverse=order.endswith("_DESC"))
    # A list of grants is one list, whether it hangs on the user or on the application that acts as the user.
    relation = (kind, parent[0].replace("principal", "user") if parent else "*")
    shown, more = _window(eyes, rows, relation, order, arguments, size)

    def cursor(row: Row) -> Cursor:
        return Cursor.of(eyes.user["id"], relation, order, row["id"], key(row))

    backward = arguments.get("last") is not None
    return {
        "nodes": shown,
        "edges": [{"cursor": cursor(row), "node": row} for row in shown],
        "totalCount": len(rows),
        "totalCountCapped": False,
        "pageInfo": {
            # Only the direction of reading is looked at; on the other side lies whatever the cursor came from.
            "hasNextPage": arguments.get("before") is not None if backward else more,
            "hasPreviousPage": more if backward else arguments.get("after") is not None,
            "startCursor": cursor(shown[0]) if shown else None,
            "endCursor": cursor(shown[-1]) if shown else None,
        },
    }


def _may_ask(eyes: Eyes, kind: str, arguments: Mapping[str, Any]) -> None:
    for permission in guards_of_arguments(kind, arguments["order"], arguments.get("filter") or {}):
        if not eyes.may_tell_apart(kind, permission):
            raise coded("FIELD_FORBIDDEN")


def _size(arguments: Mapping[str, Any]) -> int:
    first, last = arguments.get("first"), arguments.get("last")
    if first is None and last is None:
        raise coded("PAGE_SIZE_REQUIRED")
    if first is not None and last is not None:
        raise coded("PAGE_INVALID")
    size = first if last is None else last
    if not 1 <= size <= 100:
        raise coded("PAGE_SIZE_INVALID")
    return size


def _chosen(kind: str, row: Row, arguments: Mapping[str, Any]) -> bool:
    archived = arguments["archived"]
    if archived != "INCLUDE" and (row["archivedAt"] is None) != (archived == "EXCLUDE"):
        return False
    chosen = arguments.get("filter") or {}
    return all(FILTERS[kind][name].test(row, value) for name, value in chosen.items() if value is not None)


def sort_key(kind: str, order: str) -> Callable[[Row], Any]:
    """The value rows are sorted by."""
    column = ORDERS[kind][order.removesuffix("_DESC")].column
    if column == "baseRate":
        # A contract without a rate counts as dearer than any other.
        return lambda row: Decimal(row["baseRate"]["amount"]) if row["baseRate"] else Decimal("Infinity")
    return lambda row: row[column]


def _window(
    eyes: Eyes, rows: list[Row], relation: tuple[str, str], order: str, arguments: Mapping[str, Any], size: int
) -> tuple[list[Row], bool]:
    key, down = sort_key(relation[0], order), order.endswith("_DESC")
    for name in ("after", "before"):
        if arguments.get(name) is None:
            continue
        at = eyes.cursors.get(arguments[name])
        if at is None or (at.viewer, at.relation, at.order) != (eyes.user["id"], relation, order):
            raise coded("CURSOR_INVALID")
        edge = (at.value, at.row)
        later = (name == "after") != down
        rows = [row for row in rows if ((key(row), row["id"]) > edge if later else (key(row), row["id"]) < edge)]
    backward = arguments.get("last") is not None
    return (rows[-size:] if backward else rows[:size]), len(rows) > size


def coded(code: str) -> GraphQLError:
    return GraphQLError(code, extensions={"code": code})


def _viewer(eyes: Eyes) -> Row:
    user = eyes.user
    places = sorted({(one["organization"] or "", one["site"] or "") for one in eyes.grants})
    return {
        "id": user["id"].replace("usr_", "viewer_"),
        **{name: user[name] for name in ("name", "email", "kind")},
        "epoch": eyes.mirror.epochs[user["id"]],
        "user": eyes.visible(user["id"]),
        "tenant": eyes.visible(user["tenant"]),
        "viewedBy": None,
        "permissions": [PERMISSIONS[one] for one in sorted(eyes.held)],
        "places": [_access_place(eyes, (organization or None, site or None)) for organization, site in places],
    }


def _access_place(eyes: Eyes, place: Place) -> Row:
    return {
        "organization": eyes.visible(place[0]),
        "site": eyes.visible(place[1]),
        "permissions": [PERMISSIONS[one] for one in eyes.permissions_at(place)],
    }


def _nodes(eyes: Eyes, ids: list[str]) -> list[Row | None]:
    if len(ids) > 100:
        raise coded("TOO_MANY_NODES")
    return [eyes.visible(id) for id in ids]


def _why_not(eyes: Eyes, id: str, field: str | None = None) -> Row:
    row = eyes.visible(id)
    permission = None
    if row is not None and field is not None:
        if field not in SCHEMA.type_map[row["__typename"]].fields:  # type: ignore[attr-defined]
            raise coded("UNKNOWN_FIELD")
        permission = GUARDS.get(row["__typename"], {}).get(field)
    code = "NOT_FOUND" if row is None else "VISIBLE"
    if row is not None and permission is not None and not eyes.holds(permission, place_of(row)):
        code = "FIELD_FORBIDDEN"
    return {
        "visible": code == "VISIBLE",
        "code": code,
        "reason": REASONS[code],
        "permission": permission and PERMISSIONS[permission],
        "conferredBy": sorted(name for name, given in CONFERS.items() if permission in given),
    }


LEGACY = {34: "clients.view", 35: "clients.create", 36: "clients.edit", 140: "mail.cto", 208: "notices.view",
          209: "notices.manage"}  # fmt: skip
SLUGS = {"view_clients": "clients.view", "create_clients": "clients.create", "edit_clients": "clients.edit",
         "delete_clients": "clients.archive", "manage_client_organizations": "clients.manage"}  # fmt: skip


def _check_permission(eyes: Eyes, legacyCode: int | None = None, slug: str | None = None, at: str | None = None) -> Row:  # noqa: N803
    known = {**SLUGS, **{one: one for one in PERMISSIONS}}
    permission = LEGACY.get(legacyCode) if legacyCode is not None else known.get(slug or "")  # type: ignore[arg-type]
    if permission is None or (legacyCode is None) == (slug is None):
        raise coded("UNKNOWN_PERMISSION")
    row = eyes.visible(at)
    if at is not None and (row is None or row["__typename"] not in ("Tenant", "Organization", "Site")):
        raise coded("NOT_FOUND")
    place = TENANT if row is None or row["__typename"] == "Tenant" else place_of(row)
    allowed = permission in eyes.held if at is None else eyes.holds(permission, place)
    code = next((code for code, one in LEGACY.items() if one == permission), None)
    needed = f"the permission {permission}" + (f" ({code})" if code is not None else "")
    return {
        "allowed": allowed,
        "code": "ALLOWED" if allowed else "FORBIDDEN",
        "reason": "You may." if allowed else f"Access not allowed: this needs {needed}.",
        "permission": PERMISSIONS[permission],
        "legacyCode": code,
        "conferredBy": sorted(name for name, given in CONFERS.items() if permission in given),
    }


def _told_elsewhere(*_: Any, **__: Any) -> Any:
    """What is no view of the rows: tests/domain/test_audit.py and test_access_editor.py are about these."""
    raise Unknown


REASONS = {
    "VISIBLE": "You can see this.",
    "NOT_FOUND": "There is no such record, or you hold no right at its place that shows it.",
    "FIELD_FORBIDDEN": "You can see the record; this field of it takes a right you do not hold at its place.",
}
ROOTS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "Query": {
        "viewer": _viewer,
        "node": lambda eyes, id: eyes.visible(id),
        "nodes": _nodes,
        "whyNot": _why_not,
        "checkPermission": _check_permission,
        "auditTrail": _told_elsewhere,
        "accessPreview": _told_elsewhere,
    },
    "Viewer": {},
}


def known_fields() -> Iterator[tuple[str, str]]:
    """Every field there is a rule for."""
    for tables in (PLAIN, GUARDS, REFERENCES, ROOTS):
        for kind, names in tables.items():
            yield from ((kind, name) for name in names)
    yield from CHILDREN
    yield from COMPUTED
    yield from (("Query", name) for name in LISTS)
    # Who can sign in, and what programs there are, is for the staff to list and no part of anybody's own view.
    yield from (("Viewer", name) for name in LISTS if name not in ("users", "partnerApplications"))
    yield from (("Viewer", name) for name in VIEWER_LISTS)
    for kind in SEES:
        yield kind, "viewerPermissions"
