"""Whether PostgreSQL reads any of the big tables from end to end for Portico's queries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from auth.sessions import read_token
from bench.peers.queries import Asked, portico
from bench.stage import SECRET
from models.database import application_engine
from server.explain import Query, explain

_SCAN = re.compile(r"Seq Scan on (job|contract|site)\b")


async def scans(url: str, asked: Mapping[str, list[Asked]]) -> list[dict[str, Any]]:
    """For each query and kind of viewer: the big tables that are read whole, and what the statement took."""
    engine = application_engine(url)
    found: list[dict[str, Any]] = []
    for name, requests in asked.items():
        for kind, one in {one.viewer.kind: one for one in requests}.items():
            credential = read_token(one.viewer.token)
            assert credential is not None
            text = await explain(engine, SECRET.encode(), Query(*portico(one)), credential)
            found.append({"query": name, "viewer": kind, "sequential_scans": sorted(set(_SCAN.findall(text)))})
    await engine.dispose()
    return found
