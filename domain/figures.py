"""Figures of a report: a title, a unit and some labelled values, few enough to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain import values
from domain.refusals import Invalid

MOST_FIGURES, MOST_POINTS = 12, 60
_title, _label, _unit = values.text(1, 120), values.text(1, 60), values.optional(values.text(1, 20))


def figures(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The figures as they are kept: numbers are text, exactly as they were given."""
    return [_figure(one) for one in _few(given, MOST_FIGURES)]


def _figure(given: Mapping[str, Any]) -> dict[str, Any]:
    points = [_point(one) for one in _few(given["points"], MOST_POINTS)]
    if not points:
        raise Invalid("A figure has at least one value.", code="REQUIRED")
    return {"title": _title(given["title"]), "unit": _unit(given.get("unit")), "points": points}


def _point(given: Mapping[str, Any]) -> dict[str, str]:
    value: Decimal = given["value"]
    return {"label": _label(given["label"]), "value": f"{value:f}"}


def _few(given: Sequence[Any], most: int) -> Sequence[Any]:
    if len(given) > most:
        raise Invalid(f"There may be {most} at most.", code="OUT_OF_RANGE")
    return given
