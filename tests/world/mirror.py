"""Every row of a database as plain dicts in the words of the graph, read past all walls by a superuser."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]

TABLES = {
    "tenant": ("Tenant", "ten"),
    "organization": ("Organization", "org"),
    "site": ("Site", "sit"),
    "contact": ("Contact", "con"),
    "contract": ("Contract", "ctr"),
    "job": ("Job", "job"),
    "job_party": ("JobParty", "jpy"),
    "report": ("Report", "rep"),
    "app_user": ("User", "usr"),
    "membership": ("Membership", "mem"),
    "portal_user": ("PortalUser", "ptl"),
    "access_grant": ("Grant", "grt"),
    "partner_application": ("PartnerApplication", "par"),
    "partner_secret": ("PartnerSecret", "psk"),
    "invitation": ("Invitation", "inv"),
    "service": ("Service", "srv"),
    "service_subscription": ("ServiceSubscription", "sub"),
    "account_manager": ("AccountManager", "acm"),
    "change_request": ("ChangeRequest", "chr"),
    "notification": ("Notification", "ntf"),
}
REFERENCES = {
    "organization_id": "org",
    "site_id": "sit",
    "contact_id": "con",
    "contract_id": "ctr",
    "job_id": "job",
    "user_id": "usr",
    "application_id": "par",
    "owner_id": "usr",
    "portal_user_id": "ptl",
    "invited_by_id": "usr",
    "service_id": "srv",
    "requested_by_id": "usr",
    "proposed_by_id": "usr",
    "change_request_id": "chr",
}
AMOUNTS = {"Contract": ("base_rate",), "Job": ("cost",)}
ADDRESS = ("street", "city", "region", "postal_code", "country")


@dataclass
class Mirror:
    """``rows`` by type and id; ``epochs`` by user id; ``sessions`` of everybody.

    References are ids of the graph, under the edge's name.
    """

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    sessions: list[Row] = field(default_factory=list)

    def all(self) -> Iterable[Row]:
        return (row for kind in self.rows.values() for row in kind.values())

    def find(self, id: str) -> Row | None:
        return next((kind[id] for kind in self.rows.values() if id in kind), None)

    def one(self, table: str, /, **values: Any) -> Row:
        """The only live row with these values."""
        found = [row for row in self.rows[table].values() if all(row[name] == value for name, value in values.items())]
        assert len(found) == 1, (table, values, len(found))
        return found[0]


def mirror(url: str) -> Mirror:
    """The rows of the database at ``url``."""
    made = Mirror()
    with psycopg.connect(plain(url), row_factory=dict_row) as connection:
        for table, (kind, prefix) in TABLES.items():
            rows = connection.execute(f"select * from {table}").fetchall()
            made.rows[kind] = {f"{prefix}_{row['id'].hex}": _row(kind, prefix, row) for row in rows}
        for row in connection.execute("select id, number from permission_epoch").fetchall():
            made.epochs[f"usr_{row['id'].hex}"] = row["number"]
        sessions = "select user_id, ended_at, coalesce(ended_at, expires_at) as until from session"
        for row in connection.execute(f"{sessions} where viewed_by is null").fetchall():
            times = {name: shown(row[name]) for name in ("ended_at", "until")}
            made.sessions.append({"user": f"usr_{row['user_id'].hex}", **times})
    return made


def plain(url: str) -> str:
    """A URL for the driver itself."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def _row(kind: str, prefix: str, row: dict[str, Any]) -> Row:
    made: Row = {"__typename": kind, "id": f"{prefix}_{row['id'].hex}"}
    made["tenant"] = f"ten_{row['tenant_id'].hex}" if "tenant_id" in row else made["id"]
    for column, value in row.items():
        if column in REFERENCES:
            made[camel(column.removesuffix("_id"))] = None if value is None else f"{REFERENCES[column]}_{value.hex}"
        elif column not in ("id", "tenant_id"):
            made[camel(column)] = shown(value)
    return {**made, **_groups(kind, row)}


def _groups(kind: str, row: dict[str, Any]) -> Row:
    if kind == "Organization":
        terms = {name: shown(row[name]) for name in ("payment_terms", "payment_days", "remittance_details")}
        profile = {camel(name): value for name, value in terms.items()}
        profile |= {"currency": row["billing_currency"], "email": row["billing_email"]}
        ids = ("registration_number", "tax_number", "vat_number")
        return {"billingProfile": profile, "taxIds": {camel(name): row[name] for name in ids}}
    if kind == "PartnerApplication":
        return {"user": f"usr_{row['id'].hex}"}
    if kind == "Grant":
        # Of an application that acts as the user, if there is one: they have one id.
        return {"principal": f"par_{row['user_id'].hex}"}
    if kind == "Site":
        return {"address": {camel(name): row[f"address_{name}"] for name in ADDRESS}}
    return {camel(name): _money(row[name], row["currency"]) for name in AMOUNTS.get(kind, ())}


def _money(amount: Decimal | None, currency: str) -> Row | None:
    return None if amount is None else {"amount": shown(amount), "currencyCode": currency}


def shown(value: Any) -> Any:
    """A value as JSON answers show it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.hex if isinstance(value, uuid.UUID) else value


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
