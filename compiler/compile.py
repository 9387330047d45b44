"""From a valid document to its plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from graphql import FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.values import VariableValues

from auth.viewing import holds
from compiler import marks, scope
from compiler.parameters import Parameters
from compiler.plan import Plan
from compiler.rendered import rendered
from compiler.roots import root
from compiler.scope import Rules
from compiler.selection import Selections
from compiler.shape import Shape
from compiler.text import joined, record
from compiler.values import SOURCES
from compiler.write import Writer
from models import Session, User
from schema.root import graphql_schema

# The viewer, as of this statement's snapshot: nobody, unless the session is open and the rights are those the plan
# was chosen for. What is selected for nobody is not even computed. (A materialized CTE would be put aside and read
# again: a twentieth of what one row by its id costs.)
ME = """(
select {asked}
from session s
join tenant w on w.id = s.tenant_id and w.status = 'ACTIVE'
join app_user u on u.tenant_id = s.tenant_id and u.id = s.user_id and u.status = 'ACTIVE' and u.archived_at is null
join permission_epoch e on e.tenant_id = s.tenant_id and e.id = s.user_id and e.number = {epoch}
where s.tenant_id = {tenant} and s.secret_hash = {secret} and s.needs is null
and s.ended_at is null and s.expires_at > clock_timestamp() and ({eyes})
) me"""
_OF_ME = {"id": "u.id", "name": "u.name", "email": "u.email", "kind": "u.kind", "epoch": "e.number as epoch"}
_ASKED_OF_ME = re.compile(rf"\bme\.({'|'.join(_OF_ME)})\b")

_OF_MANY = re.compile(r"_agg\(|\b(count|sum)\(|\bunnest\(|\bwith\b")
"""What stands in a statement that reads more than single rows."""
_LONGEST_SMALL = 3_000


@cache
def _eyes_allowed() -> str:
    """The rule for sessions through which somebody of the staff looks, in the words of ``ME``."""
    session, user = Session.__table__.alias("s"), User.__table__.alias("u")
    return rendered(holds(session, user), session, user)


def compile_query(
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
    shape: Shape,
    rules: Rules = scope.NARROWED,
) -> Plan:
    """The plan of a query for viewers of ``shape``; NotCompiled if it is for ordinary execution.

    The plan holds for all variables that have the same signature.
    """
    writer = writer_of(fragments, variables, shape, rules)
    answer = answer_of(operation, writer)
    me = _me(writer.parameters, shape, answer)
    # As bytes, which the driver hands over as they are.
    sql, binders = writer.parameters.numbered(f"select convert_to({answer}, 'UTF8') from {me}")
    return Plan(
        sql,
        binders,
        tuple(writer.parameters.checks),
        tuple(writer.guarded),
        tuple(writer.computed),
        marked=marks.WORD in sql,
        small=len(sql) <= _LONGEST_SMALL and not _OF_MANY.search(sql),
    )


def writer_of(
    fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues, shape: Shape, rules: Rules
) -> Writer:
    """What writes a statement for viewers of ``shape``."""
    schema = graphql_schema()
    return Writer(schema, Selections(schema, fragments, variables), variables, shape, rules, SOURCES)


def answer_of(operation: OperationDefinitionNode, writer: Writer) -> str:
    """The expression of the whole answer, over the viewer's row ``me``."""
    fields = writer.selections.of("Query", [operation.selection_set])
    return joined(record((key, root(writer, nodes)) for key, nodes in fields.items()))


def _me(parameters: Parameters, shape: Shape, answer: str) -> str:
    asked = dict.fromkeys(_ASKED_OF_ME.findall(answer))
    return ME.format(
        asked=", ".join(_OF_ME[name] for name in asked),
        tenant=parameters.tenant,
        secret=parameters.bind("secret", "bytea", lambda call: call.credential.secret_hash),
        epoch=parameters.bind("epoch", "bigint", lambda call: call.standing.actor.epoch),
        eyes=_eyes_allowed() if shape.viewed else "s.viewed_by is null",
    )
