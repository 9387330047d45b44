"""Whatever is taken from a program is gone when that is answered: over HTTP and on sockets, at another process too."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from server import directory, office
from tests.partners.program import ADMINISTRATOR, Program, codes, enrolled
from tests.server.talking import Station, Talk, socket, talk

pytestmark = pytest.mark.anyio
Stations = tuple[Station, Station]
WATCH = """subscription($p: ID!) { changes(under: $p) { ... on Reload { reason }
  ... on Change { kind event nodeId node { ... on Site { name timeZone } ... on Job { title } } } } }"""
STATE = "subscription { access { sites(first: 50) { nodes { name } } jobs(first: 50) { totalCount } } }"
READ = "{ sites(first: 50) { nodes { name timeZone } } jobs(first: 50) { totalCount } }"


@dataclass
class Scene:
    """A program with a socket at one process, while the staff works at the other."""

    program: Program
    near: Station
    far: Station
    grants: dict[str, str]

    def command(self, name: str, **given: Any) -> Any:
        return self.far.command(ADMINISTRATOR, name, "", **given)

    def secret(self) -> str:
        document = (
            """query($id: ID!) { node(id: $id) { ... on PartnerApplication { secrets(first: 5) { nodes { id } } } } }"""
        )
        return self.far.ask(ADMINISTRATOR, document, id=self.program.id)["node"]["secrets"]["nodes"][0]["id"]

    async def pass_by(self, number: int) -> None:
        """Something happens, and whoever sees it at the program's process has been told."""
        alder = self.near.one("Organization", shortName="Alder")
        async with talk(self.near, ADMINISTRATOR) as witness:
            await witness.subscribe("changes", WATCH, p=alder)
            await witness.data("changes")
            self.happen(number)
            # What was done just before may be told to the witness as well.
            while (await witness.data("changes"))["changes"]["event"] != "SiteUpdated":
                pass

    def happen(self, number: int) -> None:
        """Something happens to a site that the program sees, and to one of its jobs."""
        site = self.far.one("Site", name="North")
        self.command("updateSite", id=site, serviceDetails=f"Ring {number} times")


@pytest.fixture
def scene(two_stations: Stations) -> Scene:
    near, far = two_stations
    program = enrolled(near, "sites:read")
    alder = near.one("Organization", shortName="Alder")
    whole = near.ask(ADMINISTRATOR, _GRANTS, id=program.id)["node"]["grants"]["nodes"][0]["id"]
    near.command(ADMINISTRATOR, "revokeAccess", "", id=whole)
    grants = program.grant(alder, "sites:read", "jobs:read")
    return Scene(program, near, far, grants)


_GRANTS = "query($id: ID!) { node(id: $id) { ... on PartnerApplication { grants(first: 9) { nodes { id name } } } } }"


@asynccontextmanager
async def watching(scene: Scene) -> AsyncGenerator[Talk]:
    """A socket of the program on which both subscriptions are open."""
    async with socket(scene.near) as line:
        assert await line.init({"authorization": f"Bearer {scene.program.token}"}) == {"type": "connection_ack"}
        alder = scene.near.one("Organization", shortName="Alder")
        await line.subscribe("changes", WATCH, p=alder)
        assert (await line.data("changes"))["changes"] == {"reason": "STARTED"}
        await line.subscribe("access", STATE)
        assert (await line.data("access"))["access"]["sites"]["nodes"]
        yield line


async def test_what_happens_is_pushed_while_nothing_is_taken(scene: Scene) -> None:
    async with watching(scene) as line:
        scene.happen(2)
        change = (await line.data("changes"))["changes"]
        assert (change["event"], change["node"]["name"]) == ("SiteUpdated", "North")


def revoke_token(scene: Scene) -> None:
    answer = scene.far.http.post(
        "/oauth/revoke", data={"token": scene.program.token}, auth=(scene.program.client_id, scene.program.secret)
    )
    assert answer.status_code == 200


def end_secret(scene: Scene) -> None:
    scene.command("endPartnerSecret", id=scene.secret())


def disable(scene: Scene) -> None:
    scene.command("disablePartnerApplication", id=scene.program.id)


@pytest.mark.parametrize("take", [revoke_token, end_secret, disable])
async def test_a_token_that_ends_closes_its_sockets(take: Callable[[Scene], None], scene: Scene) -> None:
    async with watching(scene) as line:
        assert "errors" not in scene.program.answer(READ)
        take(scene)
        assert codes(scene.program.answer(READ)) == ["UNAUTHENTICATED"]
        scene.happen(3)
        assert await line.closed() == 4401
    async with socket(scene.near) as late:
        await late.say({"type": "connection_init", "payload": {"authorization": f"Bearer {scene.program.token}"}})
        assert await late.closed() == 4401


async def test_a_tenant_that_is_suspended_closes_them_too(scene: Scene) -> None:
    """The console does it behind the same fence as everybody."""
    async with watching(scene) as line:
        async with office.opened(scene.near.place.url) as opened:
            await directory.suspend_tenant(opened, "acme")
        assert codes(scene.program.answer(READ)) == ["UNAUTHENTICATED"]
        assert await line.closed() == 4401
    form = {"grant_type": "client_credentials"}
    assert scene.program.post("/oauth/token", form).json()["error"] == "invalid_client"


