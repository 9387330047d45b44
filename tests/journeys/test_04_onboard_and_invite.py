"""Journey 4: a client is taken on, its contact gets an address, is invited three times and arrives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.world.posted import House, house, password_in, text_of, token_in, until

__all__ = ["house"]

STAFF = "administrator"
INVITABLE = "query($id: ID!) { node(id: $id) { ... on Contact { canInvite inviteRefusal } } }"
HISTORY = """query($id: ID!) { node(id: $id) { ... on Contact { organization { portalUsers(first: 10) { nodes {
  user { status } contact { id } invitations(first: 10, order: CREATED) { totalCount nodes {
    delivery status createdAt expiresAt endedAt expired } } } } } } } }"""


def at(hour: int, minute: int = 0, *, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def onboarded(house: House) -> tuple[str, str, str]:
    """A client that was just taken on: its organization, its site, and its contact, who can only be telephoned."""
    command = house.station.command
    given = {"legalName": "Quince Limited", "shortName": "Quince", "location": "LOCAL"}
    organization = command(STAFF, "createOrganization", "organization { id }", **given)["organization"]["id"]
    command(STAFF, "activateOrganization", id=organization)
    site = {"organizationId": organization, "name": "Harbour", "timeZone": "Europe/London"}
    site_id = command(STAFF, "createSite", "site { id }", **site)["site"]["id"]
    person = {"organizationId": organization, "name": "Quentin Marsh", "phone": "+442079460018"}
    contact = command(STAFF, "createContact", "contact { id isPrimary }", **person)["contact"]
    assert contact["isPrimary"] is True
    return organization, site_id, contact["id"]


def invitable(house: House, contact: str) -> tuple[bool, str | None]:
    node = house.station.ask(STAFF, INVITABLE, id=contact)["node"]
    return node["canInvite"], node["inviteRefusal"]


def history(house: House, contact: str) -> tuple[str, list[dict[str, Any]]]:
    """The state of the contact's portal user, and every invitation."""
    users = house.station.ask(STAFF, HISTORY, id=contact)["node"]["organization"]["portalUsers"]["nodes"]
    (one,) = [user for user in users if user["contact"]["id"] == contact]
    assert one["invitations"]["totalCount"] == len(one["invitations"]["nodes"])
    return one["user"]["status"], one["invitations"]["nodes"]


def test_journey_4_without_an_address_nobody_is_invited_and_work_goes_on(house: House) -> None:
    _, site, contact = onboarded(house)
    assert invitable(house, contact) == (False, "PRIMARY_CONTACT_EMAIL_MISSING")
    document = "mutation($i: InvitePortalUserInput!) { invitePortalUser(input: $i) { userErrors { code field } } }"
    refused = house.station.ask(STAFF, document, i={"contactId": contact})["invitePortalUser"]
    assert refused == {"userErrors": [{"code": "PRIMARY_CONTACT_EMAIL_MISSING", "field": ["contactId"]}]}
    job = house.station.command(STAFF, "createJob", "job { status }", siteId=site, title="First patrol")["job"]
    assert job == {"status": "REQUESTED"}
    house.station.command(STAFF, "updateContact", id=contact, email="quentin@quince.example")
    assert invitable(house, contact) == (True, None)
    assert house.box.letters == []


def test_journey_4_three_invitations_and_an_arrival(house: House) -> None:
    organization, site, contact = onboarded(house)
    house.station.command(STAFF, "updateContact", id=contact, email="quentin@quince.example")
    scope = {"role": "portal_viewer", "reportKinds": ["INCIDENT"], "placeIds": [site]}

    house.clock.now = at(9)
    sent = house.station.command(STAFF, "invitePortalUser", "invitation { id }", contactId=contact, **scope)
    first = token_in(house.box.letter(1))
    assert house.box.letter(1)["To"] == "quentin@quince.example"
    assert invitable(house, contact) == (False, "ALREADY_INVITED")

    house.clock.now = at(10)
    again = house.station.command(STAFF, "resendInvitation", "invitation { id }", id=sent["invitation"]["id"])
    second = token_in(house.box.letter(2))
    browser = house.browser()
    assert browser.refused("/auth/invitation/look", token=first) == (410, "LINK_DEAD")
    assert browser.refused("/auth/invitation/accept", token=first, password="tall ships at anchor") == (
        410,
        "LINK_DEAD",
    )

    house.clock.now = at(10, day=5)
    status, seen = browser.post("/auth/invitation/look", token=second)
    assert status == 200
    assert seen["email"] == "quentin@quince.example"
    assert seen["organization"] == {"name": "Quince"}
    assert datetime.fromisoformat(seen["expiresAt"]) == at(10, day=5)
    house.clock.now = at(10, day=5) + timedelta(seconds=1)
    assert browser.refused("/auth/invitation/look", token=second) == (410, "LINK_DEAD")
    assert browser.refused("/auth/invitation/accept", token=second, password="tall ships at anchor") == (
        410,
        "LINK_DEAD",
    )

    house.clock.now = at(11, day=5)
    by_password = {"id": again["invitation"]["id"], "delivery": "TEMPORARY_PASSWORD"}
    house.station.command(STAFF, "resendInvitation", "invitation { id }", **by_password)
    temporary = password_in(house.box.letter(3))
    assert "#" not in text_of(house.box.letter(3)).split("http", 1)[1]
    _arrive(house, temporary)

    state, entries = history(house, contact)
    assert state == "ACTIVE"
    assert entries == [
        _entry("LINK", "REPLACED", at(9), at(10)),
        _entry("LINK", "REPLACED", at(10), at(11, day=5)),
        _entry("TEMPORARY_PASSWORD", "ACCEPTED", at(11, day=5), at(11, day=5)),
    ]
    assert invitable(house, contact) == (False, "ALREADY_A_PORTAL_USER")
    assert len(house.box.letters) == 3
    del organization


