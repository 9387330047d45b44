"""The audit trail as the console looks at it."""

from __future__ import annotations

from domain import audit
from domain.audit import Break, Head
from domain.refusals import Invalid, Refused
from models.database import writing
from server.office import Office


class AuditBroken(Refused):
    """The chain does not hold: somebody changed, removed or inserted an entry."""

    code = "AUDIT_BROKEN"


def written(head: Head) -> str:
    """A head as it is printed and kept."""
    return f"{head.sequence}:{head.hash.hex()}"


def read(text: str) -> Head:
    """The head that was kept as ``text``."""
    number, _, digits = text.partition(":")
    try:
        kept = Head(int(number), bytes.fromhex(digits))
    except ValueError:
        raise _no_head() from None
    if kept.sequence < 0 or len(kept.hash) != len(audit.BEGINNING):
        raise _no_head()
    return kept


def _no_head() -> Invalid:
    return Invalid("A head is a number, a colon and 64 hexadecimal digits.", field="head")


async def verify(office: Office, slug: str | None, head: str | None) -> list[tuple[str, Head]]:
    """The head of each tenant's chain; AuditBroken names the first entry of the first chain that does not hold."""
    remembered = None if head is None else read(head)
    tenants = await office.tenants() if slug is None and head is None else [await office.tenant(slug)]
    found: list[tuple[str, Head]] = []
    for tenant in tenants:
        async with writing(office.engine, tenant.id) as session:
            verdict = await audit.verify(session, tenant.id, remembered)
        if isinstance(verdict, Break):
            raise AuditBroken(f"{tenant.slug}, entry {verdict.sequence}: {verdict.why}.")
        found.append((tenant.slug, verdict))
    return found


async def head(office: Office, slug: str | None) -> Head:
    """The end of a tenant's chain."""
    tenant = await office.tenant(slug)
    async with writing(office.engine, tenant.id) as session:
        return await audit.head(session, tenant.id)
