"""The rows of a file as lists of text, one by one: CSV of any custom, or a workbook read by a child process."""

from __future__ import annotations

import codecs
import csv
import io
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from domain.imports.problems import FileUnreadable

LONGEST_CELL = 128 * 1024
LARGEST_WORKBOOK = 64 << 20
LARGEST_TEXT = 2 << 30
_CHUNK = 1 << 20
_DELIMITERS = ",;\t|"
_CHILD = Path(__file__).with_name("sheet.py")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Source:
    """An open file. ``position`` tells how many of its ``size`` bytes were read."""

    rows: Iterator[list[str]]
    delimiter: str
    size: int
    position: Callable[[], int]


@contextmanager
def opened(path: Path) -> Generator[Source]:
    """Open ``path``; what it is, its first bytes say."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if start == b"PK\x03\x04":
                with _workbook(path) as source:
                    yield source
            elif start == b"\xd0\xcf\x11\xe0":
                raise FileUnreadable("Save the workbook as XLSX or CSV; XLS is not read.", code="FORMAT_UNKNOWN")
            else:
                yield _text(file, path.stat().st_size)
    except OSError as error:
        raise FileUnreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    except csv.Error as error:
        raise FileUnreadable(f"{path.name} is no well-formed CSV: {error}.", code="CSV_MALFORMED") from error


def _text(file: BinaryIO, size: int) -> Source:
    if size > LARGEST_TEXT:
        raise FileUnreadable("Split the file: this is more than 2 GiB.", code="FILE_TOO_LARGE")
    text = io.TextIOWrapper(file, _encoding(file), newline="")
    delimiter = _delimiter(text.readline(LONGEST_CELL))
    text.seek(0)
    csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    return Source(rows, delimiter, size, lambda: file.tell() if not file.closed else size)


def _encoding(file: BinaryIO) -> str:
    """UTF-8 or UTF-16 if the file says so, UTF-8 if all of it can be read so, else what Windows wrote in the West."""
    start = file.read(4)
    file.seek(0)
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _western(file)
    finally:
        file.seek(0)
    return "utf-8"


def _western(file: BinaryIO) -> str:
    """Windows-1252, unless the file has one of the five bytes that mean nothing in it."""
    file.seek(0)
    meaningless = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
    while chunk := file.read(_CHUNK):
        if len(chunk.translate(None, meaningless)) < len(chunk):
            return "latin-1"
    return "cp1252"


def _delimiter(header: str) -> str:
    """The one that cuts the header into most names."""
    return max(_DELIMITERS, key=lambda one: len(next(csv.reader([header], delimiter=one), list[str]())))


@contextmanager
def _workbook(path: Path) -> Generator[Source]:
    size = path.stat().st_size
    if size > LARGEST_WORKBOOK:
        raise FileUnreadable("Save the workbook as CSV: this is more than 64 MiB.", code="WORKBOOK_TOO_LARGE")
    command: Sequence[str] = [sys.executable, "-I", str(_CHILD), str(path.absolute())]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            yield Source(_rows_of(child), ",", size, lambda: size if child.poll() is not None else 0)
        finally:
            child.kill()


def _rows_of(child: subprocess.Popen[bytes]) -> Iterator[list[str]]:
    if child.stdout is None or child.stderr is None:
        raise AssertionError("the pipes were asked for")
    csv.field_size_limit(LONGEST_CELL)
    with io.TextIOWrapper(child.stdout, "utf-8", newline="") as text:
        yield from csv.reader(text, strict=True)
    said = child.stderr.read(65_536).decode(errors="replace")
    if child.wait() == 0:
        return
    code, _, message = said.partition("\t")
    if child.returncode != 3:
        code, message = "WORKBOOK_UNREADABLE", "It is damaged, protected, or asks for more memory than it may have."
    raise FileUnreadable(f"The workbook cannot be read. {message}", code=code)