def _entry(delivery: str, status: str, issued: datetime, ended: datetime) -> dict[str, Any]:
    times = {"createdAt": shown(issued), "expiresAt": shown(issued + timedelta(hours=72)), "endedAt": shown(ended)}
    return {"delivery": delivery, "status": status, **times, "expired": False}


def _arrive(house: House, temporary: str) -> None:
    """Sign in with the temporary password, be let do nothing, choose another, and see just what was given."""
    browser = house.browser()
    came = {"email": "quentin@quince.example", "password": temporary}
    status, answer = browser.post("/auth/sign-in", **came)
    assert (status, answer["needs"]) == (200, "NEW_PASSWORD")
    assert house.browser().refused("/auth/sign-in", **came) == (401, "INVALID_CREDENTIALS")
    assert browser.standing() == (False, "NEW_PASSWORD")
    assert browser.ask("{ viewer { name } }")["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert browser.refused("/auth/password", password="short") == (400, "PASSWORD_TOO_SHORT")
    assert browser.refused("/auth/password", password="password1") == (400, "PASSWORD_BREACHED")
    assert browser.refused("/auth/password", password="Quentin-Marsh1") == (400, "PASSWORD_PERSONAL")
    status, answer = browser.post("/auth/password", password="tall ships at anchor")
    assert (status, answer["needs"]) == (200, None)
    assert browser.standing() == (True, None)
    seen = browser.ask(
        "{ viewer { name sites(first: 10) { nodes { name } } organizations(first: 10) { totalCount } } }"
    )
    assert seen == {
        "data": {
            "viewer": {
                "name": "Quentin Marsh",
                "sites": {"nodes": [{"name": "Harbour"}]},
                "organizations": {"totalCount": 1},
            }
        }
    }


def test_journey_4_a_cancelled_link_is_refused(house: House) -> None:
    organization, _, contact = onboarded(house)
    house.station.command(STAFF, "updateContact", id=contact, email="quentin@quince.example")
    sent = house.station.command(STAFF, "invitePortalUser", "invitation { id }", contactId=contact)["invitation"]["id"]
    token = token_in(house.box.letter(1))
    pending = """query($id: ID!) { node(id: $id) { ... on Organization {
      invitations(first: 10, filter: {status: [PENDING]}) { nodes { id user { email } } } } } }"""
    listed = house.station.ask(STAFF, pending, id=organization)["node"]["invitations"]["nodes"]
    assert listed == [{"id": sent, "user": {"email": "quentin@quince.example"}}]
    house.station.command(STAFF, "cancelInvitation", id=sent)
    assert house.station.ask(STAFF, pending, id=organization)["node"]["invitations"]["nodes"] == []
    browser = house.browser()
    assert browser.refused("/auth/invitation/look", token=token) == (410, "LINK_DEAD")
    assert browser.refused("/auth/invitation/accept", token=token, password="tall ships at anchor") == (
        410,
        "LINK_DEAD",
    )
    assert history(house, contact)[0] == "INVITED"


def test_journey_4_the_invitation_may_go_out_with_the_contact(house: House) -> None:
    """Sent at creation the way in works at once, and a mail server that refuses does not undo the contact."""
    organization, site, _ = onboarded(house)
    person = {"organizationId": organization, "name": "Ida Roth", "email": "ida@quince.example", "language": "DE"}
    invite = {"role": "portal_viewer", "placeIds": [organization]}
    selection = "contact { id canInvite inviteRefusal }"
    made = house.station.command(STAFF, "createContact", selection, **person, invite=invite)["contact"]
    assert (made["canInvite"], made["inviteRefusal"]) == (False, "ALREADY_INVITED")
    letter = house.box.letter(1)
    assert letter["Subject"] == "Acme: Ihr Zugang zum Kundenportal"
    browser = house.browser()
    status, answer = browser.post("/auth/invitation/accept", token=token_in(letter), password="hohe Masten im Hafen")
    assert (status, answer["needs"]) == (200, None)
    assert browser.ask("{ viewer { name } }") == {"data": {"viewer": {"name": "Ida Roth"}}}

    house.box.refusing = "550 No such user here"
    other = {"organizationId": organization, "siteId": site, "name": "Max Orth", "email": "max@quince.example"}
    made = house.station.command(STAFF, "createContact", "contact { id }", **other, invite={})["contact"]["id"]
    failed = """query($id: ID!) { node(id: $id) { ... on Contact { name organization { invitations(first: 1) {
      nodes { sentAt failedAt status } } } } } }"""
    until(
        lambda: house.station.ask(STAFF, failed, id=made)["node"]["organization"]["invitations"]["nodes"][0]["failedAt"]
    )
    assert house.station.ask(STAFF, failed, id=made)["node"] == {
        "name": "Max Orth",
        "organization": {
            "invitations": {"nodes": [{"sentAt": None, "failedAt": shown(house.clock.now), "status": "PENDING"}]}
        },
    }
