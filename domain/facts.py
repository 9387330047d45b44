"""What an event is. The events themselves are in ``domain.events``."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from models import Place, Tenant, Versioned

Changes = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Event:
    """One fact about one row. ``changes`` maps column names to (before, after) and never leaves the server.

    ``hides`` says that the row may have left the sight of people who saw it; ``left`` is the place it moved away from.
    """

    row: Versioned | Tenant
    changes: Changes = field(default_factory=dict[str, tuple[Any, Any]])
    hides: ClassVar[bool] = False
    left: Place | None = None

    @property
    def name(self) -> str:
        return type(self).__name__


class Audited(Event):
    """An event that changes somebody's access: it is an entry of the audit trail as well."""


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (UUID, Decimal)) else value
