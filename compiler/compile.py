"""From a valid document to its plan."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.values import VariableValues

from compiler import scope
from compiler.parameters import Parameters
from compiler.plan import Plan
from compiler.roots import root
from compiler.scope import Rules
from compiler.selection import Selections
from compiler.shape import Shape
from compiler.values import SOURCES
from compiler.write import Writer, record
from schema.root import graphql_schema

# The viewer, as of this statement's snapshot: nobody, unless the session is open and the rights are those the plan
# was chosen for.
ME = """with me as materialized (
select u.id, u.name, u.email, u.kind, e.number as epoch
from session s
join tenant w on w.id = s.tenant_id and w.status = 'ACTIVE'
join app_user u on u.tenant_id = s.tenant_id and u.id = s.user_id and u.status = 'ACTIVE' and u.archived_at is null
join permission_epoch e on e.tenant_id = s.tenant_id and e.id = s.user_id and e.number = {epoch}
where s.tenant_id = {tenant} and s.secret_hash = {secret} and s.ended_at is null and s.expires_at > clock_timestamp()
)"""


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
    schema = graphql_schema()
    selections = Selections(schema, fragments, variables)
    writer = Writer(schema, selections, variables, shape, rules, SOURCES)
    me = _me(writer.parameters)
    fields = writer.selections.of("Query", [operation.selection_set])
    answer = record([(key, root(writer, nodes)) for key, nodes in fields.items()])
    sql, binders = writer.parameters.numbered(f"{me}\nselect {answer} from me")
    return Plan(sql, binders, tuple(writer.parameters.checks), tuple(writer.guarded), tuple(writer.computed))


def _me(parameters: Parameters) -> str:
    return ME.format(
        tenant=parameters.tenant,
        secret=parameters.bind("secret", "bytea", lambda call: call.credential.secret_hash),
        epoch=parameters.bind("epoch", "bigint", lambda call: call.standing.actor.epoch),
    )
