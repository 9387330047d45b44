"""Filters: which rows of a list are meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from compiler.arguments import Argument
from compiler.parameters import Call, Parameters
from compiler.shape import Shape
from compiler.windows import allow, sql_kind
from domain.editing import camel
from resolvers.relations import Archived, Filter, Relation, Test, liked


def archived(alias: str, arguments: Mapping[str, Argument]) -> list[str]:
    """The conditions that leave archived rows out, or everything else."""
    return {
        Archived.EXCLUDE: [f"{alias}.archived_at is null"],
        Archived.INCLUDE: [],
        Archived.ONLY: [f"{alias}.archived_at is not null"],
    }[arguments["archived"].value]


def filters(
    relation: Relation, alias: str, arguments: Mapping[str, Argument], shape: Shape, parameters: Parameters
) -> Iterator[str]:
    """The conditions of the filter argument; NotCompiled if one is to be refused."""
    argument = arguments.get("filter")
    given: Mapping[str, Any] = (argument.value if argument else None) or {}
    for name, one in relation.filters.items():
        value = given.get(camel(name))
        if argument is not None and value is not None:
            allow(relation, one.requires, shape)
            yield _Member(one, alias, argument, camel(name), parameters).condition(value)


@dataclass(frozen=True)
class _Member:
    """One member of a filter that was given. What is bound is read again from the variables of every call."""

    filter: Filter
    alias: str
    argument: Argument
    name: str
    parameters: Parameters

    def condition(self, value: Any) -> str:
        test, columns = self.filter.test, self._columns()
        if test is Test.ONE_OF:
            values = self._bind("", f"{self._kind()}[]", _plain)
            return _either(f"{column} = any({values})" for column in columns)
        if test is Test.CONTAINS:
            pattern = self._bind("", "text", liked)
            return _either(f"lower({column}) like {pattern} escape '/'" for column in columns)
        if test in (Test.SINCE, Test.BEFORE):
            sign = ">=" if test is Test.SINCE else "<"
            return f"{columns[0]} {sign} {self._bind('', self._kind(), _same)}"
        if test is Test.ABSENT:
            return f"{columns[0]} is {'null' if value else 'not null'}"
        if test is Test.IS:
            return f"{columns[0]} is {'true' if value else 'false'}"
        return self._between(columns[0], value)

    def _between(self, column: str, value: Mapping[str, Any]) -> str:
        ends = {name: sign for name, sign in (("since", ">="), ("before", "<")) if value.get(name) is not None}
        said = [f"{column} {sign} {self._bind(name, self._kind(), itemgetter(name))}" for name, sign in ends.items()]
        return f"({' and '.join(said)})" if said else f"{column} is not null"

    def _bind(self, part: str, kind: str, made: Any) -> str:
        def value(call: Call) -> Any:
            return made(self.argument.read(call.variables)[self.name])

        return self.parameters.bind((id(self.argument), self.name, part), kind, value)

    def _columns(self) -> list[str]:
        return [f"{self.alias}.{column.key}" for column in self.filter.columns]

    def _kind(self) -> str:
        return sql_kind(self.filter.columns[0])


def _same(value: Any) -> Any:
    return value


def _plain(values: Any) -> list[Any]:
    return [getattr(one, "value", one) for one in values]


def _either(tests: Iterator[str]) -> str:
    return f"({' or '.join(tests)})"
