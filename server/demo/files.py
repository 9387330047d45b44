"""The demo's records as files, since they come in as a client's would: by import."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from server.demo.company import Record, Records


def written(records: Records, folder: Path) -> list[Path]:
    """Write one file for each kind of record, most as CSV and the contracts as XLSX, and return their paths."""
    paths: list[Path] = []
    for kind, rows in vars(records).items():
        path = folder / f"{kind}.{'xlsx' if kind == 'contracts' else 'csv'}"
        write = write_workbook if path.suffix == ".xlsx" else write_csv
        write(path, rows)
        paths.append(path)
    return paths


def write_csv(path: Path, rows: list[Record]) -> None:
    """Comma-separated, in UTF-8."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _shown(value) for name, value in row.items()} for row in rows)


def write_workbook(path: Path, rows: list[Record]) -> None:
    """A workbook of one sheet; dates are cells of dates."""
    book = Workbook(write_only=True)
    sheet = cast("Worksheet", book.create_sheet("Records"))
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
