"""A row on its way into the graph."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Row

import models
from models import Place
from resolvers.ids import Model, encode


class Record:
    """A row read for the graph, with the model it is of. Columns are read by name."""

    __slots__ = ("model", "row")

    def __init__(self, model: Model, row: Row[Any]) -> None:
        self.model = model
        self.row = row

    @property
    def key(self) -> uuid.UUID:
        return self.row.id

    @property
    def node_id(self) -> str:
        return encode(self.model, self.row.id)

    @property
    def place(self) -> Place:
        """Where permissions on this row are judged."""
        row = self.row
        if self.model is models.Tenant:
            return Place(row.id)
        if self.model is models.Organization:
            return Place(row.tenant_id, row.id)
        if self.model is models.Site:
            return Place(row.tenant_id, row.organization_id, row.id)
        return Place(row.tenant_id, getattr(row, "organization_id", None), getattr(row, "site_id", None))
