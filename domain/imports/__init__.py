"""Importing records from CSV and XLSX: read and checked first, then written in one short transaction or not at all.

    with await imports.read(path, actor) as staged:
        summary = await imports.write(session, actor, staged, on=now)

Whoever opened the session commits it. Files of several kinds are imported in the order of ``KINDS``.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from auth.actor import Actor
from domain.imports.problems import FileUnreadable, ImportRefused, Problem
from domain.imports.staging import Progress, Staged, kind_of, stage
from domain.imports.tables import KINDS, Kind
from domain.imports.writing import ImportOvertaken, Summary, write

__all__ = [
    "KINDS",
    "FileUnreadable",
    "ImportOvertaken",
    "ImportRefused",
    "Kind",
    "Problem",
    "Progress",
    "Staged",
    "Summary",
    "in_order",
    "kind_of",
    "read",
    "write",
]


def silent(rows: int, done: int, total: int) -> None:
    """Progress nobody watches."""
    del rows, done, total


async def read(path: Path, actor: Actor, progress: Progress = silent) -> Staged:
    """Read and check a file, in a thread; what is wrong with its rows comes out when it is written.

    Raises FileUnreadable, ImportRefused for the header, and Forbidden.
    """
    return await asyncio.to_thread(stage, path, actor, progress)


def in_order(paths: list[Path]) -> list[Path]:
    """The files in the order in which their records refer to each other."""
    return sorted(paths, key=lambda path: KINDS.index(kind_of(path)))
