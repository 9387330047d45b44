"""Documents: parsed and validated once, kept while they are asked for again."""

from __future__ import annotations

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


class Document:
    """A valid document."""

    def __init__(self, text: str, ast: DocumentNode, meter: Meter) -> None:
        self.text = text
        self.ast = ast
        self.meter = meter
        self._operations = {one.name: one for one in (Operation(self, node) for node in meter.operations())}

    def operation(self, name: str | None) -> Operation:
        """The operation to run: the named one, or the only one."""
        if name:
            one = self._operations.get(name)
            if one is None:
                raise refused("OPERATION_NOT_FOUND", "The document has no operation of this name.")
            return one
        if len(self._operations) != 1:
            raise refused("OPERATION_NAME_REQUIRED", "Say which operation of the document to run.")
        return next(iter(self._operations.values()))


class Operation:
    """One operation of a valid document, and what is worked out of it once."""

    def __init__(self, document: Document, node: OperationDefinitionNode) -> None:
        self.document = document
        self.node = node
        self.name = node.name.value if node.name else ""
        """Empty for an anonymous one."""
        self.label = self.name or "anonymous"
        """Its name in logs and metrics."""
        self.is_mutation = node.operation is OperationType.MUTATION
        self.is_subscription = node.operation is OperationType.SUBSCRIPTION

    @cached_property
    def asks_schema_only(self) -> bool:
        """Whether it asks for nothing but names of the schema."""
        chosen = self.node.selection_set.selections
        return all(isinstance(one, FieldNode) and one.name.value.startswith("__") for one in chosen)

    @cached_property
    def asked(self) -> Asked:
        """What it asks for."""
        return asked_by(self.node, self.document.meter.fragments)

    @cached_property
    def cut(self) -> Cut | None:
        """Where it is cut if it is a plain command."""
        return cut(self.node, self.document.meter.fragments)

    @cached_property
    def plain(self) -> tuple[Plain, ...] | None:
        """Its variables if all are of plain types."""
        return plain_of(self.node)

    def nodes(self, variables: VariableValues) -> int:
        """The most nodes it may return."""
        return self.document.meter.nodes(self.node, variables.coerced)

    def dearest(self, variables: VariableValues) -> list[str]:
        """Where most of them are."""
        return self.document.meter.dearest(self.node, variables.coerced)


class Prepared(NamedTuple):
    """A request that can be executed."""

    operation: Operation
    variables: VariableValues

    @property
    def question(self) -> Question:
        """What the compiled read path is asked."""
        operation = self.operation
        document = operation.document
        return Question(document.text, operation.node, document.meter.fragments, self.variables)


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
