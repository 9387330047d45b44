"""The four queries as each contestant spells them, and who asks them about what."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bench.peers.data import CONTRACTS, JOB, ORGANIZATION, SITES, People, Size, Viewer, made

NAMES = {"A": "Portal", "B": "Dashboard", "C": "Selective", "D": "One"}
MOST = 600
PAGE = "pageInfo { hasNextPage endCursor }"


@dataclass(frozen=True)
class Spelling:
    """How a contestant names what the others name otherwise. Every list is sorted as Portico sorts it."""

    id: str = "id"
    organizations: str = "organizations(first: 50)"
    all_sites: str = "sites(first: 100)"
    sites: str = "sites(first: 6)"
    contracts: str = "contracts(first: 2)"
    jobs: str = "jobs(first: 10)"
    site: str = "site"
    organization: str = "node(id: $id) { ... on Organization"
    job: str = "node(id: $id) { ... on Job"
    close: str = "}"
    variables: str = "($id: ID!)"


_GRAPHILE = "ByTenantIdAndOrganizationId"
POSTGRAPHILE = Spelling(
    id="id: rowId",
    organizations="organizations: allOrganizations(first: 50, orderBy: [SHORT_NAME_ASC, ROW_ID_ASC])",
    all_sites="sites: allSites(first: 100, orderBy: [NAME_ASC, ROW_ID_ASC])",
    sites=f"sites: sites{_GRAPHILE}(first: 6, orderBy: [NAME_ASC, ROW_ID_ASC])",
    contracts=f"contracts: contracts{_GRAPHILE}AndSiteId(first: 2, orderBy: [START_ON_DESC, ROW_ID_DESC])",
    jobs=f"jobs: jobs{_GRAPHILE}AndContractId(first: 10, orderBy: [SCHEDULED_AT_DESC, ROW_ID_DESC])",
    site=f"site: site{_GRAPHILE}AndSiteId",
    organization="node: organizationByTenantIdAndRowId(tenantId: $tenant, rowId: $id)",
    job="node: jobByTenantIdAndRowId(tenantId: $tenant, rowId: $id)",
    close="",
    variables="($tenant: UUID!, $id: UUID!)",
)
YOGA = Spelling(organization="node: organization(id: $id)", job="node: job(id: $id)", close="")
PORTICO = Spelling()


def document(name: str, said: Spelling) -> str:
    """The document of a query."""
    total = "totalCount " if name == "A" else ""
    job = f"{said.id} reference title status priority scheduledAt"
    jobs = f"{said.jobs} {{ {total}{PAGE} edges {{ node {{ {job} }} }} }}"
    contract = f"{said.id} reference title status startOn weekendMultiplier {jobs}"
    contracts = f"{said.contracts} {{ {total}{PAGE} edges {{ node {{ {contract} }} }} }}"
    sites = f"{said.sites} {{ {total}{PAGE} edges {{ node {{ {said.id} name status {contracts} }} }} }}"
    organization = f"{said.id} shortName legalName status {sites}"
    bodies = {
        "A": f"{said.organization} {{ {organization} }} {said.close}",
        "B": f"{said.organizations} {{ {PAGE} edges {{ node {{ {organization} }} }} }}",
        "C": f"{said.all_sites} {{ {PAGE} edges {{ node {{ {said.id} name status }} }} }}",
        "D": f"{said.job} {{ {said.id} reference title status scheduledAt {said.site} {{ name }} }} {said.close}",
    }
    variables = said.variables if name in "AD" else ""
    return f"query {NAMES[name]}{variables} {{ {bodies[name]} }}"


@dataclass(frozen=True)
class Asked:
    """One request, before it is spelled for anybody: the query, who asks, and about which row."""

    query: str
    viewer: Viewer
    kind: str = ""
    id: uuid.UUID | None = None


Ask = Callable[[Asked], tuple[str, Mapping[str, Any]]]


def portico(asked: Asked) -> tuple[str, Mapping[str, Any]]:
    """Document and variables for Portico, and for the limit, which takes the very same request."""
    return document(asked.query, PORTICO), {"id": f"{asked.kind}_{asked.id.hex}"} if asked.id else {}


def postgraphile(asked: Asked) -> tuple[str, Mapping[str, Any]]:
    """Document and variables for PostGraphile."""
    variables = {"tenant": str(asked.viewer.tenant), "id": str(asked.id)} if asked.id else {}
    return document(asked.query, POSTGRAPHILE), variables


def yoga(asked: Asked) -> tuple[str, Mapping[str, Any]]:
    """Document and variables for graphql-yoga."""
    return document(asked.query, YOGA), {"id": str(asked.id)} if asked.id else {}


def raw_request(asked: Asked, ask: Ask) -> bytes:
    """The bytes that go over the socket."""
    text, variables = ask(asked)
    body = orjson.dumps({"query": text, "variables": variables, "operationName": NAMES[asked.query]})
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: application/json\r\n"
        f"authorization: Bearer {asked.viewer.token}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def mixed(people: People, size: Size) -> dict[str, list[Asked]]:
    """The requests of every query: they take turns between organizations, tenants and kinds of viewers."""
    by = people.by_organization
    rows = [(one, (people.staff[_tenant(one, size)], *portal)) for one, portal in by.items()]
    return {
        "A": [about_organization(one, viewer) for one, viewers in rows for viewer in viewers],
        "B": [Asked("B", one) for pair in zip(people.staff, people.group, strict=True) for one in pair],
        "C": [Asked("C", one) for one in people.region],
        "D": [about_job(one, viewer, size) for one, viewers in rows for viewer in viewers],
    }


def about_organization(organization: int, viewer: Viewer) -> Asked:
    """The portal page of an organization."""
    return Asked("A", viewer, "org", made(ORGANIZATION, organization))


def about_job(organization: int, viewer: Viewer, size: Size) -> Asked:
    """A job of the organization, at its first site."""
    contract = organization * SITES * CONTRACTS
    contracts = size.organizations * SITES * CONTRACTS
    return Asked("D", viewer, "job", made(JOB, contract + contracts * (organization % size.jobs)))


def restricted(people: People, size: Size) -> dict[str, list[Asked]]:
    """Requests of viewers whose rights narrow what they see, though not this page: the same page as the staff's."""
    rows = [(one, pair[0]) for one, pair in people.by_organization.items()]
    return {
        "A": [about_organization(*one) for one in rows],
        "B": [Asked("B", one) for one in people.group],
        "C": [Asked("C", one) for one in people.region],
        "D": [about_job(*one, size) for one in rows],
    }


def unrestricted(people: People, size: Size) -> dict[str, list[Asked]]:
    """The same requests from the staff."""
    staff = [(one, people.staff[_tenant(one, size)]) for one in people.by_organization]
    return {
        "A": [about_organization(*one) for one in staff],
        "B": [Asked("B", one) for one in people.staff],
        "C": [Asked("C", one) for one in people.staff],
        "D": [about_job(*one, size) for one in staff],
    }


def _tenant(organization: int, size: Size) -> int:
    return size.tenant_of(organization)


def shuffled(asked: Iterable[Asked], count: int = MOST) -> list[Asked]:
    """At most so many, spread over all, in an order that is the same for everybody."""
    given = list(asked)
    step = next(one for one in (7, 11, 13, 1) if len(given) % one)
    return [given[number * step % len(given)] for number in range(min(count, len(given)))]
