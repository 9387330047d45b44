"""A report as a file: a page to print, a table of its figures, or all of it for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Any

import orjson

from resolvers.record import Record
from schema.scalars import format_instant

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:#555}dd{margin:0}
table{border-collapse:collapse;margin:1rem 0;width:100%}caption{text-align:left;font-weight:600}
td,th{border-bottom:1px solid #ccc;padding:.25rem .5rem;text-align:left}td:last-child{text-align:right}"""


@dataclass(frozen=True)
class Paper:
    """What of a report is put into files: nothing but what everybody sees who sees the report."""

    report: Record
    site: Record | None
    organization: Record | None

    def facts(self) -> dict[str, str]:
        """What the report is about, by name."""
        row = self.report.row
        found = {
            "kind": str(row.kind),
            "client": self.organization.row.short_name if self.organization else "",
            "site": self.site.row.name if self.site else "",
            "from": row.period_start.isoformat(),
            "to": row.period_end.isoformat(),
            "published": format_instant(row.published_at) if row.published_at else "",
        }
        return {name: value for name, value in found.items() if value}


def as_json(paper: Paper) -> bytes:
    """Everything, with numbers as text so that none is rounded."""
    row = paper.report.row
    told = {name: getattr(row, name) for name in ("title", "summary", "body", "figures")}
    return orjson.dumps({"id": paper.report.node_id, **paper.facts(), **told}, option=orjson.OPT_INDENT_2)


def as_csv(paper: Paper) -> bytes:
    """One row a value of a figure, for spreadsheets; a byte order mark tells them that it is UTF-8."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["figure", "label", "value", "unit"])
    for figure in paper.report.row.figures:
        for point in figure["points"]:
            cells = (figure["title"], point["label"], figure["unit"] or "")
            title, label, unit = (_harmless(one) for one in cells)
            table.writerow([title, label, point["value"], unit])
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def as_html(paper: Paper) -> bytes:
    """A page that stands alone, to be read and printed."""
    row = paper.report.row
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in paper.facts().items())
    prose = "".join(f"<p>{escape(one)}</p>" for text in (row.summary, row.body) for one in _paragraphs(text))
    title = escape(row.title)
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"</head><body><h1>{title}</h1><dl>{facts}</dl>{prose}{''.join(map(_table, row.figures))}</body></html>"
    )
    return page.encode()


def _paragraphs(text: str | None) -> list[str]:
    return [one for one in (text or "").split("\n\n") if one.strip()]


def _table(figure: Mapping[str, Any]) -> str:
    unit = f" ({escape(figure['unit'])})" if figure["unit"] else ""
    rows = "".join(
        f'<tr><th scope="row">{escape(point["label"])}</th><td>{escape(point["value"])}</td></tr>'
        for point in figure["points"]
    )
    return f"<table><caption>{escape(figure['title'])}{unit}</caption><tbody>{rows}</tbody></table>"


@dataclass(frozen=True)
class Format:
    """One kind of file: its media type, and how it is made."""

    media_type: bytes
    make: Callable[[Paper], bytes]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "html": Format(b"text/html; charset=utf-8", as_html),
        "csv": Format(b"text/csv; charset=utf-8", as_csv),
        "json": Format(b"application/json; charset=utf-8", as_json),
    }
)
"""By the ending of the file's name."""
