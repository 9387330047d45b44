"""The rules behind the commands: what is refused although every right is there, with which code at which field."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.matrix.samples import Found
from tests.world.serving import Ask, Place, Undone, asking, new_world, own_world, seeded, world

__all__ = ["new_world", "own_world", "seeded", "world"]


@pytest.fixture
async def trial(world: Place) -> AsyncIterator[Ask]:
    """Commands of the administrator that are taken back."""
    async with asking(world, Undone) as ask:
        yield ask


async def refused(ask: Ask, name: str, given: dict[str, Any]) -> Any:
    title = name[0].upper() + name[1:]
    document = f"mutation($input: {title}Input!) {{ {name}(input: $input) {{ userErrors {{ code field }} }} }}"
    answer = await ask("administrator", document, {"input": given})
    assert "errors" not in answer, answer
    return [(one["code"], (one["field"] or [None])[0]) for one in answer["data"][name]["userErrors"]]


ORGANIZATION = {"legalName": "Quince Limited", "shortName": "Quince", "location": "LOCAL"}
CREATIONS: list[tuple[dict[str, Any], list[Any]]] = [
    ({}, []),
    ({"legalName": "Q"}, [("INVALID_LENGTH", "legalName")]),
    ({"legalName": "Q" * 191}, []),
    ({"legalName": "Q" * 192}, [("INVALID_LENGTH", "legalName")]),
    ({"legalName": " ALDER  limited "}, [("NAME_TAKEN", "legalName")]),
    ({"shortName": "a l d e r"}, [("NAME_TAKEN", "shortName")]),
    ({"legalName": "Elder Limited", "shortName": "Elder"}, []),
    ({"externalId": "ORG-Alder"}, [("EXTERNAL_ID_TAKEN", "externalId")]),
    ({"newBusinessYear": 2014}, [("OUT_OF_RANGE", "newBusinessYear")]),
    ({"newBusinessYear": 2015}, []),
    ({"website": "javascript:alert(1)"}, [("INVALID_URL", "website")]),
    ({"website": "https://[bad"}, [("INVALID_URL", "website")]),
    ({"billingCurrency": "EURO"}, [("INVALID_CURRENCY", "billingCurrency")]),
    ({"billingEmail": "nobody"}, [("INVALID_EMAIL", "billingEmail")]),
    ({"paymentTerms": "NET"}, [("PAYMENT_DAYS_MISMATCH", "paymentDays")]),
    ({"paymentTerms": "MFI"}, []),
    ({"paymentTerms": "IMMEDIATE", "paymentDays": 5}, [("PAYMENT_DAYS_MISMATCH", "paymentDays")]),
    ({"paymentDays": 5}, [("PAYMENT_DAYS_MISMATCH", "paymentDays")]),
    ({"location": None}, None),  # type: ignore[list-item]
    ({"kind": None}, [("REQUIRED", "kind")]),
    ({"description": "a\u0001b"}, [("INVALID_TEXT", "description")]),
    ({"idempotencyKey": ""}, [("INVALID_LENGTH", "idempotencyKey")]),
    ({"idempotencyKey": "k" * 129}, [("INVALID_LENGTH", "idempotencyKey")]),
    ({"ownerId": ""}, [("NOT_FOUND", "ownerId")]),
]


@pytest.mark.parametrize(("given", "expected"), [one for one in CREATIONS if one[1] is not None])
async def test_organizations(given: dict[str, Any], expected: Any, trial: Ask) -> None:
    assert await refused(trial, "createOrganization", {**ORGANIZATION, **given}) == expected


CONTRACTS: list[tuple[str, dict[str, Any], Any]] = [
    ("Alder", {"endOn": "2025-12-31"}, [("CONTRACT_ENDS_BEFORE_START", "endOn")]),
    ("Alder", {"endOn": "2026-01-01"}, []),
    ("Elder", {}, [("PLACE_NOT_OPEN", "organizationId")]),
    ("Alder/Old", {}, [("PLACE_NOT_OPEN", "siteId")]),
    ("Alder", {"siteId": ""}, [("NOT_FOUND", "siteId")]),
    ("Alder", {"reference": "acme-C-A1"}, [("REFERENCE_TAKEN", "reference")]),
    ("Alder", {"baseRate": "-1"}, [("OUT_OF_RANGE", "baseRate")]),
    ("Alder", {"baseRate": "9999999999.999999"}, [("OUT_OF_RANGE", "baseRate")]),
    ("Alder", {"weekendMultiplier": "100.1"}, [("OUT_OF_RANGE", "weekendMultiplier")]),
]


@pytest.mark.parametrize(("at", "given", "expected"), CONTRACTS)
async def test_contracts(at: str, given: dict[str, Any], expected: Any, trial: Ask, world: Place) -> None:
    found = Found(world.mirror, world.world)
    place = {
        "organizationId": found.organization(at.partition("/")[0]),
        **({"siteId": found.site(at)} if "/" in at else {}),
    }
    assert (
        await refused(trial, "createContract", {**place, "title": "New", "startOn": "2026-01-01", **given}) == expected
    )


JOBS: list[tuple[str, str | None, Any]] = [
    ("Alder/North", None, []),
    ("Alder/North", "C-A2", []),
    ("Alder/North", "C-N1", []),
    ("Alder/South", "C-N1", [("CONTRACT_NOT_APPLICABLE", "contractId")]),
    ("Alder/North", "C-C1", [("CONTRACT_NOT_APPLICABLE", "contractId")]),
    ("Alder/North", "C-A1", [("CONTRACT_NOT_APPLICABLE", "contractId")]),
    ("Alder/North", "C-A4", [("CONTRACT_NOT_APPLICABLE", "contractId")]),
    ("Alder/Old", None, [("SITE_ARCHIVED", "siteId")]),
    ("Birch/Yard", None, []),
    ("Holly/Mill", None, [("ORG_PAUSED", "siteId")]),
    ("Elder/Home", None, [("ORGANIZATION_NOT_ACTIVE", "siteId")]),
]


@pytest.mark.parametrize(("at", "contract", "expected"), JOBS)
async def test_jobs(at: str, contract: str | None, expected: Any, trial: Ask, world: Place) -> None:
    found = Found(world.mirror, world.world)
    under = {"contractId": found.contract(contract)} if contract else {}
    assert await refused(trial, "createJob", {"siteId": found.site(at), "title": "New", **under}) == expected


GRANTS: list[tuple[str, str, str, Any]] = [
    ("portal_nothing", "reports", "Alder", []),
    ("portal_nothing", "reports", "Alder/North", []),
    ("portal_nothing", "reports", "", [("NOT_GRANTABLE", "placeId")]),
    ("portal_nothing", "reports", "Cedar", [("NOT_GRANTABLE", "placeId")]),
    ("portal_nothing", "reports", "Cedar/East", [("NOT_GRANTABLE", "placeId")]),
    ("portal_nothing", "administrator", "Alder", [("NOT_GRANTABLE", "name")]),
    ("portal_nothing", "notes.internal", "Alder", [("NOT_GRANTABLE", "name")]),
    ("portal_nothing", "jobs.cost", "Alder", [("NOT_GRANTABLE", "name")]),
    ("portal_nothing", "jobs", "Alder", []),
    ("portal_incidents", "incident_reports", "Alder/North", [("ALREADY_GRANTED", "name")]),
    ("portal_incidents", "incident_reports", "Alder", []),
    ("clerk", "portal_viewer", "Alder", [("NOT_GRANTABLE", "name")]),
    ("clerk", "reports", "Alder", [("NOT_GRANTABLE", "name")]),
    ("clerk", "finance", "Alder", []),
    ("clerk", "clients.view", "", [("ALREADY_GRANTED", "name")]),
    ("clerk", "view_clients", "", [("INVALID", "name")]),
    ("clerk", "", "", [("INVALID", "name")]),
    ("administrator", "finance", "", [("OWN_ACCESS", "id")]),
]


@pytest.mark.parametrize(("who", "name", "at", "expected"), GRANTS)
async def test_grants(who: str, name: str, at: str, expected: Any, trial: Ask, world: Place) -> None:
    found = Found(world.mirror, world.world)
    place = (found.site(at) if "/" in at else found.organization(at)) if at else found.tenant
    given = {"userId": world.world.users[who], "placeId": place, "name": name}
    assert await refused(trial, "grantAccess", given) == expected


async def test_people_and_parties(trial: Ask, world: Place) -> None:
    f = Found(world.mirror, world.world)
    primary = f.party("J-S1", "Alder")
    linked = [("PARTY_ALREADY_LINKED", "organizationId")]
    unreachable = [("CONTACT_UNREACHABLE", "email")]
    cedar = {"id": f.job("J-S1"), "organizationId": f.organization("Cedar")}
    holly = {"id": f.job("J-S1"), "organizationId": f.organization("Holly")}
    month = {"periodStart": "2026-01-01", "periodEnd": "2026-01-31"}
    elsewhere = {"siteId": f.site("Alder/North"), "jobId": f.job("J-S1"), "kind": "INCIDENT", "title": "X"}
    elder, alder = {"organizationId": f.organization("Elder")}, {"organizationId": f.organization("Alder")}
    draft = {"id": f.report("Alder/North", "ACTIVITY", "DRAFT")}
    noor = {"contactId": f.contact("Noor")}
    cases: list[tuple[str, dict[str, Any], Any]] = [
        ("archiveContact", {"id": f.contact("Ada")}, [("CONTACT_IS_PRIMARY", "id")]),
        ("makeContactPrimary", {"id": f.contact("Gus")}, [("INVALID_TRANSITION", "id")]),
        ("makeContactPrimary", {"id": f.contact("Ada")}, []),
        ("createContact", {**alder, "name": "Zoe"}, unreachable),
        ("updateContact", {"id": f.contact("Ada"), "email": None, "phone": "", "privatePhone": None}, unreachable),
        ("updateContact", {"id": f.contact("Ada"), "phone": "12"}, [("INVALID_PHONE", "phone")]),
        ("invitePortalUser", {"contactId": f.contact("Esra")}, [("PRIMARY_CONTACT_EMAIL_MISSING", "contactId")]),
        ("invitePortalUser", {"contactId": f.contact("Portal Raw")}, [("ALREADY_A_PORTAL_USER", "contactId")]),
        ("invitePortalUser", {"contactId": f.contact("Gus")}, [("CONTACT_ARCHIVED", "contactId")]),
        ("invitePortalUser", {**noor, "role": "administrator"}, [("INVALID", "role")]),
        ("invitePortalUser", {**noor, "features": ["jobs", "portal_viewer"]}, [("INVALID", "features")]),
        ("invitePortalUser", {**noor, "features": ["jobs"]}, [("REQUIRED", "placeIds")]),
        ("invitePortalUser", {**noor, "placeIds": [f.site("Cedar/East")]}, [("NOT_FOUND", "placeIds")]),
        ("invitePortalUser", {**noor, "placeIds": [f.organization("Cedar")]}, [("NOT_FOUND", "placeIds")]),
        ("invitePortalUser", {**noor, "placeIds": [f.tenant]}, [("NOT_FOUND", "placeIds")]),
        ("invitePortalUser", {**noor, "role": "portal_viewer", "placeIds": [f.site("Alder/North")]}, []),
        ("createContact", {**alder, "name": "Zoe", "phone": "+442079460018", "invite": {}},
         [("PRIMARY_CONTACT_EMAIL_MISSING", "contactId")]),
        ("createContact", {**alder, "name": "Zoe", "email": "clerk@acme.example", "invite": {}},
         [("EMAIL_IN_USE", "email")]),
        ("createStaffUser", {"name": "New", "email": "CLERK@acme.example"}, [("EMAIL_IN_USE", "email")]),
        ("suspendUser", {"id": world.world.users["administrator"]}, [("OWN_ACCESS", "id")]),
        ("resetSecondFactors", {"id": world.world.users["administrator"]}, [("OWN_ACCESS", "id")]),
        ("resetSecondFactors", {"id": world.world.users["portal_nothing"]}, [("NO_SECOND_FACTOR", None)]),
        ("removeJobParty", {"id": f.job("J-S1"), "partyId": primary}, [("PRIMARY_PARTY_REQUIRED", "id")]),
        ("addJobParty", {**cedar, "role": "STAKEHOLDER"}, linked),
        ("addJobParty", {**cedar, "role": "PRIMARY"}, linked),
        ("addJobParty", {**holly, "role": "BILLING"}, [("ORGANIZATION_NOT_ACTIVE", "organizationId")]),
        ("createSite", {**elder, "name": "New", "timeZone": "UTC"}, [("ORGANIZATION_ARCHIVED", "organizationId")]),
        ("updateSite", {"id": f.site("Alder/North"), "timeZone": "Mars/Olympus"}, [("INVALID_TIME_ZONE", "timeZone")]),
        ("updateSite", {"id": f.site("Alder/North"), "latitude": "90.1"}, [("OUT_OF_RANGE", "latitude")]),
        ("updateReport", {**draft, "periodEnd": "2020-01-01"}, [("PERIOD_REVERSED", "periodEnd")]),
        ("createReport", {**elsewhere, **month}, [("JOB_ELSEWHERE", "jobId")]),
        ("updateContract", {"id": f.contract("C-A4"), "title": "Late"}, [("INVALID_TRANSITION", "id")]),
        ("updateJob", {"id": f.job("J-N4"), "title": "Late"}, [("INVALID_TRANSITION", "id")]),
    ]  # fmt: skip
    for name, given, expected in cases:
        assert await refused(trial, name, given) == expected, (name, given)
