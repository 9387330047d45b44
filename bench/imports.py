"""How fast job rows come in, and how much memory that takes: in a fresh process, on a database of its own."""

from __future__ import annotations

import asyncio
import csv
import json
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from auth.actor import system_actor
from domain import imports
from models import Tenant
from models.database import application_engine, writing
from server import migrate
from server.postgres import EmbeddedPostgres

ROWS, QUICK_ROWS = 100_000, 20_000
ORGANIZATIONS, SITES = 60, 300
_START = datetime(2026, 1, 1, 8, tzinfo=UTC)
Table = tuple[Sequence[str], Iterator[Sequence[object]]]


async def run(quick: bool) -> dict[str, Any]:
    """Rows per second and peak memory of CSV (first and second time) and of XLSX."""
    rows = QUICK_ROWS if quick else ROWS
    with tempfile.TemporaryDirectory(prefix="portico-bench-") as folder:
        files = written(Path(folder), rows)
        with EmbeddedPostgres(Path(folder) / "home") as server:
            migrate.upgrade(server.url)
            measured = {
                "csv": await _measured(server.url, files, "jobs.csv", "jobs.csv"),
                "xlsx": await _measured(server.url, files, "jobs.xlsx"),
            }
    return {"rows": rows, "limit_mb": 256, **measured}


async def _measured(url: str, folder: Path, *names: str) -> dict[str, Any]:
    """What a fresh process measures: it has loaded nothing but what an import needs."""
    command = [sys.executable, "-m", "bench.imports", url, str(folder), *names]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError("the measuring process failed")
    return json.loads(said)


def written(folder: Path, rows: int) -> Path:
    """Files of clients, and of so many jobs for them; PostgreSQL's account may pass through the folder."""
    folder.chmod(0o711)
    for name, (head, lines) in _tables(rows).items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            writer.writerows(lines)
    head, lines = _jobs(rows)
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Jobs")
    sheet.append(list(head))
    for line in lines:
        sheet.append(list(line))
    book.save(folder / "jobs.xlsx")
    return folder


def _tables(rows: int) -> dict[str, Table]:
    organizations = ((f"O{n}", f"Client {n} Ltd", f"Client {n}", "ACTIVE") for n in range(ORGANIZATIONS))
    sites = ((f"S{n}", f"O{n % ORGANIZATIONS}", f"Site {n}", "Europe/London") for n in range(SITES))
    contracts = ((f"C{n}", f"O{n}", "Framework", "2025-01-01", "ACTIVE") for n in range(ORGANIZATIONS))
    return {
        "organizations": (("external_id", "legal_name", "short_name", "status"), organizations),
        "sites": (("external_id", "organization", "name", "time_zone"), sites),
        "contracts": (("external_id", "organization", "title", "start_on", "status"), contracts),
        "jobs": _jobs(rows),
    }


def _jobs(rows: int) -> Table:
    head = (
        *("external_id", "site", "contract", "reference", "title", "description", "priority", "scheduled_at"),
        *("duration_minutes", "currency", "cost", "status"),
    )
    lines = (
        (
            *(f"J{n}", f"S{n % SITES}", f"C{n % ORGANIZATIONS}", f"WO-{n}", f"Night patrol {n}"),
            *("Walk the perimeter and all floors; test doors, windows and alarms.", ("LOW", "NORMAL", "HIGH")[n % 3]),
            *((_START + timedelta(minutes=7 * n)).isoformat(), 60 + n % 480, "GBP", f"{n % 1000}.50"),
            ("COMPLETED", "SCHEDULED")[n % 2],
        )
        for n in range(rows)
    )
    return head, lines


async def _measure(url: str, folder: Path, names: Sequence[str]) -> dict[str, Any]:
    engine = application_engine(url)
    tenant = uuid.uuid4()
    async with writing(engine, tenant) as session:
        session.add(Tenant(id=tenant, slug=f"bench-{tenant.hex}", name="Bench"))
        await session.commit()
    for name in ("organizations.csv", "sites.csv", "contracts.csv"):
        await _timed(engine, tenant, folder / name)
    runs = [await _timed(engine, tenant, folder / name) for name in names]
    await engine.dispose()
    return {"runs": runs, "peak_mb": _peak(resource.RUSAGE_SELF), "reader_peak_mb": _peak(resource.RUSAGE_CHILDREN)}


async def _timed(engine: Any, tenant: uuid.UUID, path: Path) -> dict[str, Any]:
    began = time.perf_counter()
    with await imports.read(path, system_actor(tenant)) as staged:
        read = time.perf_counter()
        async with writing(engine, tenant) as session:
            summary = await imports.write(session, system_actor(tenant), staged, on=datetime.now(UTC))
            await session.commit()
        seconds = time.perf_counter() - began
        return {
            "created": summary.created,
            "unchanged": summary.unchanged,
            "rows_per_second": round(staged.rows / seconds),
            "seconds_reading": round(read - began, 2),
            "seconds_writing": round(seconds - (read - began), 2),
        }


def _peak(who: int) -> float:
    """The most memory that was resident, in MB; the kernel of Linux counts in KiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(who).ru_maxrss * unit / 1e6, 1)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))))
