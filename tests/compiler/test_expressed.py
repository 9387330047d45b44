"""Computed values that SQL makes: the same as Python's, whatever they are and whoever may know them."""

from __future__ import annotations

from typing import Any

import pytest

import models
from domain.invitability import InviteRefusal
from resolvers.ids import encode
from tests.compiler.arena import Arena, Case, answered

VIEWERS = ("administrator", "access_manager", "account_manager", "portal_two_sites", "raw", "layered", "nobody")


async def told(arena: Arena, viewer: str, text: str, **variables: Any) -> Any:
    """The data both give, the compiled one in fact compiled."""
    before = arena.counting.compiled
    case = Case(text, variables, None, arena.viewer(viewer))
    difference = await arena.difference(case)
    assert difference is None, f"{case}\nordinary: {difference[0]}\ncompiled: {difference[1]}"
    assert arena.counting.compiled == before + 1
    return (await answered(arena.compiled, case))["data"]


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_who_can_be_invited(executors: Arena, viewer: str) -> None:
    text = "{ contacts(first: 100, archived: INCLUDE) { nodes { canInvite inviteRefusal } } }"
    nodes = (await told(executors, viewer, text))["contacts"]["nodes"]
    assert all(one["canInvite"] == (one["inviteRefusal"] is None) for one in nodes)
    if viewer == "administrator":
        assert {one["inviteRefusal"] for one in nodes} == {None, *InviteRefusal} - {InviteRefusal.FORBIDDEN}


async def test_a_right_at_a_site_invites_nobody(executors: Arena) -> None:
    """The right to invite is judged at the organization, though a contact may belong to a site."""
    text = "{ contacts(first: 100) { nodes { inviteRefusal organization { id } } } }"
    company = executors.companies[0]
    homes = [encode(models.Organization, one["id"]) for one in company.rows[models.Organization]]
    nodes = (await told(executors, "access_manager", text))["contacts"]["nodes"]
    assert {one["organization"]["id"] for one in nodes if one["inviteRefusal"] != "FORBIDDEN"} == set(homes[:2])
    nodes = (await told(executors, "inviting_at_sites", text))["contacts"]["nodes"]
    assert nodes
    assert {one["inviteRefusal"] for one in nodes} == {"FORBIDDEN"}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_sessions_and_what_was_never_used(executors: Arena, viewer: str) -> None:
    text = "{ users(first: 100) { nodes { openSessions grants(first: 9, archived: INCLUDE) { nodes { unused } } } } }"
    nodes = (await told(executors, viewer, text))["users"]["nodes"]
    if viewer == "administrator":
        assert len({one["openSessions"] for one in nodes}) >= 3
        assert {grant["unused"] for one in nodes for grant in one["grants"]["nodes"]} == {True, False}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_what_has_expired(executors: Arena, viewer: str) -> None:
    text = "{ organizations(first: 9) { nodes { invitations(first: 99) { nodes { status expiresAt expired } } } } }"
    found = (await told(executors, viewer, text))["organizations"]["nodes"]
    nodes = [one for home in found for one in home["invitations"]["nodes"]]
    assert all(one["status"] == "PENDING" for one in nodes if one["expired"])
    if viewer == "administrator":
        assert {(one["status"], one["expired"]) for one in nodes} >= {("PENDING", True), ("PENDING", False)}


@pytest.mark.parametrize("viewer", [*VIEWERS, "partner_narrowed", "portal_viewed"])
async def test_whether_a_right_is_held(executors: Arena, viewer: str) -> None:
    text = """query ($slug: String, $code: Int) {
      byName: checkPermission(slug: $slug) { allowed code reason permission legacyCode conferredBy __typename }
      byNumber: checkPermission(legacyCode: $code) { k: allowed permission }
    }"""
    for slug in ("contacts.view", "jobs.view", "clients.view"):
        found = await told(executors, viewer, text, slug=slug, code=34)
        assert found["byName"]["allowed"] == (found["byName"]["code"] == "ALLOWED")


async def test_a_plan_is_for_every_name_of_a_right(executors: Arena) -> None:
    """Also for one there is not, which ordinary execution refuses."""
    text = "query ($slug: String) { checkPermission(slug: $slug) { permission } }"
    for slug, permission in (("jobs.view", "VIEW_JOBS"), ("x", None), ("rates.view", "VIEW_RATES")):
        case = Case(text, {"slug": slug}, None, executors.viewer("clerk"))
        assert await executors.difference(case) is None
        data = (await answered(executors.compiled, case)).get("data")
        assert data == (permission and {"checkPermission": {"permission": permission}})


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_whether_a_row_is_shown(executors: Arena, viewer: str) -> None:
    text = "query ($id: ID!) { whyNot(id: $id) { visible code reason permission conferredBy __typename } }"
    company, other = executors.companies
    kinds = (models.Organization, models.Site, models.Job, models.User, models.Notification, models.PartnerSecret)
    ids = [encode(kind, one["id"]) for kind in kinds for one in company.rows[kind][:5]]
    ids += [encode(models.Job, other.rows[models.Job][0]["id"]), encode(models.Tenant, company.tenant_id)]
    ids += [encode(models.Tenant, other.tenant_id), "x", ""]
    codes = [(await told(executors, viewer, text, id=one))["whyNot"]["code"] for one in ids]
    assert set(codes) == {"VISIBLE", "NOT_FOUND"}
    assert codes[-5:] == ["NOT_FOUND", "VISIBLE", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]
