"""The access editor: what it foretells is what comes, and what it saves is saved as a whole or not at all."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.domain.foretelling import PREVIEW, SET, assert_came, seen, shown
from tests.domain.test_refusals import new_world, own_world, seeded, world
from tests.world.mirror import plain
from tests.world.serving import Place, asking

__all__ = ["new_world", "own_world", "seeded", "world"]

Change = dict[str, list[tuple[str, str]]]

CHANGES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a site less, another kind of report more": (
        "portal_two_sites", [("portal_viewer", "Alder/North"), ("incident_reports", "Alder")],
    ),
    "everything is taken": ("portal_manager", []),
    "everything is given": ("portal_nothing", [("portal_manager", "Alder"), ("billing", "Alder")]),
    "from a site to all of the organization": ("portal_incidents", [("reports", "Alder"), ("contracts", "Alder")]),
    "rates of one site only": ("portal_mixed", [("contracts", "Alder"), ("rates", "Alder/South")]),
    "staff for one client instead of all": ("finance", [("operations_lead", "Cedar"), ("clients.view", "Birch")]),
    "nothing changes": ("portal_party", [("portal_viewer", "Cedar"), ("contacts", "Cedar/East")]),
}  # fmt: skip


def at(place: Place, path: str) -> str:
    tenant = place.world.tenants["acme"]
    organization, _, site = path.partition("/")
    found = place.mirror.one("Organization", shortName=organization, tenant=tenant)["id"]
    return place.mirror.one("Site", organization=found, name=site)["id"] if site else found


def given(place: Place, grants: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "placeId": at(place, path)} for name, path in grants]


@pytest.mark.parametrize(("name", "wanted"), CHANGES.values(), ids=CHANGES)
async def test_what_is_foretold_is_what_comes(name: str, wanted: list[tuple[str, str]], own_world: Place) -> None:
    user, grants = own_world.world.users[name], given(own_world, wanted)
    async with asking(own_world) as ask:
        before, fields_before = await seen(ask, name), await shown(ask, name)
        untouched = rows(own_world)
        foretold = (await ask("administrator", PREVIEW, {"u": user, "g": grants}))["data"]["accessPreview"]
        assert rows(own_world) == untouched, "looking changes nothing"
        change = {"id": user, "grants": grants, "expectedEpoch": foretold["epoch"]}
        answer = (await ask("administrator", SET, {"i": change}))["data"]["setAccess"]
        assert answer == {"user": {"id": user}, "userErrors": []}
        after, fields_after = await seen(ask, name), await shown(ask, name)
    assert_came(foretold, (before, fields_before), (after, fields_after))


def rows(place: Place) -> Any:
    counted = "select (select count(*) from {0}), (select coalesce(sum(version), 0) from {0})"
    with psycopg.connect(plain(place.url)) as connection:
        found = [
            connection.execute(counted.format(table).encode()).fetchone() for table in ("access_grant", "app_user")
        ]
        logs = "select (select count(*) from event), (select count(*) from audit_entry)"
        return [*found, connection.execute(logs.encode()).fetchone(),
                connection.execute(b"select id, number from permission_epoch order by id").fetchall()]  # fmt: skip


async def test_a_whole_set_is_saved_or_none_of_it(own_world: Place) -> None:
    user = own_world.world.users["portal_two_sites"]
    half = [*given(own_world, [("jobs", "Alder")]), *given(own_world, [("jobs", "Cedar")])]
    async with asking(own_world) as ask:
        untouched = rows(own_world)
        refused = (await ask("administrator", SET, {"i": {"id": user, "grants": half}}))["data"]["setAccess"]
        assert refused["userErrors"][0]["code"] == "NOT_GRANTABLE"
        assert rows(own_world) == untouched
        preview = await ask("administrator", PREVIEW, {"u": user, "g": half})
        assert preview["errors"][0]["extensions"]["code"] == "NOT_GRANTABLE"
        unknown = [{"name": "jobs", "placeId": "org_nonsense"}]
        refused = (await ask("administrator", SET, {"i": {"id": user, "grants": unknown}}))["data"]["setAccess"]
        assert refused["userErrors"] == [
            {"code": "NOT_FOUND", "field": ["grants"], "permission": None, "currentVersion": None}
        ]


async def test_whoever_edits_what_was_changed_meanwhile_is_told(own_world: Place) -> None:
    user, grants = own_world.world.users["portal_raw"], given(own_world, [("jobs", "Alder")])
    async with asking(own_world) as ask:
        epoch = (await ask("administrator", PREVIEW, {"u": user, "g": grants}))["data"]["accessPreview"]["epoch"]
        first = {"i": {"id": user, "grants": grants, "expectedEpoch": epoch}}
        assert (await ask("administrator", SET, first))["data"]["setAccess"]["userErrors"] == []
        again = (await ask("access_manager", SET, first))["data"]["setAccess"]["userErrors"]
        present = (await ask("administrator", PREVIEW, {"u": user, "g": grants}))["data"]["accessPreview"]
        assert again == [
            {"code": "CONFLICT", "field": ["expectedEpoch"], "permission": None, "currentVersion": present["epoch"]}
        ]
        assert present == {"epoch": present["epoch"], "appears": [], "vanishes": [], "fields": []}


async def test_the_preview_is_for_those_who_may_save_it_and_names_only_what_they_see(own_world: Place) -> None:
    user = own_world.world.users["portal_party"]
    grants = given(own_world, [("portal_manager", "Cedar")])
    async with asking(own_world) as ask:
        for viewer, code in (("clerk", "NOT_FOUND"), ("portal_party", "FORBIDDEN"), ("nobody", "NOT_FOUND")):
            answer = await ask(viewer, PREVIEW, {"u": user, "g": grants})
            assert answer["errors"][0]["extensions"]["code"] == code, viewer
            refused = (await ask(viewer, SET, {"i": {"id": user, "grants": grants}}))["data"]["setAccess"]
            assert refused["userErrors"][0]["code"] == code, viewer
        foretold = (await ask("access_manager", PREVIEW, {"u": user, "g": grants}))["data"]["accessPreview"]
    counted = {one["type"]: (one["count"], len(one["nodes"])) for one in foretold["appears"] if one["type"] != "Report"}
    # Access managers see neither contracts nor jobs: they are told how many, not which.
    assert counted["Contract"] == (1, 0)
    assert counted["Contact"][0] == counted["Contact"][1] > 0


async def test_what_has_another_cause_stays(own_world: Place) -> None:
    users = own_world.world.users
    alder = at(own_world, "Alder")
    document = "mutation($i: UpdateOrganizationInput!) { updateOrganization(input: $i) { userErrors { code } } }"
    grants = "{ viewer { user { grants(first: 50) { nodes { name cause } } } } }"
    async with asking(own_world) as ask:
        await ask("administrator", document, {"i": {"id": alder, "ownerId": users["clerk"]}})
        change = {"id": users["clerk"], "grants": []}
        assert (await ask("administrator", SET, {"i": change}))["data"]["setAccess"]["userErrors"] == []
        left = (await ask("clerk", grants))["data"]["viewer"]["user"]["grants"]["nodes"]
    assert left == [{"name": "mail.cto", "cause": f"OWNER:{alder.removeprefix('org_')}"}]
