"""What random documents are given: arguments and variables of every kind, most of them of rows that can be seen."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

import models
from auth.actor import Actor, Granted
from auth.scope import VISIBILITY, Own, viewing_permissions
from models import Place
from resolvers.cursors import Seal
from resolvers.ids import PREFIXES, encode
from resolvers.relations import Relation
from schema.declaration import TYPES, ConnectionTo
from schema.queries import ROOT_LISTS
from schema.scalars import format_instant
from tests.compiler.arena import SECRET
from tests.compiler.company import DATES, INSTANTS, WORDS, Company, Viewer
from tests.compiler.literals import Raw, camel, holds_variables, literal, plain, stored
from tests.compiler.rooms import ROOMS, arguments


@dataclass
class Pool:
    """Who asks, and what there is to ask for."""

    seed: int
    companies: tuple[Company, ...]
    viewers: list[Viewer]
    cursors: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    """Harvested from answers, by viewer, relation and order."""

    def company_of(self, viewer: Viewer) -> Company:
        return next(one for one in self.companies if viewer in one.viewers)

    def seen(self, viewer: Viewer, model: type[models.Base]) -> list[dict[str, Any]]:
        """The rows at whose place the viewer holds a right that may show them: where asking is worth while."""
        key = (viewer.name, model)
        if key not in self._seen:
            company = self.company_of(viewer)
            self._seen[key] = [
                row for row in company.rows.get(model, ()) if _may_see(_actor(company, viewer), model, row)
            ]
        return self._seen[key]

    @cached_property
    def _seen(self) -> dict[tuple[str, type[models.Base]], list[dict[str, Any]]]:
        return {}

    @cached_property
    def rota(self) -> list[Viewer]:
        """Who sees next to nothing asks less often."""
        return [one for one in self.viewers for _ in range(1 if len(self.seen(one, models.Organization)) == 0 else 4)]


def _actor(company: Company, viewer: Viewer) -> Actor:
    live = [
        one for one in company.rows[models.Grant] if one["user_id"] == viewer.user_id and one["archived_at"] is None
    ]
    if viewer.scopes is not None:
        live = [one for one in live if one["name"] in viewer.scopes]
    places = [(one["name"], Place(company.tenant_id, one["organization_id"], one["site_id"])) for one in live]
    granted = tuple(Granted(name, place) for name, place in places)
    return Actor(company.tenant_id, viewer.user_id, models.UserKind.STAFF, viewer.name, "", 1, granted)


def _may_see(actor: Actor, model: Any, row: Mapping[str, Any]) -> bool:
    place = Place(row["tenant_id"], row.get("organization_id"), row.get("site_id"))
    if model is models.Organization:
        place = Place(row["tenant_id"], row["id"])
    if model is models.Site:
        place = Place(row["tenant_id"], row["organization_id"], row["id"])
    rights = viewing_permissions(model)
    if any(isinstance(one, Own) and row[one.column] == actor.user_id for one in VISIBILITY[model]):
        return True
    if model is models.Organization:
        return any(place.covers(one) or one.covers(place) for right in rights for one in actor.places.get(right, ()))
    return any(actor.holds(right, place) for right in rights)


@dataclass
class Givens:
    """The arguments and variables of one document."""

    made_by: Pool
    random: random.Random
    viewer: Viewer
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    count: int = 0
    expected: list[str] = field(default_factory=list)
    """The types the ids given last are of."""

    @cached_property
    def company(self) -> Company:
        return self.made_by.company_of(self.viewer)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def number(self) -> int:
        self.count += 1
        return self.count

    def arguments(self, kind: str, name: str, definition: GraphQLField) -> tuple[str, int]:
        """The arguments of a field as text, and how many rows it may give for each parent."""
        if kind == "Query" and name in ("node", "nodes"):
            return self.by_id(name)
        if kind == "Query" and name in ROOMS:
            said, size = arguments(self, name)
            return ("" if said == "()" else said), size
        if "first" not in definition.args:
            return "", 1
        relation = self.relation(kind, name)
        given, size = self.page(relation, definition)
        order: Any = definition.args["order"].type
        if self.chance(0.15):
            given["archived"] = self.maybe_variable(
                "Archived!", Raw(self.random.choice(("INCLUDE", "ONLY", "EXCLUDE")))
            )
        kind_of_filter: Any = definition.args["filter"].type
        if self.chance(0.3):
            given["filter"] = self.filter(kind_of_filter)
        if "order" not in given and self.chance(0.02):
            given["order"] = self.variable(str(order)[:-1], self.random.choice((None, ...)))
        pairs = list(given.items())
        self.random.shuffle(pairs)
        said = ", ".join(f"{key}: {literal(value)}" for key, value in pairs)
        return (f"({said})" if said else ""), size

    def relation(self, kind: str, name: str) -> Relation:
        if kind == "Query":
            return ROOT_LISTS[name].relation
        source = next(one.source for key, one in TYPES[kind].fields.items() if camel(key) == name)
        assert isinstance(source, ConnectionTo)
        return source.relation

    def page(self, relation: Relation, definition: GraphQLField) -> tuple[dict[str, Any], int]:
        order_type: Any = get_nullable_type(definition.args["order"].type)
        assert isinstance(order_type, GraphQLEnumType)
        order = relation.default_order
        given: dict[str, Any] = {}
        if self.chance(0.5):
            order = self.random.choice([name for name in order_type.values if "RATE" not in name or self.chance(0.5)])
            given["order"] = self.maybe_variable(f"{order_type.name}!", Raw(order))
        size = self.random.choice((1, 2, 3, 4, 5, 20))
        if self.chance(0.01):
            size = self.random.choice((0, -1, 101, 100))
        end = "last" if self.chance(0.3) else "first"
        if self.chance(0.995):
            given[end] = self.maybe_variable("Int", size)
        if self.chance(0.01):
            given.setdefault("first", 3)
        for name in ("after", "before"):
            if self.chance(0.16):
                given[name] = self.maybe_variable("String", self.cursor(relation, order))
        return given, max(1, size)

    def cursor(self, relation: Relation, order: str) -> str | None:
        """Of a row of the list, whoever may see it; a harvested one; now and then one that is none."""
        if self.chance(0.03):
            return self.random.choice(("", "x", "A" * 44, "é", "====", self.foreign_cursor(relation, order)))
        if self.chance(0.1):
            return None
        known = self.made_by.cursors.get((self.viewer.name, relation.key(), order))
        if known and self.chance(0.5):
            return self.random.choice(known)
        return self.sealed(self.viewer, relation, order)

    def foreign_cursor(self, relation: Relation, order: str) -> str:
        other = self.random.choice(self.made_by.viewers)
        return self.sealed(other, relation, order)

    def sealed(self, viewer: Viewer, relation: Relation, order: str) -> str:
        row = self.random.choice(self.company.rows.get(relation.model) or self.company.rows[models.Job])
        seal = Seal.derive(SECRET, viewer.user_id, relation.key(), order)
        by = relation.orders[order]
        value = row.get(by.column.key)
        return seal.write(by.absent if value is None else stored(by.column, value), row["id"])

    def filter(self, kind: GraphQLInputObjectType) -> Any:
        if self.chance(0.05):
            return None
        members: dict[str, Any] = {}
        share = max(0.25, 1 / len(kind.fields))
        for name, one in kind.fields.items():
            if self.chance(share) and (name not in ("baseRate", "cost") or self.chance(0.3)):
                members[name] = self.value(one.type, name)
        if self.chance(0.25):
            return self.variable(kind.name, members)
        return {name: self.maybe_variable(str(kind.fields[name].type), one) for name, one in members.items()}

    def value(self, kind: Any, name: str) -> Any:
        """A value of a member of a filter."""
        if self.chance(0.06):
            return None
        if is_list_type(kind):
            item: Any = get_named_type(kind)
            members = [Raw(one) for one in item.values] if isinstance(item, GraphQLEnumType) else self.texts(name)
            chosen = self.random.sample(members, self.random.randrange(min(4, len(members) + 1)))
            return chosen[0] if len(chosen) == 1 and self.chance(0.3) else chosen
        if isinstance(kind, GraphQLInputObjectType):
            ends = ("since", "before")
            return {end: self.scalar(kind.fields[end].type) for end in ends if self.chance(0.7)}
        return self.scalar(kind)

    def texts(self, name: str) -> list[str]:
        return ["DE", "FR", "JP", "xx"] if name == "country" else ["portal_viewer", "reports", "administrator", "é"]

    def scalar(self, kind: Any) -> Any:
        if self.chance(0.1):
            return None
        name = get_named_type(kind).name
        if name == "Boolean":
            return self.chance(0.5)
        if name == "DateTime":
            chosen = self.random.choice((*INSTANTS, *(one["created_at"] for one in self.company.rows[models.Job])))
            return format_instant(chosen)
        if name == "Date":
            return self.random.choice(DATES).isoformat()
        if name == "Decimal":
            return self.random.choice(
                ("0", "30", "12.5", "0.0001", "999999999999.99", "-1", "123456789012345678.123456")
            )
        word = self.random.choice((*WORDS, "", "a", "E", "%", "_", "/", "1"))
        start = self.random.randrange(len(word) + 1)
        return word[start : start + self.random.choice((1, 1, 2, 5))]

    def by_id(self, name: str) -> tuple[str, int]:
        if name == "nodes":
            ids = [self.id() for _ in range(self.random.choice((0, 1, 2, 3, 5)))]
            ids += self.random.sample(ids, 1) if ids and self.chance(0.2) else []
            self.expected = [kind for kind, _ in ids if kind]
            plain_ids = [one for _, one in ids]
            if self.chance(0.4):
                return f"(ids: {self.variable('[ID!]!', plain_ids)})", max(1, len(ids))
            return f"(ids: {literal([self.maybe_variable('ID!', one) for one in plain_ids])})", max(1, len(ids))
        kind, one = self.id()
        self.expected = [kind] if kind else []
        return f"(id: {literal(self.maybe_variable('ID!', one))})", 1

    def id(self) -> tuple[str | None, str]:
        """An id, and the type of the node it names if it names one of this company."""
        chance = self.random.random()
        worth = [model for model in PREFIXES if model is not models.Tenant and self.made_by.seen(self.viewer, model)]
        there = [model for model in PREFIXES if model is models.Tenant or model in self.company.rows]
        model = self.random.choice(worth if worth and self.chance(0.9) else there)
        kind = next(one.name for one in TYPES.values() if one.is_node and one.model is model)
        if chance < 0.8:
            if model is models.Tenant:
                return kind, encode(model, self.company.tenant_id)
            rows = self.made_by.seen(self.viewer, model) if self.chance(0.85) else []
            return kind, encode(model, self.random.choice(rows or self.company.rows[model])["id"])
        if chance < 0.86:
            other = next(one for one in self.made_by.companies if one is not self.company)
            return kind, encode(model, other.tenant_id if model is models.Tenant else other.rows[model][0]["id"])
        key = uuid.UUID(int=self.random.getrandbits(128))
        odd = (
            encode(model, key), "", "job_", f"JOB_{key.hex}", f"job_{key.hex.upper()}", f"org_{'z' * 32}", "viewer_1",
            f"xyz_{key.hex}", f"{PREFIXES[model]}_{key}", f"sit_{self.company.rows[models.Job][0]['id'].hex}",
        )  # fmt: skip
        return None, self.random.choice(odd)

    def maybe_variable(self, kind: str, value: Any) -> Any:
        if self.chance(0.25) and not holds_variables(value) and (value is not None or not kind.endswith("!")):
            return self.variable(kind, value)
        return value

    def variable(self, kind: str, value: Any) -> Raw:
        """A new variable that has this value: given, or by its default; ``...`` is one that is left out."""
        name = f"v{self.number()}"
        default = ""
        if value is ...:
            self.declared.append(f"${name}: {kind}")
            return Raw(f"${name}")
        if self.chance(0.3):
            default = f" = {literal(value)}" if not (value is None and kind.endswith("!")) else ""
        if not default or self.chance(0.5):
            self.variables[name] = plain(value)
        self.declared.append(f"${name}: {kind}{default}")
        return Raw(f"${name}")
