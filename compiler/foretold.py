"""What a change of access would show and hide: the rows that appear and vanish, and the guarded fields.

Of every kind one pass over the living rows asks the one predicate twice, with the grants there would be and with those
there are, and keeps the rows at which the answers differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import FieldNode
from sqlalchemy import ColumnElement, FromClause, column, literal_column, table

import models
from auth.permissions import Permission
from auth.scope import Clause, Viewpoint, covered, visible
from compiler import marks, scope
from compiler.rendered import rendered
from compiler.scope import Row
from compiler.text import NULL, Json, Sql, joined, listed, record
from compiler.trials import FACTS, judge, trial
from compiler.write import Writer, source
from models import ReportKind
from resolvers.preview import KINDS, SHOWN, Guard
from schema.access_editor import guards

_GRANTS = table("tried", *map(column, ("tenant_id", "user_id", "archived_at", "name", "organization_id", "site_id")))
_PERSON = "(select id from subject)"
APPEARS, VANISHES = "r.would and not r.does", "r.does and not r.would"


def access_preview(writer: Writer, nodes: list[FieldNode]) -> Json:
    """The preview, unless the change would be refused."""
    tables = trial(writer, writer.arguments("Query", nodes[0]))
    foretold = _Foretold(writer)
    fields = writer.selections.below("AccessPreview", nodes)
    value = record((key, foretold.field(below)) for key, below in fields.items())
    judged = writer.made(marks.Made("Query.accessPreview", judge))
    found = f"select {joined(marks.judged(judged, FACTS, value))} from subject s"
    nobody = joined(marks.judged(judged, "'null'", NULL))
    return (Sql(f"(with {', '.join([tables, *foretold.tables()])} select coalesce(({found}), {nobody}))"),)


@dataclass
class _Foretold:
    writer: Writer

    def tables(self) -> Iterator[str]:
        """By kind, the rows at which something differs; PostgreSQL reads only those that are asked for."""
        for model in KINDS:
            yield f"{_differing(model)} as materialized ({self._differences(model)})"

    def field(self, nodes: list[FieldNode]) -> Json:
        """A field of the preview."""
        made: Mapping[str, Callable[[], Json]] = {
            "__typename": lambda: ('"AccessPreview"',),
            "epoch": lambda: (Sql("s.number::text"),),
            "appears": lambda: self._rows(nodes, APPEARS),
            "vanishes": lambda: self._rows(nodes, VANISHES),
            "fields": lambda: self._fields(nodes),
        }
        return made[nodes[0].name.value]()

    def _differences(self, model: type[models.TenantRow]) -> str:
        """The rows of a model that somebody would see and does not, or sees some field of; or the other way round."""
        rights = self._rights(model)
        rows: FromClause = model.__table__.alias("t")
        said: list[str] = []
        for name, eyes in self._eyes.items():
            tests = [visible(model, rows, eyes), *(covered(Clause(right), model, rows, eyes) for right in rights)]
            names = [name, *(f"{name}_{index}" for index in range(len(rights)))]
            said += [f"coalesce({rendered(one, rows)}, false) as {as_}" for one, as_ in zip(tests, names, strict=True)]
        read = ["t.id", *(["t.kind"] if model is models.Report else [])]
        kept = [*read, "t.would", "t.does"]
        shown = [(f"t.would and t.would_{index}", f"t.does and t.does_{index}") for index in range(len(rights))]
        kept += [f"{then} as would_{index}, {now} as does_{index}" for index, (then, now) in enumerate(shown)]
        differs = " or ".join(f"({then}) <> ({now})" for then, now in (("t.would", "t.does"), *shown))
        living = source(Row(model, "t"), [f"t.tenant_id = {self.writer.parameters.tenant}", "t.archived_at is null"])
        # Without the fence every answer would be worked out anew wherever it is used.
        answers = f"select {', '.join([*read, *said])}{living} offset 0"
        return f"select {', '.join(kept)} from ({answers}) t where {differs}"

    @cached_property
    def _eyes(self) -> Mapping[str, Viewpoint]:
        """The person twice: with the grants there would be, and with those there are."""
        tenant: ColumnElement[Any] = literal_column(self.writer.parameters.tenant)
        person: ColumnElement[Any] = literal_column(_PERSON)
        then = Viewpoint(tenant, person, grants=_GRANTS)
        return {"would": then, "does": Viewpoint(tenant, person)}

    @staticmethod
    def _rights(model: type[models.TenantRow]) -> list[Permission]:
        """The rights the guarded fields of a model take."""
        return list(dict.fromkeys(one.permission for one in guards() if one.model is model))

    def _rows(self, nodes: list[FieldNode], which: str) -> Json:
        """Those kinds of which there are any."""
        fields = self.writer.selections.below("AccessDifference", nodes)
        kinds = [
            (model, kind) for model in KINDS for kind in (tuple(ReportKind) if model is models.Report else (None,))
        ]
        made = [self._difference(fields, model, kind, which) for model, kind in kinds]
        return "[", Sql(f"concat_ws(',', {', '.join(made)})"), "]"

    def _difference(
        self,
        fields: Mapping[str, list[FieldNode]],
        model: type[models.TenantRow],
        kind: ReportKind | None,
        which: str,
    ) -> str:
        of_kind = "" if kind is None else f" and r.kind = '{kind.value}'"
        rows = f" from {_differing(model)} r where {which}{of_kind}"
        parts: Mapping[str, Callable[[list[FieldNode]], Json]] = {
            "__typename": lambda _: ('"AccessDifference"',),
            "type": lambda _: (f'"{model.__name__}"',),
            "reportKind": lambda _: (f'"{kind.name}"',) if kind else NULL,
            "count": lambda _: (Sql("c.n::text"),),
            "nodes": lambda below: self._nodes(model, f"select r.id{rows} order by r.id limit {SHOWN}", below),
        }
        value = record((key, parts[below[0].name.value](below)) for key, below in fields.items())
        return f"(select {joined(value)} from (select count(*) as n{rows}) c where c.n > 0)"

    def _nodes(self, model: type[models.TenantRow], ids: str, nodes: list[FieldNode]) -> Json:
        """Those of the first rows that the viewer sees as well."""
        predicate, row = self.writer.visible(Row(model, self.writer.alias("n")))
        if predicate == scope.FALSE:
            return ("[]",)
        conditions = [f"{row.alias}.tenant_id = {self.writer.parameters.tenant}", f"{row.alias}.id in ({ids})"]
        fields = self.writer.selections.below(model.__name__, nodes)
        rows = source(row, [*conditions, predicate])
        return listed(self.writer.record(model.__name__, row, fields), rows, f" order by {row.alias}.id")

    def _fields(self, nodes: list[FieldNode]) -> Json:
        """Those guarded fields that would be shown, or shown no more, at any row."""
        fields = self.writer.selections.below("FieldDifference", nodes)
        return "[", Sql(f"concat_ws(',', {', '.join(self._guard(fields, one) for one in guards())})"), "]"

    def _guard(self, fields: Mapping[str, Sequence[FieldNode]], one: Guard) -> str:
        then, now = (f"r.{name}_{self._rights(one.model).index(one.permission)}" for name in self._eyes)
        parts: Mapping[str, Json] = {
            "__typename": ('"FieldDifference"',),
            "type": (f'"{one.type}"',),
            "field": (f'"{one.field}"',),
            "permission": (f'"{one.permission.name}"',),
            "gained": (Sql("c.gained::text"),),
            "lost": (Sql("c.lost::text"),),
        }
        value = record((key, parts[below[0].name.value]) for key, below in fields.items())
        counts = [
            f"count(*) filter (where {more} and not {less}) as {name}"
            for name, more, less in (("gained", then, now), ("lost", now, then))
        ]
        counted = f"select {', '.join(counts)} from {_differing(one.model)} r"
        return f"(select {joined(value)} from ({counted}) c where c.gained > 0 or c.lost > 0)"


def _differing(model: type[models.TenantRow]) -> str:
    return f"{model.__tablename__}_differing"
