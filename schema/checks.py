"""Whether the viewer holds a right, asked by the names older systems have for it."""

from __future__ import annotations

from auth.permissions import CONFERS, LEGACY_CODE_OF, LEGACY_CODES, LEGACY_SLUGS, Permission
from domain.refusals import NotFound, Refused
from models import Organization, Place, Site, Tenant
from resolvers.context import Context
from resolvers.ids import decode
from schema.fields import plain_field
from schema.graph import graph_type


class UnknownPermission(Refused):
    """No right has this number or name."""

    code = "UNKNOWN_PERMISSION"


class PermissionCheck:
    """Whether a right is held, and what would give it."""

    def __init__(self, permission: Permission, held: frozenset[Permission]) -> None:
        self.allowed = permission in held
        self.code = "ALLOWED" if self.allowed else "FORBIDDEN"
        self.reason = "You may." if self.allowed else f"Access not allowed: this needs {_named(permission)}."
        self.permission = permission
        self.legacy_code = LEGACY_CODE_OF.get(permission)
        self.conferred_by = sorted(name for name, given in CONFERS.items() if permission in given)


def _named(permission: Permission) -> str:
    code = LEGACY_CODE_OF.get(permission)
    return f"the permission {permission}" + (f" ({code})" if code is not None else "")


async def check_permission(
    context: Context, legacy_code: int | None = None, slug: str | None = None, at: str | None = None
) -> PermissionCheck:
    """Judge a right at a place the viewer sees; without one, whether it is held anywhere."""
    permission = permission_named(legacy_code, slug)
    if at is None:
        return PermissionCheck(permission, frozenset(context.actor.places))
    return PermissionCheck(permission, context.actor.permissions_at(await _place(context, at)))


def permission_named(legacy_code: int | None, slug: str | None) -> Permission:
    """The right that older systems call so; UnknownPermission if there is none."""
    if (legacy_code is None) == (slug is None):
        raise UnknownPermission("Name the right by its number or by its name.", field="legacyCode")
    if legacy_code is not None:
        found = LEGACY_CODES.get(legacy_code)
    else:
        found = LEGACY_SLUGS.get(slug or "") or {one.value: one for one in Permission}.get(slug or "")
    if found is None:
        raise UnknownPermission("There is no such right.", field="legacyCode" if slug is None else "slug")
    return found


async def _place(context: Context, at: str) -> Place:
    target = decode(at)
    if target is None or target[0] not in (Tenant, Organization, Site):
        raise NotFound("at")
    record = await context.loaders.row(target[0]).load((context.actor.user_id, target[1]))
    if record is None:
        raise NotFound("at")
    return record.place


graph_type(
    "PermissionCheck",
    {
        "allowed": plain_field("bool", lambda one: one.allowed),
        "code": plain_field("str", lambda one: one.code, "ALLOWED or FORBIDDEN."),
        "reason": plain_field("str", lambda one: one.reason, "The same in words."),
        "permission": plain_field("Permission", lambda one: one.permission),
        "legacy_code": plain_field("int | None", lambda one: one.legacy_code, "Its number in older systems."),
        "conferred_by": plain_field("list[str]", lambda one: one.conferred_by, "What can be granted that confers it."),
    },
    "Whether the viewer holds a right.",
)
