"""The identity providers of a tenant as the console lists and changes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from authlib.common.security import is_secure_transport
from sqlalchemy import Select, select

from auth.oidc import ALGORITHMS
from auth.sealing import Seal
from domain import audit, single_sign_on
from domain.refusals import Invalid, Refused
from models import IdentityProvider, Tenant
from server.office import Office
from server.sso import SECRETS


class ProviderUnknown(Refused):
    """The tenant trusts no provider of this name."""

    code = "SSO_UNKNOWN"


@dataclass(frozen=True)
class Given:
    """How a provider is to be trusted; ``roles`` are ``GROUP=ROLE``."""

    slug: str
    label: str
    issuer: str
    client_id: str
    secret: str
    algorithm: str
    scopes: tuple[str, ...]
    domains: tuple[str, ...]
    group_claim: str | None
    roles: tuple[str, ...]
    provisions: bool


async def trust(office: Office, secret: bytes, slug: str | None, given: Given) -> str:
    """Add or change a provider; the short name of the tenant."""
    _check(given)
    tenant = await office.tenant(slug)
    roles = _roles(given.roles)
    async with office.acting(tenant.id) as (session, _):
        row = await session.scalar(_named(tenant, given.slug).with_for_update())
        before = None if row is None else single_sign_on.told(row)
        if row is None:
            row = IdentityProvider(tenant_id=tenant.id, slug=given.slug)
            session.add(row)
        row.label, row.issuer, row.client_id = given.label, given.issuer, given.client_id
        row.signing_algorithm, row.group_claim = given.algorithm, given.group_claim
        row.scopes, row.domains = list(given.scopes), [one.lower() for one in given.domains]
        row.roles, row.provisions = dict(roles), given.provisions
        sealed = Seal(secret, SECRETS).close(given.secret.encode(), tenant.id.bytes)
        row.client_secret = sealed if given.secret else None
        await session.flush()
        entry = audit.Entry("IdentityProviderSet", row.place, None, before=before, after=single_sign_on.told(row))
        audit.note(session, entry)
    return tenant.slug


async def distrust(office: Office, slug: str | None, name: str, now: datetime) -> None:
    """Trust a provider no more."""
    tenant = await office.tenant(slug)
    async with office.acting(tenant.id) as (session, actor):
        row = await session.scalar(_named(tenant, name).with_for_update())
        if row is None:
            raise ProviderUnknown(f"{tenant.slug} trusts no provider {name}.")
        await single_sign_on.forget(session, actor, row, on=now)


async def trusted(office: Office, slug: str | None) -> list[Sequence[str]]:
    """The providers of a tenant, as text."""
    tenant = await office.tenant(slug)
    async with office.acting(tenant.id) as (session, _):
        query = select(IdentityProvider).where(
            IdentityProvider.tenant_id == tenant.id, IdentityProvider.archived_at.is_(None)
        )
        rows = list(await session.scalars(query.order_by(IdentityProvider.slug)))
    return [(one.slug, one.label, one.issuer, one.client_id, _said(one.roles)) for one in rows]


def _named(tenant: Tenant, slug: str) -> Select[IdentityProvider]:
    return select(IdentityProvider).where(
        IdentityProvider.tenant_id == tenant.id,
        IdentityProvider.slug == slug,
        IdentityProvider.archived_at.is_(None),
    )


def _check(given: Given) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", given.slug):
        raise Invalid("A short name has 2 to 40 lower-case letters, digits and hyphens.", code="INVALID_SLUG")
    parts = urlsplit(given.issuer)
    if not is_secure_transport(given.issuer) or parts.query or parts.fragment:
        raise Invalid("The issuer must be an https address, as the provider calls itself.", code="INVALID_URL")
    if given.algorithm not in ALGORITHMS:
        raise Invalid(f"The provider must sign with one of {', '.join(sorted(ALGORITHMS))}.", code="INVALID_CHOICE")


def _roles(given: Sequence[str]) -> Mapping[str, list[str]]:
    """By group, the roles it gives."""
    roles: dict[str, list[str]] = {}
    for one in given:
        group, _, role = one.rpartition("=")
        if not group or role not in single_sign_on.STAFF_ROLES:
            known = ", ".join(sorted(single_sign_on.STAFF_ROLES))
            raise Invalid(f"{one}: write GROUP=ROLE with one of the roles {known}.", code="INVALID_CHOICE")
        roles.setdefault(group, []).append(role)
    return roles


def _said(roles: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{group}: {', '.join(names)}" for group, names in roles.items())
