"""Journey 19: what the numbers 34, 35, 36, 140, 208 and 209 permit, and where 140 comes from."""

from __future__ import annotations

from typing import Any

from tests.server.talking import Station

REFUSED = "userErrors { code permission legacyCode }"
CHECK = "checkPermission(legacyCode: %d) { allowed code permission legacyCode }"
ENTRIES = """query($user: ID!) { auditTrail(first: 100, filter: {user: $user}) {
  nodes { action actor { id } user { id } organization { id } changes { field before after } } } }"""
LEGACY = {
    34: "VIEW_CLIENTS",
    35: "CREATE_CLIENTS",
    36: "EDIT_CLIENTS",
    140: "RECEIVE_MONTHLY_CTO_EMAIL",
    208: "VIEW_NOTICES",
    209: "MANAGE_NOTICES",
}


def refused(permission: str, code: int) -> list[dict[str, Any]]:
    return [{"code": "FORBIDDEN", "permission": permission, "legacyCode": code}]


def test_19_only_34_lists_and_nothing_more(own_station: Station) -> None:
    """The clerk holds 34 alone."""
    alder = own_station.one("Organization", shortName="Alder")
    listed = own_station.ask("clerk", "{ organizations(first: 100) { totalCount nodes { shortName } } }")
    assert listed["organizations"] == {
        "totalCount": 5,
        "nodes": [{"shortName": name} for name in ("Alder", "Birch", "Cedar", "Holly", "Myrtle")],
    }
    given = {"legalName": "Quince Limited", "shortName": "Quince", "location": "LOCAL"}
    document = f"mutation($i: CreateOrganizationInput!) {{ createOrganization(input: $i) {{ {REFUSED} }} }}"
    made = own_station.ask("clerk", document, i=given)
    assert made["createOrganization"]["userErrors"] == refused("CREATE_CLIENTS", 35)
    document = f"mutation($i: UpdateOrganizationInput!) {{ updateOrganization(input: $i) {{ {REFUSED} }} }}"
    changed = own_station.ask("clerk", document, i={"id": alder, "shortName": "Older"})
    assert changed["updateOrganization"]["userErrors"] == refused("EDIT_CLIENTS", 36)
    for code, permission in LEGACY.items():
        held = code == 34
        assert own_station.ask("clerk", f"{{ {CHECK % code} }}")["checkPermission"] == {
            "allowed": held,
            "code": "ALLOWED" if held else "FORBIDDEN",
            "permission": permission,
            "legacyCode": code,
        }


def test_19_the_numbers_are_judged_at_a_place_and_go_by_names_too(own_station: Station) -> None:
    """Whoever may edit Cedar alone has 36 there and nowhere else."""
    administrator, lead = "administrator", own_station.place.world.users["cedar_lead"]
    cedar, alder = (own_station.one("Organization", shortName=name) for name in ("Cedar", "Alder"))
    own_station.command(administrator, "grantAccess", userId=lead, placeId=cedar, name="clients.edit")
    asked = f"""query {{
      here: checkPermission(legacyCode: 36, at: "{cedar}") {{ code }}
      there: checkPermission(slug: "edit_clients", at: "{cedar}") {{ code legacyCode }}
      plain: checkPermission(slug: "clients.edit") {{ code }}
      other: checkPermission(legacyCode: 35, at: "{cedar}") {{ code }}
    }}"""
    assert own_station.ask("cedar_lead", asked) == {
        "here": {"code": "ALLOWED"},
        "there": {"code": "ALLOWED", "legacyCode": 36},
        "plain": {"code": "ALLOWED"},
        "other": {"code": "FORBIDDEN"},
    }
    elsewhere = own_station.answer("cedar_lead", f'{{ checkPermission(legacyCode: 36, at: "{alder}") {{ code }} }}')
    assert [one["extensions"]["code"] for one in elsewhere["errors"]] == ["NOT_FOUND"]
    unknown = own_station.answer("cedar_lead", "{ checkPermission(legacyCode: 37) { code } }")
    assert [one["extensions"]["code"] for one in unknown["errors"]] == ["UNKNOWN_PERMISSION"]