async def test_a_scope_that_is_revoked_shows_no_more(scene: Scene) -> None:
    async with watching(scene) as line:
        assert scene.program.answer(READ)["data"]["jobs"]["totalCount"] > 0
        scene.command("revokeAccess", id=scene.grants["jobs:read"])
        assert scene.program.answer(READ)["data"]["jobs"]["totalCount"] == 0
        pushed = (await line.data("access"))["access"]
        assert pushed["jobs"]["totalCount"] == 0
        job = scene.near.one("Job", reference="acme-J-N0")
        scene.command("updateJob", id=job, title="Nobody's business")
        scene.happen(4)
        events: list[str] = []
        while "SiteUpdated" not in events:
            events.append((await line.data("changes"))["changes"]["event"])
        # Of its own grant a program is told, of the job's change before the site's it was not.
        assert set(events) <= {"AccessRevoked", "SiteUpdated"}


async def test_an_organization_that_is_taken_shows_no_more(scene: Scene) -> None:
    async with watching(scene) as line:
        for grant in scene.grants.values():
            scene.command("revokeAccess", id=grant)
        assert scene.program.answer(READ)["data"]["sites"]["nodes"] == []
        last = None
        while last is None or last["sites"]["nodes"]:
            last = (await line.data("access"))["access"]
        await scene.pass_by(5)
        # Of its own grants it may have been told while one was left, of the site it was not.
        told = [one["payload"]["data"]["changes"]["event"] for one in await line.waiting("changes")]
        assert set(told) <= {"AccessRevoked"}


async def test_a_field_that_is_taken_is_not_pushed(scene: Scene) -> None:
    """The subscription asks for it, so it is over; what it was about is told with the refusal."""
    async with watching(scene) as line:
        scene.program.change(fields=["Site.name", "Job.title", "Job.id", "Change.event", "Change.nodeId"])
        read = scene.program.answer(READ)
        assert codes(read) == ["FIELD_FORBIDDEN"]
        assert "data" not in read
        scene.happen(6)
        assert await line.refusal("changes") == ["FIELD_FORBIDDEN"]
        await line.alive()


async def test_no_event_tells_of_what_may_not_be_asked_about(scene: Scene) -> None:
    """Of a site without any field on the list it is not even said that it changed."""
    scene.program.change(fields=["Job.title", "Change.event"])
    alder = scene.near.one("Organization", shortName="Alder")
    document = """subscription($p: ID!) { changes(under: $p) { __typename
      ... on Change { event node { ... on Job { title } } } } }"""
    async with socket(scene.near) as line:
        await line.init({"authorization": f"Bearer {scene.program.token}"})
        await line.subscribe("all", WATCH, p=alder)
        assert set(await line.refusal("all")) == {"FIELD_FORBIDDEN"}
        await line.subscribe("jobs", document, p=alder)
        assert (await line.data("jobs"))["changes"] == {"__typename": "Reload"}
        scene.happen(7)
        job = scene.near.one("Job", reference="acme-J-N0")
        scene.command("updateJob", id=job, title="Sweep the yard")
        change = (await line.data("jobs"))["changes"]
        assert change == {"__typename": "Change", "event": "JobUpdated", "node": {"title": "Sweep the yard"}}


async def test_two_secrets_change_over_without_a_gap(scene: Scene) -> None:
    program, old = scene.program, scene.secret()
    made = scene.far.command(
        ADMINISTRATOR, "rotatePartnerSecret", "secret partnerSecret { id label }", id=program.id, label="June"
    )
    full = scene.far.ask(
        ADMINISTRATOR,
        "mutation($i: RotatePartnerSecretInput!) { rotatePartnerSecret(input: $i) { secret userErrors { code } } }",
        i={"id": program.id},
    )
    assert full["rotatePartnerSecret"] == {"secret": None, "userErrors": [{"code": "SECRETS_FULL"}]}
    before = program.token
    async with watching(scene) as line:
        program.sign_in()
        both = program.token
        program.secret = made["secret"]
        after = program.sign_in()
        scene.command("endPartnerSecret", id=old)
        for token, status in ((before, 401), (both, 401), (after, 200)):
            program.token = token
            assert program.send(READ).status_code == status
        assert await line.closed() == 4401
    program.secret = "another"
    assert program.post("/oauth/token", {"grant_type": "client_credentials"}).json()["error"] == "invalid_client"


async def test_a_narrow_token_and_a_wide_one_of_one_program_are_told_different_things(scene: Scene) -> None:
    """They share a user, a process and a turn, and must not share an answer."""
    program = scene.program
    wide, narrow = program.token, program.sign_in(scope="sites:read")
    async with socket(scene.near) as one, socket(scene.near) as other:
        for line, token in ((one, wide), (other, narrow)):
            await line.init({"authorization": f"Bearer {token}"})
            await line.subscribe("access", STATE)
        assert (await one.data("access"))["access"]["jobs"]["totalCount"] > 0
        assert (await other.data("access"))["access"]["jobs"]["totalCount"] == 0
        alder = scene.near.one("Organization", shortName="Alder")
        for line in (one, other):
            await line.subscribe("changes", WATCH, p=alder)
            assert (await line.data("changes"))["changes"] == {"reason": "STARTED"}
        job = scene.near.one("Job", reference="acme-J-N0")
        scene.command("updateJob", id=job, title="Sweep again")
        assert (await one.data("changes"))["changes"]["node"] == {"title": "Sweep again"}
        # Both wait in the same turns, so what the one was told of the other would have been told of by now.
        assert await other.waiting("changes") == []
