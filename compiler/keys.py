"""Ids that come with a call, for a plan that was written for ids of certain types."""

from __future__ import annotations

from typing import Any

from compiler.plan import NotCompiled
from resolvers.ids import parts


def key_of(text: str, model: Any) -> str:
    """The key an id names in hexadecimal, if it is one of ``model``; the plan is for one type."""
    target = parts(text)
    if target is None or target[0] is not model:
        raise NotCompiled("an id of another type")
    return target[1]


def no_id(text: str) -> None:
    """The plan was written for what is no id, so it does not fit one that is."""
    if parts(text) is not None:
        raise NotCompiled("an id where there was none")
