"""Random valid documents over the whole query schema, read from the schema itself; the same seed gives the same ones.

Response keys are never used for two different things in one document, so fragments may be thrown together freely and
repeated fields always merge.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLField, get_named_type, is_composite_type

import models
from resolvers.relations import Relation
from schema.declaration import TYPES
from schema.queries import ROOT_LISTS
from schema.root import graphql_schema
from tests.compiler.arena import Case
from tests.compiler.company import Viewer
from tests.compiler.givens import Givens, Pool
from tests.compiler.literals import Raw
from tests.compiler.rooms import ROOMS

ODD_ALIASES = (
    "n", "o", "p", "a", "c", "t1", "e1", "me", "body", "head", "tail", "more", "f0", "f1", "tenant_id",
    "organization_id", "id_", "name_", "archived_at", "key", "kind", "place", "value", "_", "__x", "select", "order",
    "Name", "NAME", "a" * 63, "b" * 64, "c" * 80, "c" * 80 + "d", "a" * 62 + "B", "data", "errors", "mark",
)  # fmt: skip
NODES = tuple(one.name for one in TYPES.values() if one.is_node)


class Generator(Pool):
    """Makes the documents of one seed."""

    def case(self, number: int, viewer: Viewer | None = None) -> Case:
        """The case of this number; asked by one viewer after the other unless one is named."""
        chosen = viewer or self.rota[number % len(self.rota)]
        return _Document(self, random.Random(f"{self.seed}/{number}"), chosen).case()

    def payload(self, number: int, command: str, row: str) -> Case:
        """A mutation whose payload shows its ``row`` in some way; the variable ``input`` is for the caller to give."""
        chosen = self.rota[number % len(self.rota)]
        return _Document(self, random.Random(f"{self.seed}/{command}/{number}"), chosen).payload(command, row)

    def push(self, number: int, kind: str | None) -> Case:
        """A subscription to changes that shows their nodes, of this type above all, or to the viewer's access."""
        chosen = self.rota[number % len(self.rota)]
        return _Document(self, random.Random(f"{self.seed}/push/{number}"), chosen).push(kind)


