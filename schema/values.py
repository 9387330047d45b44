"""Small values of the graph that are no rows: money and ranges."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry
from strawberry.types.unset import UNSET

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


NAMESPACE.update(InstantRange=InstantRange, DateRange=DateRange, DecimalRange=DecimalRange)
