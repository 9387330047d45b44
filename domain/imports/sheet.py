"""Reads one workbook in a process of its own and writes its rows as CSV to standard output.

A few kilobytes of XLSX can ask for gigabytes, so the process limits itself before it looks at the file: memory, time,
and bytes that come out of the archive. It is started by path, isolated, and imports nothing of the project. When it
refuses, it says a code and a sentence on standard error.
"""

from __future__ import annotations

import csv
import datetime
import re
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

MEMORY = 1 << 30
SECONDS = 120
MOST_UNPACKED = 640 << 20
MOST_ENTRIES = 1_000
MOST_FAULTY = 1_000
CHUNK = 1 << 20

# Instead of a cell that shows an error or was never computed; such cells would otherwise look empty.
CELL_ERROR, NOT_COMPUTED = "\0error", "\0formula"

_FAULTY = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?:'
    rb'[^>]*?\bt="(e)"'
    rb'|(?![^>]*\bt="str")[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>)'
)


class WorkbookRefused(Exception):
    """The workbook asks for too much, or is none."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}\t{message}")


def limit() -> None:
    """Give this process bounds; where the system has none to give, the checks of the archive stand alone."""
    try:
        import resource  # noqa: PLC0415  (does not exist everywhere)
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


Faulty = dict[int, dict[int, str]]
"""By row and column, both counted as the rows are read: rows from 1, columns from 0."""


def inspect(path: str) -> Faulty:
    """Unpack everything once, counting, and return the cells that hold no value of their own."""
    faulty: Faulty = {}
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise WorkbookRefused("WORKBOOK_TOO_LARGE", "It unpacks to more than a list of records can need.")
        unpacked = 0
        for entry in entries:
            for part in _parts(archive, entry):
                unpacked += len(part)
                if unpacked > MOST_UNPACKED:
                    raise WorkbookRefused("WORKBOOK_TOO_LARGE", "It unpacks to more than it says.")
                _note(part, faulty)
    return faulty


def _parts(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry in parts that end after a cell, as far as there are cells."""
    rest = b""
    with archive.open(entry) as file:
        while chunk := file.read(CHUNK):
            cut = chunk.rfind(b"</c>") + 4
            if cut < 4:
                yield rest
                rest = chunk
                continue
            yield rest + chunk[:cut]
            rest = chunk[cut:]
    yield rest


def _note(part: bytes, faulty: Faulty) -> None:
    if b'"e"' not in part and b"<f" not in part:
        return
    for match in _FAULTY.finditer(part):
        if len(faulty) < MOST_FAULTY:
            mark = CELL_ERROR if match[3] else NOT_COMPUTED
            faulty.setdefault(int(match[2]), {})[_number(match[1])] = mark


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def shown(cell: Any) -> str:
    """A cell as it would stand in a CSV file."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat() if isinstance(cell, (datetime.date, datetime.time)) else str(cell)


def rows(path: str) -> Iterator[list[str]]:
    """The rows of the only visible sheet, from row 1 on."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # noqa: PLC0415  (after the limits are set)

    faulty = inspect(path)
    with CalamineWorkbook.from_path(path) as book:  # pyright: ignore[reportUnknownMemberType]
        names = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        if len(names) != 1:
            raise WorkbookRefused("WORKBOOK_HAS_SHEETS", f"One visible sheet is expected, there are {len(names)}.")
        sheet = book.get_sheet_by_name(names[0])
        indent = [""] * (sheet.start[1] if sheet.start else 0)
        for number, cells in enumerate(sheet.iter_rows(), 1):
            yield _marked([*indent, *map(shown, cells)], faulty.get(number, {}))


def _marked(cells: list[str], faulty: dict[int, str]) -> list[str]:
    for column, mark in faulty.items():
        cells += [""] * (column + 1 - len(cells))
        cells[column] = mark
    return cells


def main() -> int:
    """Write the rows; 3 is the exit code of a refusal, anything else unexpected is a fault of the file too."""
    limit()
    try:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        csv.writer(sys.stdout).writerows(rows(sys.argv[1]))
        sys.stdout.flush()
    except WorkbookRefused as refusal:
        sys.stderr.write(str(refusal))
        return 3
    except MemoryError:
        sys.stderr.write("WORKBOOK_TOO_LARGE\tThe workbook needs more memory than it may have.")
        return 3
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
