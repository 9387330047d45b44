"""Journey 16: what is another tenant's is what does not exist, and a worker of both never mixes them up.

Webhooks and exports in bulk do not exist yet; the files there are take part.
"""

from __future__ import annotations

import asyncio
import enum
import json
import re
import uuid
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.journeys.northwind import frozen
from tests.server.talking import Station, Talk, stationed, talk
from tests.world.serving import Place

REQUESTS = 500
AT_ONCE = 6
_ID = re.compile(r"\b[a-z]{3}_[0-9a-f]{32}\b")
EVERYTHING = """{
  viewer { id user { id } tenant { id name } notifications(first: 5) { nodes { id } } }
  organizations(first: 5) { totalCount nodes { id shortName sites(first: 10) { nodes { id name } } } }
  jobs(first: 10) { nodes { id reference contract { id } organization { id } } }
  contacts(first: 10) { nodes { id email } }
  reports(first: 50, filter: {search: "Quarterly"}) { totalCount nodes { id title } }
}"""
CHANGED = """mutation($id: ID!, $text: String!) {
  updateSite(input: {id: $id, serviceDetails: $text}) { site { id serviceDetails } userErrors { code } } }"""


def row(station: Station, slug: str, kind: str, **values: Any) -> str:
    return station.place.mirror.one(kind, tenant=station.place.world.tenants[slug], **values)["id"]


def foreign(station: Station, slug: str) -> dict[str, str]:
    """One row of each kind of a tenant, and its places."""
    site = row(station, slug, "Site", name="S1")
    contract = row(station, slug, "Contract", site=site)
    job = row(station, slug, "Job", site=site)
    rows = station.place.mirror.rows
    return {
        "contract": contract,
        "site": site,
        "job": job,
        "organization": row(station, slug, "Organization", shortName="Northwind"),
        "contact": next(
            id for id, one in rows["Contact"].items() if one["name"] == "Ann of Northwind" and _of(station, slug, one)
        ),
        "report": next(id for id, one in rows["Report"].items() if one["site"] == site),
        "user": station.place.world.users["ada" if slug == "meridian" else "una"],
    }


def _of(station: Station, slug: str, one: dict[str, Any]) -> bool:
    return one["tenant"] == station.place.world.tenants[slug]


