"""Documents: parsed and validated once, kept while they are asked for again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.execution.values import VariableValues
from graphql.language import Visitor

from compiler.run import Question, Recent
from schema.root import graphql_schema
from server.asking import Asked, asked_by
from server.limits import TOKENS, Meter
from server.payloads import Cut, cut
from server.variables import Plain, plain_of

KEPT = 512
_LONGEST_KEPT = 32_768


class RequestRefused(Exception):
    """The request cannot be executed at all; its response has errors and no data."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


def refused(code: str, message: str) -> RequestRefused:
    """A refusal of the whole request with one coded error."""
    return RequestRefused(GraphQLError(message, extensions={"code": code}))


@dataclass(frozen=True)
class Document:
    """A valid document."""

    text: str
    ast: DocumentNode
    meter: Meter = field(compare=False)
    _plain: dict[int, tuple[Plain, ...] | None] = field(
        default_factory=dict[int, "tuple[Plain, ...] | None"], compare=False
    )
    _asked: dict[int, Asked] = field(default_factory=dict[int, Asked], compare=False)
    _cuts: dict[int, Cut | None] = field(default_factory=dict[int, "Cut | None"], compare=False)

    @cached_property
    def operations(self) -> dict[str, OperationDefinitionNode]:
        """The operations by name; an anonymous one is named by the empty string."""
        return {one.name.value if one.name else "": one for one in self.meter.operations()}

    def asks_schema_only(self, operation: OperationDefinitionNode) -> bool:
        """Whether the operation asks for nothing but names of the schema."""
        return all(
            isinstance(one, FieldNode) and one.name.value.startswith("__") for one in operation.selection_set.selections
        )

    def asked(self, operation: OperationDefinitionNode) -> Asked:
        """What one of its operations asks for, worked out once."""
        if id(operation) not in self._asked:
            self._asked[id(operation)] = asked_by(operation, self.meter.fragments)
        return self._asked[id(operation)]

    def cut(self, operation: OperationDefinitionNode) -> Cut | None:
        """Where one of its operations is cut if it is a plain command, worked out once."""
        if id(operation) not in self._cuts:
            self._cuts[id(operation)] = cut(operation, self.meter.fragments)
        return self._cuts[id(operation)]

    def plain(self, operation: OperationDefinitionNode) -> tuple[Plain, ...] | None:
        """The variables of one of its operations if all are of plain types, worked out once."""
        if id(operation) not in self._plain:
            self._plain[id(operation)] = plain_of(operation)
        return self._plain[id(operation)]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run: the named one, or the only one."""
        if name:
            if name not in self.operations:
                raise refused("OPERATION_NOT_FOUND", "The document has no operation of this name.")
            return self.operations[name]
        if len(self.operations) != 1:
            raise refused("OPERATION_NAME_REQUIRED", "Say which operation of the document to run.")
        return next(iter(self.operations.values()))


class Prepared(NamedTuple):
    """A request that can be executed."""

    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues

    @property
    def name(self) -> str:
        """The operation's name, for logs and metrics."""
        return self.operation.name.value if self.operation.name else "anonymous"

    @property
    def question(self) -> Question:
        """What the compiled read path is asked."""
        return Question(self.document.text, self.operation, self.document.meter.fragments, self.variables)

    @property
    def asked(self) -> Asked:
        """The fields it asks for."""
        return self.document.asked(self.operation)

    @property
    def nodes(self) -> int:
        """The most nodes it may return."""
        return self.document.meter.nodes(self.operation, self.variables.coerced)


class Documents:
    """The documents a process has seen lately, the longest unused dropped first."""

    def __init__(self) -> None:
        self.kept: Recent[tuple[str, bool], Document | RequestRefused] = Recent(KEPT)

    def prepare(self, text: str, *, introspection: bool) -> Document:
        """The document, parsed, measured and validated; RequestRefused if it is not to be run."""
        key = (text, introspection)
        made = self.kept.recall(key)
        if made is None:
            made = _prepare(text, introspection=introspection)
            if len(text) <= _LONGEST_KEPT:
                self.kept.keep(key, made)
        if isinstance(made, RequestRefused):
            # A new one each time: an exception that is raised again keeps every traceback it ever had.
            raise RequestRefused(*made.errors)
        return made


def _prepare(text: str, *, introspection: bool) -> Document | RequestRefused:
    try:
        ast = parse(text, no_location=False, max_tokens=TOKENS)
        _check_strings(ast)
        meter = Meter(ast)
        meter.check()
    except GraphQLSyntaxError as error:
        return RequestRefused(_coded(error, "GRAPHQL_PARSE_FAILED"))
    except GraphQLError as error:
        return RequestRefused(error)
    except RecursionError:
        return refused("QUERY_TOO_COMPLEX", "The document is nested too deeply.")
    rules = [*specified_rules, *([] if introspection else [NoSchemaIntrospectionCustomRule])]
    errors = validate(graphql_schema(), ast, rules, max_errors=10, hide_suggestions=True)
    if errors:
        return RequestRefused(*(_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))
    return Document(text, ast, meter)


class _Strings(Visitor):
    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        """PostgreSQL holds no NUL, and a lone surrogate is no character."""
        if not storable(node.value):
            raise GraphQLError(
                "A string contains a character that cannot be stored.",
                node,
                extensions={"code": "BAD_USER_INPUT"},
            )


def _check_strings(ast: DocumentNode) -> None:
    visit(ast, _Strings())


def storable(text: str) -> bool:
    """Whether text has neither NUL nor lone surrogates."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    error.extensions = {"code": code, **(error.extensions or {})}
    return error


def is_subscription(operation: OperationDefinitionNode) -> bool:
    """Whether the operation is a subscription."""
    return operation.operation is OperationType.SUBSCRIPTION


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether the operation is a mutation."""
    return operation.operation is OperationType.MUTATION
