"""The parameters of a statement: what is bound when it runs, found again if it is needed twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from graphql.execution.values import VariableValues

from auth.grants import Credential
from auth.permissions import Permission
from compiler.shape import Standing
from models import Place
from resolvers.access import granted_places
from resolvers.cursors import Seal


class Call(NamedTuple):
    """One execution of a plan: who asks, with what standing, with which variables."""

    credential: Credential
    standing: Standing
    variables: VariableValues
    secret: bytes

    def seal(self, relation: str, order: str) -> Seal:
        """The seal of the viewer's cursors in a relation sorted by ``order``."""
        return Seal.derive(self.secret, self.standing.actor.user_id, relation, order)

    def pads(self, relation: str, order: str) -> tuple[bytes, bytes]:
        """The two blocks that sign cursors in SQL, made once for a standing."""
        pads = self.standing.pads.get((relation, order))
        if pads is None:
            pads = self.standing.pads[relation, order] = self.seal(relation, order).pads()
        return pads

    def places(self) -> list[Place]:
        """The distinct places of the viewer's grants, in the order they are shown."""
        return granted_places(self.standing.actor)

    def held_permissions(self) -> str:
        """The names of every permission held anywhere, as JSON."""
        return _names(self.standing.actor.places)

    def uniform_permissions(self) -> str:
        """The names of the permissions at the one place all grants are at, as JSON."""
        actor = self.standing.actor
        return _names(actor.permissions_at(actor.grants[0].place))


Binder = Callable[[Call], Any]
_PLACE = re.compile(r"\$(\d+)::")
_TYPED_PLACE = re.compile(r"\$(\d+)::(\w+(?:\[\])?)")


def _names(permissions: Iterable[Permission]) -> str:
    return orjson.dumps([one.name for one in sorted(permissions)]).decode()


@dataclass
class Parameters:
    """Collects binders while a statement is written; each has a number and a PostgreSQL type."""

    binders: list[Binder] = field(default_factory=list)
    checks: list[Binder] = field(default_factory=list)
    """Run at every call, whether or not a place in the statement needs what they read; they may raise NotCompiled."""
    _known: dict[Any, str] = field(default_factory=dict)

    def bind(self, key: Any, kind: str, binder: Binder) -> str:
        """The SQL of a parameter of PostgreSQL type ``kind``; the same for the same ``key``."""
        if key not in self._known:
            self.binders.append(binder)
            self._known[key] = f"${len(self.binders)}::{kind}"
        return self._known[key]

    def numbered(self, sql: str) -> tuple[str, tuple[Binder, ...]]:
        """The statement with the parameters it really has, and their binders.

        What is bound for a condition that is then left out would be a parameter without a place, which PostgreSQL
        refuses.
        """
        used: dict[str, int] = {}
        text = _PLACE.sub(lambda found: f"${used.setdefault(found[1], len(used) + 1)}::", sql)
        return text, tuple(self.binders[int(number) - 1] for number in used)

    def columned(self, sql: str, row: str) -> tuple[str, dict[str, str], dict[str, Binder]]:
        """The statement with the columns of ``row`` for parameters, their types, and the binders of their values."""
        kinds: dict[str, str] = {}
        binders: dict[str, Binder] = {}

        def column(found: re.Match[str]) -> str:
            name = f"p{found[1]}"
            kinds[name], binders[name] = found[2], self.binders[int(found[1]) - 1]
            return f"{row}.{name}"

        return _TYPED_PLACE.sub(column, sql), kinds, binders

    @property
    def tenant(self) -> str:
        """The viewer's tenant."""
        return self.bind("tenant", "uuid", lambda call: call.credential.tenant_id)

    def organizations(self, index: int) -> str:
        """The organizations of a class of places."""
        return self.bind(("organizations", index), "uuid[]", lambda call: call.standing.places[index].organizations)

    def touched(self, index: int) -> str:
        """The organizations a class of places touches."""
        return self.bind(("touched", index), "uuid[]", lambda call: call.standing.places[index].touched)

    def sites(self, index: int) -> str:
        """The sites of a class of places."""
        return self.bind(("sites", index), "uuid[]", lambda call: call.standing.places[index].sites)
