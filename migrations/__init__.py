"""The steps from an empty database to the tables of models/; shipped in the wheel, run by server.migrate."""

from collections.abc import MutableMapping
from typing import Any


def is_ours(name: str | None, kind: str, _parents: MutableMapping[Any, str | None]) -> bool:
    """Whether a table is one of models/; the queue's tables belong to procrastinate."""
    return kind != "table" or not (name or "").startswith("procrastinate_")