@dataclass
class _Document(Givens):
    keys: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    left: int = 0
    spreads: int = 0
    directives: int = 0

    def __post_init__(self) -> None:
        self.schema = graphql_schema()
        self.left = self.random.choice((3, 5, 8, 8, 12, 16, 30))

    def case(self) -> Case:
        chosen = ["viewer", "node", "nodes", *ROOMS, *ROOT_LISTS]
        # Whoever sees nobody but themselves changes nobody's access: that is refused, always with the same few words.
        drafts = 4 if len(self.made_by.seen(self.viewer, models.User)) > 1 else 0.2
        weights = [4, 5, 2, 1, drafts, 0.5, 0.5, *(self.weight(one.relation) for one in ROOT_LISTS.values())]
        roots = self.random.choices(chosen, weights, k=self.random.choice((1, 1, 2, 3)))
        if self.chance(0.05):
            roots.append("__typename")
        body = " ".join(self.field("Query", name, 1, 1) for name in roots)
        name = f"Q{self.number()}" if self.chance(0.3) or self.declared else ""
        declared = f"({' '.join(self.declared)})" if self.declared else ""
        text = f"query {name}{declared} {{ {body} }}" if name else f"{{ {body} }}"
        parts = [text, *(f"fragment {one} on {kind} {body}" for one, (kind, body) in self.fragments.items())]
        if name and self.chance(0.1):
            parts.insert(
                self.random.randrange(2),
                "query Other($unused: Int = 1) { organizations(first: $unused) { nodes { id } } }",
            )
        else:
            name = name if self.chance(0.5) else ""
        return Case("\n".join(parts), self.variables, name or None, self.viewer, self.kinds)

    def payload(self, command: str, row: str) -> Case:
        title = f"{command[0].upper()}{command[1:]}"
        shown = [self.field(f"{title}Payload", row, 1, 1), self.body(f"{title}Payload", 1, 1)]
        self.random.shuffle(shown)
        root = f"{self.key('Mutation', command, '(input: $input)', f'{title}Payload')}{command}(input: $input)"
        declared = " ".join([f"$input: {title}Input!", *self.declared])
        parts = [f"mutation M({declared}) {{ {root} {{ {' '.join(shown)} }} }}"]
        parts += [f"fragment {one} on {kind} {body}" for one, (kind, body) in self.fragments.items()]
        return Case("\n".join(parts), self.variables, None, self.viewer, self.kinds)

    def push(self, kind: str | None) -> Case:
        if kind is None:
            root, declared = self.field("Subscription", "access", 1, 1), self.declared
        else:
            self.expected = [kind]
            shown = [self.field("Change", "node", 1, 1), self.body("Change", 1, 1)]
            self.random.shuffle(shown)
            alias = self.key("Subscription", "changes", "(under: $under)", "ChangeEvent")
            root = f"{alias}changes(under: $under) {{ ... on Change {{ {' '.join(shown)} }} }}"
            declared = ["$under: ID!", *self.declared]
        head = f"subscription S({' '.join(declared)})" if declared else "subscription"
        parts = [f"{head} {{ {root} }}"]
        parts += [f"fragment {one} on {on} {body}" for one, (on, body) in self.fragments.items()]
        return Case("\n".join(parts), self.variables, None, self.viewer, self.kinds)

    def weight(self, relation: Relation) -> float:
        return 2 if self.made_by.seen(self.viewer, relation.model) else 0.2

    def selection(self, kind: str, depth: int, rows: int) -> str:
        """A selection set of an object type or of the interface."""
        body = self.body(kind, depth, rows)
        if self.chance(0.02):
            body = self.skipped(body)
        return f"{{ {body} }}"

    def skipped(self, body: str) -> str:
        """All of it left out: an object without fields."""
        if self.directives > 40:
            return body
        self.directives += 1
        return f"... @skip(if: true) {{ {body} }}"

    def body(self, kind: str, depth: int, rows: int) -> str:
        parts = [self.one(kind, depth, rows) for _ in range(self.width(kind))]
        if kind.endswith("Connection") and self.chance(0.7):
            parts.append(self.field(kind, self.random.choice(("nodes", "edges")), depth, rows))
        if kind.endswith("Edge") and self.chance(0.7):
            parts.append(self.field(kind, "node", depth, rows))
        if self.chance(0.15):
            parts.append(self.leaf(kind, "__typename"))
        if self.chance(0.06):
            parts.append(self.random.choice(parts))
        return " ".join(parts)

    def width(self, kind: str) -> int:
        most = 2 if kind.endswith("Connection") else 5
        return max(1, min(most, self.left, self.random.choice((1, 2, 2, 3, 4, 5))))

    def one(self, kind: str, depth: int, rows: int) -> str:
        chance = self.random.random()
        if chance < 0.05 and self.spreads < 40:
            return self.spread(kind, depth, rows)
        if chance < 0.10:
            return self.inline(kind, depth, rows)
        if kind == "Node" and chance < 0.75:
            kind_below = self.random.choice(NODES)
            return f"... on {kind_below}{self.directive()} {self.selection(kind_below, depth, rows)}"
        return self.field(kind, self.choice(kind, depth), depth, rows)

    def choice(self, kind: str, depth: int) -> str:
        fields = self.fields(kind)
        leaves = [name for name, one in fields.items() if not is_composite_type(get_named_type(one.type))]
        deeper = [name for name in fields if name not in leaves]
        share = 0.75 if kind.endswith(("Connection", "Edge")) or kind == "Viewer" else 0.35
        limit = 14 if self.chance(0.05) else 8
        if deeper and depth < limit and self.left > 0 and (not leaves or self.chance(share)):
            return self.random.choice(deeper)
        return self.random.choice(leaves or deeper)

    def fields(self, kind: str) -> Mapping[str, GraphQLField]:
        found: Any = self.schema.get_type(kind)
        return found.fields

    def spread(self, kind: str, depth: int, rows: int) -> str:
        self.spreads += 1
        on = self.condition(kind)
        ready = [name for name, (known, body) in self.fragments.items() if known == on and 0 < len(body) < 300]
        if ready and depth < 6 and rows == 1 and self.chance(0.5):
            return f"...{self.random.choice(ready)}{self.directive()}"
        name = f"F{self.number()}"
        self.fragments[name] = (on, "")
        self.fragments[name] = (on, self.selection(on, depth, rows))
        return f"...{name}{self.directive()}"

    def inline(self, kind: str, depth: int, rows: int) -> str:
        on = self.condition(kind)
        said = f" on {on}" if on != kind or self.chance(0.5) else ""
        return f"...{said}{self.directive()} {self.selection(on, depth, rows)}"

    def condition(self, kind: str) -> str:
        """A type a fragment here may be on."""
        if kind == "Node":
            return self.random.choice((*NODES, "Node"))
        return "Node" if kind in NODES and self.chance(0.4) else kind

    def directive(self) -> str:
        if not self.chance(0.12) or self.directives > 40:
            return ""
        self.directives += 1
        name = self.random.choice(("skip", "include"))
        value = self.chance(0.25 if name == "skip" else 0.75)
        given = self.variable("Boolean!", value) if self.chance(0.5) else Raw(json.dumps(value))
        return f" @{name}(if: {given})"

    def leaf(self, kind: str, name: str) -> str:
        return self.field(kind, name, 99, 1)

    def field(self, kind: str, name: str, depth: int, rows: int) -> str:
        self.left -= 1
        if name == "__typename":
            return f"{self.key(kind, name, '', 'String!')}{name}{self.directive()}"
        definition = self.fields(kind)[name]
        target: Any = get_named_type(definition.type)
        arguments, size = self.arguments(kind, name, definition)
        key = self.key(kind, name, arguments, str(definition.type))
        head = f"{key}{name}{arguments}{self.directive()}"
        if not is_composite_type(target):
            return head
        below = min(rows * size, 10_000)
        inner = (
            self.node_selection(depth + 1, below)
            if target.name == "Node"
            else self.selection(target.name, depth + 1, below)
        )
        made = f"{head} {inner}"
        return f"{made} {made}" if self.chance(0.03) and len(made) < 300 else made

    def node_selection(self, depth: int, rows: int) -> str:
        """On the interface: always something of the types that were asked for, as far as they are known."""
        kinds = [*dict.fromkeys(self.expected), *([self.random.choice(NODES)] if self.chance(0.2) else [])]
        parts = [f"... on {one} {self.selection(one, depth, rows)}" for one in kinds]
        if not parts or self.chance(0.4):
            parts.append(self.body("Node", depth, rows))
        return f"{{ {' '.join(parts)} }}"

    def key(self, kind: str, name: str, arguments: str, type_name: str) -> str:
        """An alias with its colon, or nothing; no key ever stands for two things."""
        meaning = f"{name}{arguments}:{type_name}"
        if self.chance(0.1):
            alias = self.random.choice(ODD_ALIASES)
            if not alias.startswith("__") and self.keys.setdefault(alias, meaning) == meaning:
                return f"{self.noted(alias, kind, type_name)}: "
        if not arguments and self.keys.setdefault(name, meaning) == meaning:
            self.noted(name, kind, type_name)
            return ""
        alias = f"k{self.number()}"
        self.keys[alias] = meaning
        return f"{self.noted(alias, kind, type_name)}: "

    def noted(self, key: str, kind: str, type_name: str) -> str:
        self.kinds[key] = f"{kind}>{type_name.strip('[]!')}"
        return key
