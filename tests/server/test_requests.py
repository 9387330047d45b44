"""What portal people ask for and propose, who is told of it, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.talking import Station, talk

NOTICES = """{ viewer {
  notifications(first: 50) { totalCount nodes { id kind unread job { title } changeRequest { id } } }
  unread: notifications(first: 1, filter: {unread: true}) { totalCount } } }"""
REFUSED = "userErrors { code field permission currentVersion }"


def refusal(station: Station, viewer: str, command: str, /, **given: Any) -> Any:
    """Code and field of the one reason a command is refused for."""
    kind = command[0].upper() + command[1:]
    answer = station.ask(viewer, f"mutation($i: {kind}Input!) {{ {command}(input: $i) {{ {REFUSED} }} }}", i=given)
    (error,) = answer[command]["userErrors"]
    return error["code"], error["field"] and error["field"][0]


def notices(station: Station, viewer: str) -> list[dict[str, Any]]:
    return station.ask(viewer, NOTICES)["viewer"]["notifications"]["nodes"]


def told(station: Station, before: dict[str, int], people: tuple[str, ...]) -> dict[str, int]:
    """How many notices each has got since."""
    return {name: len(notices(station, name)) - before[name] for name in people}


PEOPLE = ("administrator", "account_manager", "dispatcher", "clerk", "finance", "portal_manager", "portal_asking")


def ask_for(station: Station, viewer: str = "portal_manager", site: str = "North", **given: Any) -> Any:
    home = station.one("Organization", shortName="Alder")
    fields = {
        "siteId": station.one("Site", name=site, organization=home),
        "serviceId": station.one("Service", name="Guarding"),
        "title": "A guard for the fair",
        **given,
    }
    shown = "job { id status version service { name } requestedBy { name } scheduledAt timeline { status } }"
    return station.command(viewer, "requestJob", shown, **fields)["job"]


def test_a_request_becomes_a_job_and_each_manager_gets_one_notice(own_station: Station) -> None:
    """Row 17: Alder is looked after by the administrator and the dispatcher; finance has been removed."""
    before = {name: len(notices(own_station, name)) for name in PEOPLE}
    job = ask_for(own_station, preferredAt="2026-07-01T08:00:00Z", priority="HIGH")
    assert job == {
        "id": job["id"],
        "status": "REQUESTED",
        "version": 1,
        "service": {"name": "Guarding"},
        "requestedBy": {"name": "Portal Manager"},
        "scheduledAt": "2026-07-01T08:00:00.000000Z",
        "timeline": [{"status": "REQUESTED"}],
    }
    assert told(own_station, before, PEOPLE) == dict.fromkeys(PEOPLE, 0) | {"administrator": 1, "dispatcher": 1}
    newest = notices(own_station, "dispatcher")[0]
    assert (newest["kind"], newest["unread"], newest["job"]) == (
        "JOB_REQUESTED",
        True,
        {"title": "A guard for the fair"},
    )


def test_whoever_asked_is_told_what_becomes_of_it(own_station: Station) -> None:
    job = ask_for(own_station)["id"]
    for step in ("scheduleJob", "startJob", "completeJob"):
        own_station.command("administrator", step, id=job)
    about = [one for one in notices(own_station, "portal_manager") if one["job"]]
    kinds = [one["kind"] for one in about if one["job"]["title"] == "A guard for the fair"]
    assert kinds == ["JOB_COMPLETED", "JOB_SCHEDULED"]
    shown = own_station.ask(
        "portal_manager", "query($id: ID!) { node(id: $id) { ... on Job { timeline { status } } } }", id=job
    )
    assert [one["status"] for one in shown["node"]["timeline"]] == [
        "REQUESTED",
        "SCHEDULED",
        "IN_PROGRESS",
        "COMPLETED",
    ]


def test_only_what_is_assigned_can_be_asked_for(own_station: Station) -> None:
    """Row 16; an id that does not exist is refused in the same words."""
    home = own_station.one("Organization", shortName="Alder")
    given = {"siteId": own_station.one("Site", name="North", organization=home), "title": "Anything"}
    services = [own_station.one("Service", name=name) for name in ("Keyholding", "Gardening")]
    for service in (*services, f"srv_{'0' * 32}", own_station.one("Site", name="South"), "nonsense"):
        said = refusal(own_station, "portal_manager", "requestJob", serviceId=service, **given)
        assert said == ("SERVICE_NOT_ASSIGNED", "serviceId")
    guarding = own_station.one("Service", name="Guarding")
    seen = own_station.ask("portal_manager", "{ services(first: 10) { nodes { name } } }")["services"]["nodes"]
    assert seen == [{"name": "Guarding"}]
    assigned = own_station.one("ServiceSubscription", service=guarding, organization=home)
    own_station.command("administrator", "withdrawService", id=assigned)
    said = refusal(own_station, "portal_manager", "requestJob", serviceId=guarding, **given)
    assert said == ("SERVICE_NOT_ASSIGNED", "serviceId")


@pytest.mark.parametrize(
    ("viewer", "site", "expected"),
    [
        ("portal_asking", "North", ("FORBIDDEN", None)),
        ("portal_two_sites", "North", ("FORBIDDEN", None)),
        ("portal_incidents", "South", ("NOT_FOUND", "siteId")),
        ("portal_manager", "Old", ("SITE_ARCHIVED", "siteId")),
    ],
)
def test_a_request_takes_the_right_at_an_open_site(
    own_station: Station, viewer: str, site: str, expected: tuple[str, str | None]
) -> None:
    home = own_station.one("Organization", shortName="Alder")
    given = {
        "siteId": own_station.one("Site", name=site, organization=home),
        "serviceId": own_station.one("Service", name="Guarding"),
        "title": "Anything",
    }
    assert refusal(own_station, viewer, "requestJob", **given) == expected


def test_nothing_is_asked_for_while_the_organization_is_paused(own_station: Station) -> None:
    home = own_station.one("Organization", shortName="Alder")
    own_station.command("administrator", "pauseOrganization", id=home)
    given = {
        "siteId": own_station.one("Site", name="North", organization=home),
        "serviceId": own_station.one("Service", name="Guarding"),
        "title": "Anything",
    }
    assert refusal(own_station, "portal_manager", "requestJob", **given) == ("ORG_PAUSED", "siteId")


def test_a_request_is_taken_back_by_its_maker_until_it_is_planned(own_station: Station) -> None:
    job = ask_for(own_station, "portal_asking", "South")["id"]
    assert refusal(own_station, "portal_manager", "withdrawJobRequest", id=job) == ("NOT_YOUR_REQUEST", "id")
    shown = own_station.command("portal_asking", "withdrawJobRequest", "job { status }", id=job)
    assert shown["job"] == {"status": "CANCELLED"}
    planned = own_station.one("Job", title="Asked South")
    assert refusal(own_station, "portal_asking", "withdrawJobRequest", id=planned) == ("INVALID_TRANSITION", "id")


CONTACT = "query($id: ID!) { node(id: $id) { ... on Contact { version jobTitle changeRequests(first: 9, filter: {status: [PENDING]}) { nodes { id jobTitle changedFields } } } } }"  # noqa: E501


def test_a_proposal_changes_nothing_until_it_is_approved(own_station: Station) -> None:
    noor = own_station.one("Contact", name="Noor")
    made = own_station.command(
        "portal_asking", "proposeContactChange", "changeRequest { id status changedFields jobTitle phone }",
        contactId=noor, jobTitle="Head of South", phone="+442079460018",
    )["changeRequest"]  # fmt: skip
    assert made == {
        "id": made["id"], "status": "PENDING", "changedFields": ["JOB_TITLE"], "jobTitle": "Head of South",
        "phone": None,
    }  # fmt: skip
    shown = own_station.ask("portal_manager", CONTACT, id=noor)["node"]
    assert shown["jobTitle"] == "Manager"
    assert {"id": made["id"], "jobTitle": "Head of South", "changedFields": ["JOB_TITLE"]} in shown["changeRequests"][
        "nodes"
    ]
    done = own_station.command("administrator", "approveChange", "changeRequest { status decidedAt }", id=made["id"])
    assert done["changeRequest"]["status"] == "APPROVED"
    now = own_station.ask("portal_manager", CONTACT, id=noor)["node"]
    assert (now["jobTitle"], now["version"]) == ("Head of South", shown["version"] + 1)
    assert notices(own_station, "portal_asking")[0]["kind"] == "CHANGE_APPROVED"


def test_a_proposal_for_a_contact_that_has_changed_since_is_a_conflict(own_station: Station) -> None:
    """What the client saw is not what stands now, so nobody knows whether they still want it."""
    noor = own_station.one("Contact", name="Noor")
    pending = own_station.ask("administrator", CONTACT, id=noor)["node"]["changeRequests"]["nodes"][0]["id"]
    own_station.command("administrator", "updateContact", id=noor, jobTitle="Director")
    before = own_station.mirror().rows
    document = f"mutation($i: ApproveChangeInput!) {{ approveChange(input: $i) {{ {REFUSED} }} }}"
    refused = own_station.ask("administrator", document, i={"id": pending})["approveChange"]["userErrors"]
    assert refused == [{"code": "CONFLICT", "field": ["id"], "permission": None, "currentVersion": 2}]
    assert own_station.mirror().rows == before
    said = refusal(
        own_station, "portal_asking", "proposeContactChange", contactId=noor, contactVersion=1, jobTitle="Chef"
    )
    assert said == ("CONFLICT", "contactVersion")


def test_a_declined_proposal_says_why(own_station: Station) -> None:
    noor = own_station.one("Contact", name="Noor")
    pending = own_station.ask("administrator", CONTACT, id=noor)["node"]["changeRequests"]["nodes"][0]["id"]
    assert refusal(own_station, "administrator", "declineChange", id=pending, reason=" ") == (
        "INVALID_LENGTH",
        "reason",
    )
    own_station.command("administrator", "declineChange", id=pending, reason="This number is not in service.")
    shown = "query($id: ID!) { node(id: $id) { ... on ChangeRequest { status reason } } }"
    seen = own_station.ask("portal_asking", shown, id=pending)["node"]
    assert seen == {"status": "DECLINED", "reason": "This number is not in service."}
    assert refusal(own_station, "administrator", "approveChange", id=pending) == ("INVALID_TRANSITION", "id")


@pytest.mark.parametrize(
    ("viewer", "given", "expected"),
    [
        ("portal_manager", {"privatePhone": "+442079460019"}, ("FIELD_FORBIDDEN", "privatePhone")),
        ("portal_manager", {"jobTitle": "Manager"}, ("NOTHING_PROPOSED", "contactId")),
        ("portal_manager", {"name": None}, ("REQUIRED", "name")),
        ("portal_manager", {"email": "nobody"}, ("INVALID_EMAIL", "email")),
        ("account_manager", {"jobTitle": "Other"}, ("FORBIDDEN", None)),
        ("portal_two_sites", {"jobTitle": "Other"}, ("NOT_FOUND", "contactId")),
    ],
)
def test_what_cannot_be_proposed(own_station: Station, viewer: str, given: Any, expected: Any) -> None:
    noor = own_station.one("Contact", name="Noor")
    assert refusal(own_station, viewer, "proposeContactChange", contactId=noor, **given) == expected


async def test_a_notice_comes_over_the_open_socket_and_is_counted_until_it_is_read(own_station: Station) -> None:
    count = (
        "subscription { access { notifications(first: 5, filter: {unread: true}) { totalCount nodes { id kind } } } }"
    )
    async with talk(own_station, "dispatcher") as line, talk(own_station, "clerk") as other:
        for one in (line, other):
            await one.subscribe("state", count)
        before = (await line.data("state"))["access"]["notifications"]["totalCount"]
        await other.data("state")
        ask_for(own_station)
        pushed = (await line.data("state"))["access"]["notifications"]
        assert pushed["totalCount"] == before + 1
        assert pushed["nodes"][0]["kind"] == "JOB_REQUESTED"
        own_station.command("dispatcher", "markNotificationsRead", upTo=pushed["nodes"][0]["id"])
        assert (await line.data("state"))["access"]["notifications"] == {"totalCount": 0, "nodes": []}
        assert await other.waiting("state") == []


def test_a_notice_is_nobody_elses(own_station: Station) -> None:
    mine = notices(own_station, "dispatcher")[0]["id"]
    for viewer in ("administrator", "portal_manager", "foreign_administrator"):
        assert own_station.ask(viewer, "query($id: ID!) { node(id: $id) { id } }", id=mine) == {"node": None}
        assert refusal(own_station, viewer, "markNotificationRead", id=mine) == ("NOT_FOUND", "id")


def test_a_notice_about_what_one_may_not_see_any_more_says_nothing_of_it(own_station: Station) -> None:
    assert notices(own_station, "portal_asking")[0]["job"] == {"title": "Asked South"}
    grants = own_station.place.mirror.rows["Grant"].values()
    (grant,) = (
        one["id"]
        for one in grants
        if one["user"] == own_station.place.world.users["portal_asking"] and one["name"] == "requests"
    )
    own_station.command("administrator", "revokeAccess", id=grant)
    assert notices(own_station, "portal_asking")[0]["job"] is None
