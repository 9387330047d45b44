"""What files may look like: CSV of every custom, workbooks, and those that mean harm."""

import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from domain import imports
from models import (
    Contract,
    Organization,
)
from tests.domain.conftest import CONTRACTS, JOB, ORGANIZATIONS, Desk


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", ";")]
)
async def test_files_as_spreadsheets_write_them(desk: Desk, encoding: str, delimiter: str) -> None:
    rows = [ORGANIZATIONS[0], ("O1", "Größe & Söhne", "Größe", "ACTIVE"), (), ("", "", "", "")]
    await desk.take("organizations.csv", *rows, encoding=encoding, delimiter=delimiter)
    assert (await desk.one(Organization, "O1")).legal_name == "Größe & Söhne"


async def test_a_decimal_comma_belongs_to_semicolons(clients: Desk) -> None:
    rows = [(*CONTRACTS[0],), ("C9", "O1", "", "Comma", "1.2.2026", "1234,50", "")]
    await clients.take("contracts.csv", *rows, delimiter=";")
    contract = await clients.one(Contract, "C9")
    assert (contract.base_rate, contract.start_on) == (Decimal("1234.5"), date(2026, 2, 1))


async def test_signs_of_copy_and_formulas_stay_text(desk: Desk) -> None:
    strange = '=1+1\t"quoted"\\N \\.\nsecond line'
    await desk.take("organizations.csv", (*ORGANIZATIONS[0], "description"), ("O1", "A Ltd", "\\N", "", strange))
    row = await desk.one(Organization, "O1")
    assert (row.description, row.short_name) == (strange, "\\N")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "FILE_EMPTY"),
        ("\n , ,\n", "FILE_EMPTY"),
        ('external_id,legal_name,short_name\nO1,"A" Ltd,B\n', "CSV_MALFORMED"),
        ('external_id,legal_name,short_name\nO1,"' + "x" * 200_000, "CSV_MALFORMED"),
    ],
)
async def test_what_is_no_table_is_refused(desk: Desk, text: str, code: str) -> None:
    path = desk.folder / "organizations.csv"
    path.write_text(text)
    with pytest.raises(imports.FileUnreadable) as refusal:
        await desk.import_file(path)
    assert refusal.value.code == code


def _workbook(path: Path, *rows: tuple[object, ...]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


async def test_a_workbook_says_the_same_as_its_csv(clients: Desk) -> None:
    path = _workbook(
        clients.folder / "jobs.xlsx",
        JOB,
        ("J1", "S1", "C1", "Patrol", datetime(2026, 2, 1, 8, 30), "SCHEDULED", 10.5, 90),  # noqa: DTZ001
        (2, "S1", None, "Round", "2026-02-01T08:30:00+08:00", None, 1000, None),
    )
    assert (await clients.import_file(path)).created == 2
    summary = await clients.take(
        "jobs.csv",
        JOB,
        ("J1", "S1", "C1", "Patrol", "2026-02-01 08:30", "SCHEDULED", "10.50", "90"),
        ("2", "S1", "", "Round", "2026-02-01T00:30Z", "", "1000", ""),
    )
    assert (summary.created, summary.updated, summary.unchanged) == (0, 0, 2)


async def test_cells_without_a_value_of_their_own_are_told(desk: Desk) -> None:
    path = _workbook(desk.folder / "organizations.xlsx", ORGANIZATIONS[0], ("O1", "=A1&A2", "#N/A", ""))
    with pytest.raises(imports.ImportRefused) as refusal:
        await desk.import_file(path)
    assert [(one.row, one.column, one.code) for one in refusal.value.problems] == [
        (2, "legal_name", "CELL_FORMULA"),
        (2, "short_name", "CELL_ERROR"),
    ]


def _with_sheet(path: Path, *xml: bytes) -> None:
    """A workbook whose only sheet is ``xml``."""
    _workbook(path, ("x",))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            with archive.open(name, "w") as part:
                part.writelines(xml if name.startswith("xl/worksheets/") else [content])


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s<sheetData>%s</sheetData></worksheet>'


def _far_cells(path: Path) -> None:
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    _with_sheet(path, _SHEET % (b'<dimension ref="A1:XFD1048576"/>', cells))


def _zeros(path: Path) -> None:
    _with_sheet(path, *[b" " * (1 << 20)] * 700)


def _entities(path: Path) -> None:
    levels = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">%s]>' % levels
    _with_sheet(path, bomb + _SHEET % (b"", b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'))


def _rubbish(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + b"rubbish" * 100)


@pytest.mark.parametrize("hostile", [_far_cells, _zeros, _entities, _rubbish])
async def test_hostile_workbooks_are_refused_soon(desk: Desk, hostile: Callable[[Path], None]) -> None:
    path = desk.folder / "organizations.xlsx"
    hostile(path)
    began = time.process_time()
    with pytest.raises((imports.FileUnreadable, imports.ImportRefused)):
        await desk.import_file(path)
    assert time.process_time() - began < 10


async def test_a_workbook_with_several_sheets_is_unclear(desk: Desk) -> None:
    book = Workbook()
    book.create_sheet("Notes")
    book.save(desk.folder / "organizations.xlsx")
    with pytest.raises(imports.FileUnreadable) as refusal:
        await desk.import_file(desk.folder / "organizations.xlsx")
    assert refusal.value.code == "WORKBOOK_HAS_SHEETS"
