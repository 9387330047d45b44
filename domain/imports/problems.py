"""What is wrong with a file: where it stands, under which code, and what was written there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.refusals import Refused

MOST = 1_000
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. ``row`` counts as a spreadsheet does (the header is 1); both are None for the file as a whole."""

    code: str
    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        row = f"row {self.row}" if self.row else None
        where = ", ".join(part for part in (row, self.column) if part)
        given = f" ({self.value!r})" if self.value else ""
        return f"{where}: {self.code}: {self.message}{given}" if where else f"{self.code}: {self.message}{given}"


class ImportRefused(Refused):
    """The file was not imported, and nothing of it was written."""

    code = "IMPORT_REFUSED"

    def __init__(self, file: str, problems: list[Problem]) -> None:
        many = f"{len(problems)} or more problems" if len(problems) >= MOST else f"{len(problems)} problem(s)"
        super().__init__(f"{file} was not imported: {many}, the first at {problems[0]}")
        self.file = file
        self.problems = problems


class FileUnreadable(Refused):
    """The file as a whole cannot be read; ``code`` says why."""

    code = "FILE_UNREADABLE"


class Problems:
    """Collects problems until there are so many that nobody reads on."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._found, key=lambda one: one.row or 0))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def room(self) -> int:
        """How many more are wanted."""
        return max(0, MOST - len(self._found))

    def add(
        self, code: str, message: str, *, row: int | None = None, column: str | None = None, value: str | None = None
    ) -> None:
        """Note one problem, with the beginning of the value it is about."""
        if self.room:
            self._found.append(Problem(code, message, row, column, value[:_SHOWN] if value else None))