def attachments(own: dict[str, str], other: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Commands of one tenant that name a row of the other."""
    return [
        ("createJob", {"siteId": own["site"], "contractId": other["contract"], "title": "Attached"}),
        ("createJob", {"siteId": other["site"], "title": "Attached"}),
        ("createReport", {
            "siteId": own["site"], "jobId": other["job"], "kind": "ACTIVITY", "title": "Attached",
            "periodStart": "2026-05-01", "periodEnd": "2026-05-02",
        }),
        ("addJobParty", {"id": own["job"], "organizationId": other["organization"], "role": "STAKEHOLDER"}),
        ("createContract", {"organizationId": other["organization"], "title": "Attached", "startOn": "2026-01-01"}),
        ("moveContract", {"id": own["contract"], "siteId": other["site"]}),
        ("updateContract", {"id": other["contract"], "title": "Attached"}),
        ("activateContract", {"id": other["contract"], "expectedVersion": 1}),
        ("makeContactPrimary", {"id": other["contact"]}),
        ("publishReport", {"id": other["report"]}),
        ("grantAccess", {"userId": other["user"], "placeId": own["site"], "name": "clients.view"}),
        ("grantAccess", {"userId": own["user"], "placeId": other["site"], "name": "clients.view"}),
        ("assignAccountManager", {"organizationId": own["organization"], "userId": other["user"]}),
    ]  # fmt: skip


def test_journey_16_another_tenants_row_is_told_like_a_random_id(fixture_r: tuple[Station, Station]) -> None:
    """Byte for byte, but for the request's own id; and nothing is written."""
    station, _ = fixture_r
    own, other = foreign(station, "umbra"), foreign(station, "meridian")
    absent = {name: f"{id[:4]}{uuid.uuid4().hex}" for name, id in other.items()}
    for (name, given), (_, random) in zip(attachments(own, other), attachments(own, absent), strict=True):
        told = [said(station, name, one) for one in (given, random)]
        assert told[0] == told[1], name
        assert told[0][0] == 200
        assert [one["code"] for one in json.loads(told[0][1])["data"][name]["userErrors"]] == ["NOT_FOUND"], name
    before, after = station.place.mirror, station.mirror()
    assert before.rows == after.rows


def said(station: Station, name: str, given: dict[str, Any]) -> tuple[int, bytes]:
    """Status and body of a command of the other tenant's administrator."""
    kind = name[0].upper() + name[1:]
    document = f"mutation($i: {kind}Input!) {{ {name}(input: $i) {{ userErrors {{ code field message }} }} }}"
    answer = station.http.post(
        "/graphql", json={"query": document, "variables": {"i": given}}, headers=station.bearer("una")
    )
    return answer.status_code, answer.content


@pytest.fixture(params=["field by field", "compiled"])
def one_worker(request: pytest.FixtureRequest, northwind_retail: Place, tmp_path: Path) -> Any:
    """One process with a few connections, which all requests share."""
    settings = {"compiled": request.param == "compiled", "pool_size": 4, "pool_overflow": 4}
    with stationed(northwind_retail, tmp_path, frozen, **settings) as station:
        yield station


async def test_journey_16_five_hundred_interleaved_requests_see_no_foreign_row(one_worker: Station) -> None:
    station = one_worker
    ids = {slug: _rows_of(station, slug) for slug in station.place.world.tenants}
    assert ids["meridian"].isdisjoint(ids["umbra"])
    people = (("ada", "meridian"), ("una", "umbra"), ("pat", "meridian"), ("uri", "umbra"))
    at_once = asyncio.Semaphore(AT_ONCE)
    first: dict[str, bytes] = {}
    async with (
        httpx2.AsyncClient(base_url=station.origin, timeout=60) as client,
        talk(station, "ada") as ada,
        talk(station, "una") as una,
    ):
        lines = {"ada": ada, "una": una}
        for slug, viewer in (("meridian", "ada"), ("umbra", "una")):
            await lines[viewer].subscribe("stream", _STREAM, under=station.place.world.tenants[slug])

        async def one(number: int) -> None:
            viewer, slug = people[number % 4]
            async with at_once:
                answer = await _asked(client, station, viewer, slug, number)
            seen = set(_ID.findall(answer.text))
            assert seen <= ids[slug], seen - ids[slug]
            assert answer.status_code == 200
            if _kind(number) is Kind.READ:
                assert seen
                assert first.setdefault(viewer, answer.content) == answer.content

        await asyncio.gather(*(one(number) for number in range(REQUESTS)))
        for viewer, slug in (("ada", "meridian"), ("una", "umbra")):
            pushed = await _pushed(lines[viewer], "Interleaved")
            assert set(_ID.findall(pushed)) <= ids[slug]


async def _pushed(line: Talk, text: str) -> str:
    """All that came over the stream, once the text is in it."""
    came = json.dumps(await line.waiting("stream"))
    while text not in came:
        came += json.dumps(await line.of("stream"))
    return came


_STREAM = """subscription($under: ID!) {
  changes(under: $under) { ... on Change { nodeId node { id ... on Site { serviceDetails } } } } }"""


class Kind(enum.Enum):
    """What a request does."""

    READ = "reads all there is"
    WRITE = "changes a site"
    FILE = "fetches a report"


def _kind(number: int) -> Kind:
    """One in ten writes, and one in five fetches a file."""
    place = number % 20
    return Kind.WRITE if place < 2 else Kind.FILE if place >= 16 else Kind.READ


async def _asked(client: Any, station: Station, viewer: str, slug: str, number: int) -> Any:
    headers = station.bearer(viewer)
    if _kind(number) is Kind.WRITE:
        variables = {"id": row(station, slug, "Site", name="S1"), "text": f"Interleaved {slug} {number}"}
        return await client.post("/graphql", json={"query": CHANGED, "variables": variables}, headers=headers)
    if _kind(number) is Kind.FILE:
        report = foreign(station, slug)["report"]
        return await client.get(f"/files/reports/{report}.json", headers=headers)
    return await client.post("/graphql", json={"query": EVERYTHING}, headers=headers)


def _rows_of(station: Station, slug: str) -> set[str]:
    """Every id of a tenant, and the tenant's own."""
    tenant = station.place.world.tenants[slug]
    return {one["id"] for one in station.place.mirror.all() if one["tenant"] == tenant}
