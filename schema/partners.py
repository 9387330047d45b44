"""Partners' applications and their secrets."""

# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportGeneralTypeIssues=false, reportUnusedImport=false
# The annotations name what the graph has, looked up when the schema is built; imports are for what they declare.

from __future__ import annotations

import models
from schema import lists  # noqa: F401  (the lists come before the types)
from schema.declaration import connection, edge
from schema.graph import node


@node(models.PartnerApplication)
class PartnerApplication:
    """A program of a partner: it gets tokens with its client id and a secret, and sees what its scopes show.

    `fields` are the only fields it may ask for; null: all that its scopes show. `bucket` is how many points it can save
    up, `restoreRate` how many it is given a second. Its scopes are the `grants`.
    """

    name: str
    client_id: str
    status: PartnerStatus
    environment: PartnerEnvironment
    fields: list[str] | None
    bucket: int
    restore_rate: int
    user: User | None = edge(models.PartnerApplication.id)
    grants: GrantConnection = connection("Grant", models.Grant.user_id)
    secrets: PartnerSecretConnection = connection("PartnerSecret", models.PartnerSecret.application_id)


@node(models.PartnerSecret)
class PartnerSecret:
    """A secret of an application, of which only a hash is kept. One that was ended is archived."""

    label: str | None
    expires_at: datetime | None
    last_used_at: datetime | None
    application: PartnerApplication | None = edge(models.PartnerSecret.application_id)
