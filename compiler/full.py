"""The rules in full: nothing is left out because it follows, and the grants are read in the statement itself.

It is the text ``auth.scope`` renders for ordinary execution, so it shares no step with the narrowed rules that are held
against it. Slower, and used by nobody but the tests that compare both.

It counts every live grant of the viewer, so it is not for tokens that were narrowed to some scopes of a partner's
application: which names of grants count there is not in the shape but in the session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, literal_column

from auth import scope as policy
from auth.permissions import Permission
from auth.scope import Clause, Viewpoint
from compiler.parameters import Parameters
from compiler.rendered import rendered
from compiler.scope import NOTHING, Facts, Row, Rules
from compiler.shape import Shape

Said = Callable[[FromClause, Viewpoint], ColumnElement[bool]]


def visible(row: Row, shape: Shape, parameters: Parameters) -> tuple[str, Facts]:
    """The predicate "the viewer sees this row"; nothing is ever known of the rows that pass it."""
    del shape
    return _rendered(row, parameters, lambda table, eyes: policy.visible(row.model, table, eyes)), NOTHING


def covers(row: Row, permission: Permission, shape: Shape, parameters: Parameters) -> str:
    """The predicate "the viewer holds ``permission`` at the place of this row"."""
    del shape
    return _rendered(row, parameters, lambda table, eyes: policy.covered(Clause(permission), row.model, table, eyes))


def _rendered(row: Row, parameters: Parameters, said: Said) -> str:
    table = row.model.__table__.alias(row.alias)
    tenant: ColumnElement[Any] = literal_column(parameters.tenant)
    eyes = Viewpoint(tenant, literal_column("me.id"))
    return f"({rendered(said(table, eyes), table)})"


FULL = Rules(visible, covers)
"""To be compared with ``compiler.scope.NARROWED``."""
