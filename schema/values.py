"""Small values of the graph that are no rows: money and ranges."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry.types.unset import UNSET

from models import JobStatus
from resolvers.relations import Range
from schema.fields import NAMESPACE, plain_field
from schema.graph import graph_type

graph_type(
    "Money",
    {
        "amount": plain_field("Decimal", lambda pair: pair[0]),
        "currency_code": plain_field("str", lambda pair: pair[1], "ISO 4217."),
    },
    "An amount in a currency.",
)


def _range(start: object, end: object) -> Range:
    return Range(None if start is UNSET else start, None if end is UNSET else end)


@strawberry.input(description="From `since` (included) to `before` (excluded); either may be left open.")
class InstantRange:
    since: datetime | None = UNSET
    before: datetime | None = UNSET

    def plain(self) -> Range:
        """The range as plain data."""
        return _range(self.since, self.before)


@strawberry.input(description="From `since` (included) to `before` (excluded); either may be left open.")
class DateRange:
    since: date | None = UNSET
    before: date | None = UNSET

    def plain(self) -> Range:
        """The range as plain data."""
        return _range(self.since, self.before)


@strawberry.input(description="From `since` (included) to `before` (excluded); either may be left open.")
class DecimalRange:
    since: Decimal | None = UNSET
    before: Decimal | None = UNSET

    def plain(self) -> Range:
        """The range as plain data."""
        return _range(self.since, self.before)


graph_type(
    "FigurePoint",
    {
        "label": plain_field("str", lambda point: point["label"]),
        "value": plain_field("Decimal", lambda point: Decimal(point["value"])),
    },
    "One value of a figure.",
)
graph_type(
    "Figure",
    {
        "title": plain_field("str", lambda figure: figure["title"]),
        "unit": plain_field("str | None", lambda figure: figure["unit"], "Such as h, % or EUR."),
        "points": plain_field("list[FigurePoint]", lambda figure: figure["points"], "In the order they are drawn."),
    },
    "Some values that belong together, to be drawn.",
)
graph_type(
    "TimelineEntry",
    {
        "status": plain_field("JobStatus", lambda entry: JobStatus(entry["status"])),
        "at": plain_field("datetime", lambda entry: datetime.fromisoformat(entry["at"])),
    },
    "A state a job has come to, and when.",
)


@strawberry.input(description="One value of a figure.")
class FigurePointInput:
    label: str
    value: Decimal


@strawberry.input(description="Some values that belong together, at most 60; a report has at most 12 figures.")
class FigureInput:
    title: str
    points: list[FigurePointInput]
    unit: str | None = UNSET


NAMESPACE.update(FigureInput=FigureInput)
NAMESPACE.update(InstantRange=InstantRange, DateRange=DateRange, DecimalRange=DecimalRange)