def test_19_engagement_managers_have_140_while_they_are_one(own_station: Station) -> None:
    clerk = own_station.place.world.users["clerk"]
    alder, holly = (own_station.one("Organization", shortName=name) for name in ("Alder", "Holly"))

    def permissions() -> list[str]:
        return own_station.ask("clerk", "{ viewer { permissions } }")["viewer"]["permissions"]

    def causes() -> list[str]:
        query = "{ viewer { user { grants(first: 100) { nodes { name cause } } } } }"
        nodes = own_station.ask("clerk", query)["viewer"]["user"]["grants"]["nodes"]
        return sorted(one["cause"] for one in nodes if one["name"] == "mail.cto")

    def manage(organization: str, owner: str | None) -> None:
        own_station.command("administrator", "updateOrganization", id=organization, ownerId=owner)

    def because_of(*organizations: str) -> list[str]:
        return sorted(f"OWNER:{one.removeprefix('org_')}" for one in organizations)

    assert permissions() == ["VIEW_CLIENTS"]
    manage(alder, clerk)
    manage(holly, clerk)
    assert permissions() == ["VIEW_CLIENTS", "RECEIVE_MONTHLY_CTO_EMAIL"]
    assert causes() == because_of(alder, holly)
    manage(alder, None)
    assert permissions() == ["VIEW_CLIENTS", "RECEIVE_MONTHLY_CTO_EMAIL"]
    assert causes() == because_of(holly)
    manage(holly, None)
    assert permissions() == ["VIEW_CLIENTS"]
    assert causes() == []
    _audited(own_station, clerk, (alder, holly))

    by_hand = {"userId": clerk, "placeId": alder, "name": "mail.cto"}
    own_station.command("administrator", "grantAccess", **by_hand)
    manage(alder, clerk)
    assert causes() == sorted(["MANUAL", *because_of(alder)])
    manage(alder, own_station.place.world.users["finance"])
    assert causes() == ["MANUAL"]
    assert permissions() == ["VIEW_CLIENTS", "RECEIVE_MONTHLY_CTO_EMAIL"]


def _audited(station: Station, clerk: str, organizations: tuple[str, str]) -> None:
    """Four entries for the two clients that were given and taken, and two grants that came and went with them."""
    nodes = station.ask("administrator", ENTRIES, user=clerk)["auditTrail"]["nodes"]
    administrator = {"id": station.place.world.users["administrator"]}
    assert all(one["actor"] == administrator and one["user"] == {"id": clerk} for one in nodes)
    (alder, holly), described = organizations, []
    for one in reversed(nodes):
        told = {change["field"]: (change["before"], change["after"]) for change in one["changes"]}
        described.append((one["action"], one["organization"]["id"], told.get("owner") or told["name"]))
    given, taken = (None, "mail.cto"), ("mail.cto", None)
    assert described == [
        ("AccessGranted", alder, given),
        ("EngagementManagerChanged", alder, (None, clerk)),
        ("AccessGranted", holly, given),
        ("EngagementManagerChanged", holly, (None, clerk)),
        ("AccessRevoked", alder, taken),
        ("EngagementManagerChanged", alder, (clerk, None)),
        ("AccessRevoked", holly, taken),
        ("EngagementManagerChanged", holly, (clerk, None)),
    ]


def test_19_what_is_taken_back_grants_nothing(own_station: Station) -> None:
    """The write that names a manager fails after it did: neither the manager nor 140 is there, nor any trace."""
    clerk = own_station.place.world.users["clerk"]
    alder = own_station.one("Organization", shortName="Alder")
    given = {"id": alder, "ownerId": clerk, "shortName": "Birch"}
    document = "mutation($i: UpdateOrganizationInput!) { updateOrganization(input: $i) { userErrors { code } } }"
    answer = own_station.ask("administrator", document, i=given)
    assert answer["updateOrganization"]["userErrors"] == [{"code": "NAME_TAKEN"}]
    seen = own_station.ask("administrator", f'{{ node(id: "{alder}") {{ ... on Organization {{ owner {{ id }} }} }} }}')
    assert seen["node"]["owner"] is None
    assert own_station.ask("clerk", "{ viewer { permissions } }")["viewer"]["permissions"] == ["VIEW_CLIENTS"]
    assert own_station.ask("administrator", ENTRIES, user=clerk)["auditTrail"]["nodes"] == []


def test_19_a_clients_person_is_no_engagement_manager(own_station: Station) -> None:
    alder = own_station.one("Organization", shortName="Alder")
    given = {"id": alder, "ownerId": own_station.place.world.users["portal_manager"]}
    document = "mutation($i: UpdateOrganizationInput!) { updateOrganization(input: $i) { userErrors { code field } } }"
    answer = own_station.ask("administrator", document, i=given)
    assert answer["updateOrganization"]["userErrors"] == [{"code": "OWNER_NOT_STAFF", "field": ["ownerId"]}]
