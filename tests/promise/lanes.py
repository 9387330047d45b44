"""Every kind of revoke there is, each with a viewer who loses something and gets it back, over and over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tests.promise import endings, programs, rights, rows
from tests.promise.lane import Lane
from tests.promise.world import Home, World

_MADE: Mapping[str, Callable[[World, Home, Home, str, str], Awaitable[Lane]]] = {
    **dict.fromkeys(rights.GRANTS, rights.granted),
    "access_editor": rights.edited,
    **dict.fromkeys(("suspended", "signed_out", "signed_out_elsewhere", "password", "reset"), endings.session),
    **dict.fromkeys(("view_as", "view_as_signed_out"), endings.viewed),
    "tenant_suspended": endings.tenant,
    **dict.fromkeys(("withdrawn", "reclassified"), rows.report),
    "party": rows.party,
    "moved": rows.moved,
    "unassigned": rows.unassigned,
    **dict.fromkeys(
        ("partner_scope", "partner_field", "partner_disabled", "partner_token", "partner_secret"), programs.program
    ),
}
KINDS = tuple(_MADE)


async def lane(world: World, home: Home, other: Home, kind: str, number: int) -> Lane:
    """A lane of a kind, its right still in force."""
    made = await _MADE[kind](world, home, other, kind, f"{kind}{number}")
    made.number = number
    if made.enter is None:
        made.enter = lambda: world.token(made.user)
    return made


# Rights that a planted bug remembers say nothing of what is seen through an assignment: such a lane would not begin.
REMEMBERED = tuple(kind for kind in KINDS if kind != "unassigned")
