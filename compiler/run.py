"""Running plans: one statement over a connection of its own, and the bytes it answers with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson
from graphql import FragmentDefinitionNode, OperationDefinitionNode
from graphql.execution.values import VariableValues

from auth.actor import Actor
from auth.grants import Credential
from compiler import marks, scope
from compiler.arguments import signature
from compiler.compile import compile_query
from compiler.parameters import Call
from compiler.plan import NotCompiled, Plan
from compiler.scope import Rules
from compiler.shape import Standing
from resolvers.context import Denials

PLANS_KEPT = 2_000
STANDINGS_KEPT = 20_000
_ATTEMPTS = 3

Key = TypeVar("Key")
Value = TypeVar("Value")


class Connection(Protocol):
    """Runs one statement and gives the one value of its one row, or None if there is no row."""

    async def value(self, sql: str, arguments: Sequence[Any], *, small: bool = False) -> bytes | None: ...


class Standings(Protocol):
    """Reads the standing of a credential anew; None if it stands for nobody."""

    async def read(self, credential: Credential) -> Standing | None: ...


class Question(NamedTuple):
    """A query to be answered: the document's text names it, the rest is what the text was parsed to."""

    text: str
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    @property
    def key(self) -> tuple[str, str, Any]:
        """Equal for questions that can share a plan, viewers apart."""
        name = self.operation.name.value if self.operation.name else ""
        return self.text, name, signature(self.variables.coerced)


class Read(NamedTuple):
    """What came back: the data as JSON, or decoded if something had to be mended, and how it went."""

    body: bytes | None
    data: Any
    denials: Denials
    statements: int
    sql: str = ""
    in_python: tuple[str, ...] = ()
    """The fields Python made of what the statement read for them."""

    def decoded(self) -> Any:
        """The data as plain values."""
        return self.data if self.body is None else orjson.loads(self.body)


Admit = Callable[[Actor], Awaitable[None]]
"""Called with whoever asks, before the statement runs; it raises if they may not."""


class Nobody(Exception):
    """The credential stands for nobody (any more)."""


class Recent(OrderedDict[Key, Value]):
    """A bounded mapping that forgets what was not used for longest, and counts how often it knew."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.hits = self.misses = 0

    def recall(self, key: Key) -> Value | None:
        """The value of ``key``, which counts as used now."""
        value = self.get(key)
        if value is None:
            self.misses += 1
        else:
            self.hits += 1
            self.move_to_end(key)
        return value

    def keep(self, key: Key, value: Value) -> None:
        """Remember ``value``."""
        self[key] = value
        if len(self) > self._most:
            self.popitem(last=False)


@dataclass
class Compiled:
    """The compiled read path of a process."""

    connection: Connection
    standings: Standings
    secret: bytes
    rules: Rules = scope.NARROWED
    plans: Recent[Any, Plan | NotCompiled] = field(default_factory=lambda: Recent(PLANS_KEPT))
    known: Recent[bytes, Standing] = field(default_factory=lambda: Recent(STANDINGS_KEPT))

    async def read(self, question: Question, credential: Credential, admit: Admit | None = None) -> Read:
        """The answer in one statement; NotCompiled if it is for ordinary execution, Nobody without a session.

        Whoever has not been admitted under the epoch the statement checks is admitted first.
        """
        standing = self._remembered(credential)
        statements = 0
        for _ in range(_ATTEMPTS):
            if standing is None:
                standing = await self._stand(credential)
                statements += 1
                if admit is not None:
                    await admit(standing.actor)
            plan = self.plan(question, standing)
            call = Call(credential, standing, question.variables, self.secret)
            body = await self.connection.value(plan.sql, plan.arguments(call), small=plan.small)
            statements += 1
            if body is not None:
                return self._read(body, plan, call, statements)
            # The session has ended or the rights have changed: what the plan was chosen by was only a hint.
            standing = None
        raise NotCompiled("rights that change faster than they are read")

    def _remembered(self, credential: Credential) -> Standing | None:
        """What the credential stood for last. With a partner's application it is settled anew each time."""
        standing = self.known.recall(credential.secret_hash)
        return None if standing is None or standing.actor.terms is not None else standing

    def plan(self, question: Question, standing: Standing) -> Plan:
        """The plan for viewers of this shape; a question that has none is remembered as well."""
        key = (question.key, standing.shape)
        plan = self.plans.recall(key)
        if plan is None:
            plan = self._compile(question, standing)
            self.plans.keep(key, plan)
        if isinstance(plan, NotCompiled):
            # Raised anew: an exception that is kept and raised again grows by a traceback each time.
            raise NotCompiled(plan.reason)
        return plan

    def _compile(self, question: Question, standing: Standing) -> Plan | NotCompiled:
        try:
            return compile_query(question.operation, question.fragments, question.variables, standing.shape, self.rules)
        except NotCompiled as reason:
            return NotCompiled(reason.reason)

    async def _stand(self, credential: Credential) -> Standing:
        standing = await self.standings.read(credential)
        if standing is None:
            self.known.pop(credential.secret_hash, None)
            raise Nobody
        self.known.keep(credential.secret_hash, standing)
        return standing

    def _read(self, body: bytes, plan: Plan, call: Call, statements: int) -> Read:
        if not (plan.marked and marks.is_marked(body)):
            return Read(body, None, Denials(), statements, plan.sql, plan.in_python)
        data, denials = marks.mend(body, plan, call)
        return Read(None, data, denials, statements, plan.sql, plan.in_python)


def response(read: Read, errors: Sequence[Mapping[str, Any]], extensions: Mapping[str, Any] | None = None) -> bytes:
    """The body of the answer: the database's bytes where nothing had to be mended."""
    if read.body is not None and not errors and not extensions:
        return b'{"data":%b}' % read.body
    data = read.data if read.body is None else orjson.Fragment(read.body)
    also = {name: one for name, one in (("errors", errors), ("extensions", extensions)) if one}
    return orjson.dumps({"data": data, **also})
