"""What a push shows of rows, read by compiled statements: one for all who ask alike and have rights of one shape.

Of a change that is the node below it; of the viewer's access it is everything. The rest of a change is known from the
event. Whatever the compiler leaves to ordinary execution is not found here, and is read as it always was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from graphql import FieldNode, NameNode, OperationDefinitionNode, OperationType, SelectionSetNode

from auth.actor import Actor
from auth.grants import Credential
from compiler.many import ForMany, read
from compiler.parameters import Call
from compiler.run import Question, Read
from compiler.selection import Selections
from compiler.shape import Standing
from resolvers.context import Denials
from resolvers.reader import Reader
from schema.root import graphql_schema
from server.errors import denied
from server.payloads import question_of_row
from server.subscribing import LiveDocument

MOST_STATEMENTS = 12
"""In one look; shapes of rights beyond the most frequent ones are read by ordinary execution, for all together."""


def root_of(live: LiveDocument) -> tuple[str, list[FieldNode]]:
    """The response key of a subscription's one field, and the field nodes that share it."""
    asked = live.prepared.question
    fields = Selections(graphql_schema(), asked.fragments, asked.variables).of(
        "Subscription", [asked.operation.selection_set]
    )
    return next(iter(fields.items()))


def question_of(live: LiveDocument, node: str | None) -> Question | None:
    """What is asked of the node, or of the viewer's access; None if it is nothing."""
    key, roots = root_of(live)
    asked = live.prepared.question
    if node is None:
        chosen = SelectionSetNode(selections=tuple(_viewer(key, one) for one in roots))
        query = OperationDefinitionNode(operation=OperationType.QUERY, name=asked.operation.name, selection_set=chosen)
        return asked._replace(operation=query)
    fields = Selections(graphql_schema(), asked.fragments, asked.variables).below("Change", roots)
    rows = [(key, one.selection_set) for key, nodes in fields.items() for one in nodes if one.name.value == "node"]
    return question_of_row(asked, rows, node) if rows else None


def _viewer(key: str, root: FieldNode) -> FieldNode:
    alias, name = NameNode(value=key), NameNode(value="viewer")
    return FieldNode(alias=alias, name=name, arguments=(), directives=(), selection_set=root.selection_set)


class _Asked(NamedTuple):
    question: Question
    key: Any
    """Equal for questions that can share a plan: looked at once for all who ask it."""


@dataclass
class Pushed:
    """The rows the pushes of one look show: first everything is asked for, then it is fetched, then it is found."""

    many: ForMany
    secret: bytes
    reader: Reader
    _questions: dict[Any, _Asked | None] = field(default_factory=dict[Any, "_Asked | None"])
    _asked: dict[Any, tuple[_Asked, Standing]] = field(default_factory=dict[Any, tuple[_Asked, Standing]])
    _read: dict[Any, Read] = field(default_factory=dict[Any, Read])

    def ask(self, live: LiveDocument, actor: Actor, node: str | None = None) -> None:
        """Have it read what the document shows this viewer: of a node, or of their access."""
        name = _name(live, actor, node)
        if name not in self._asked and (asked := self._question(live, node)) is not None:
            self._asked[name] = asked, self.many.standing(actor)

    async def fetch(self) -> None:
        """Read all that was asked for; of more shapes than there may be statements, those of most viewers."""
        groups: dict[Any, list[Any]] = defaultdict(list)
        for name, (asked, standing) in self._asked.items():
            groups[asked.key, standing.shape].append(name)
        left = MOST_STATEMENTS
        for (_, shape), names in sorted(groups.items(), key=lambda one: -len(one[1])):
            plan = self.many.plan(self._asked[names[0]][0].question, shape) if left else None
            if plan is not None:
                left -= 1
                answers = await read(plan, [self._call(name) for name in names], self.reader.all)
                self._read.update({name: one for name, one in zip(names, answers, strict=True) if one is not None})

    def found(self, live: LiveDocument, actor: Actor, node: str | None = None) -> Read | None:
        """What was read; None if it is for ordinary execution."""
        return self._read.get(_name(live, actor, node))

    def _question(self, live: LiveDocument, node: str | None) -> _Asked | None:
        name = (live.key, node)
        if name not in self._questions:
            question = question_of(live, node)
            self._questions[name] = question and _Asked(question, question.key)
        return self._questions[name]

    def _call(self, name: Any) -> Call:
        (question, _), standing = self._asked[name]
        return Call(Credential(standing.actor.tenant_id, b""), standing, question.variables, self.secret)


def who(actor: Actor) -> Any:
    """Equal for sessions that are shown the same in one snapshot."""
    return actor.user_id, actor.scopes, actor.viewed_by


def _name(live: LiveDocument, actor: Actor, node: str | None) -> Any:
    return live.key, node, who(actor)


def spliced(change: Mapping[str, Any], node: Read) -> bytes:
    """The response to a change: what is known of it without its node, and the node."""
    (key,) = change["data"]
    data = {key: {**change["data"][key], **node.decoded()}}
    within = Denials({what: [(key, *path) for path in paths] for what, paths in node.denials.paths.items()})
    errors = [*change.get("errors", ()), *denied(within, data)]
    return orjson.dumps({"data": data, **({"errors": errors} if errors else {})})
