"""The ids of the graph: a prefix that tells the type, and the row's UUID. Opaque to everybody else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from types import MappingProxyType

import models

Model = type[models.TenantRow] | type[models.Tenant]

PREFIXES: Mapping[Model, str] = MappingProxyType(
    {
        models.Tenant: "ten",
        models.Organization: "org",
        models.Site: "sit",
        models.Contact: "con",
        models.Contract: "ctr",
        models.Job: "job",
        models.JobParty: "jpy",
        models.Report: "rep",
        models.User: "usr",
        models.Membership: "mem",
        models.PortalUser: "ptl",
        models.Grant: "grt",
        models.Invitation: "inv",
        models.PartnerApplication: "par",
        models.PartnerSecret: "psk",
        models.Service: "srv",
        models.ServiceSubscription: "sub",
        models.AccountManager: "acm",
        models.ChangeRequest: "chr",
        models.Notification: "ntf",
    }
)
MODELS: Mapping[str, Model] = MappingProxyType({prefix: model for model, prefix in PREFIXES.items()})
_FORM = re.compile(r"([a-z]{3})_([0-9a-f]{32})")


def encode(model: Model, id: uuid.UUID) -> str:
    """The id of a row, as the graph shows it."""
    return f"{PREFIXES[model]}_{id.hex}"


def decode(text: str) -> tuple[Model, uuid.UUID] | None:
    """The type and key an id names, or None if it is no id of ours."""
    named = parts(text)
    return None if named is None else (named[0], uuid.UUID(named[1]))


def parts(text: str) -> tuple[Model, str] | None:
    """The type an id names, and its key in hexadecimal."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    prefix, key = match.groups()
    model = MODELS.get(prefix)
    return None if model is None else (model, key)
