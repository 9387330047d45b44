"""Anything, in any order, against a served process: every answer and every push is what the oracle says it is.

The oracle's rows are changed here, in Python, by what the rules of the product say a command does. Each example has a
world and a process of its own; viewers keep one socket from the first step to the last.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from websockets.exceptions import ConnectionClosed

from tests.matrix.checking import errors_of
from tests.matrix.commands import COMMANDS, legal, verdict
from tests.matrix.oracle import Eyes, answer
from tests.matrix.policy import FOR_PORTAL, FOR_STAFF, PERMISSIONS, PORTAL_ROLES, STAFF_ROLES
from tests.scale import scaled
from tests.world.mirror import Row
from tests.world.served import PUSHED_WITHIN, Caller, Line, new_token, served
from tests.world.serving import Place as Ground

STEPS = int(os.environ.get("MACHINE_STEPS", scaled(2000)))
STEPS_OF_AN_EXAMPLE = 300
"""Longer ones need more randomness than an example of Hypothesis may draw."""

ACCESS = """epoch name permissions places { organization { id } site { id } permissions }
 sites(first: 20) { nodes { id name status } } jobs(first: 50) { totalCount nodes { id status cost { amount } } }
 contracts(first: 30) { nodes { id status baseRate { amount } } } reports(first: 60) { totalCount nodes { id
 kind status } }"""
LOOK = """{ viewer { epoch permissions reports(first: 9, order: TITLE) { totalCount nodes { id kind internalNotes } } }
 organizations(first: 20) { nodes { id taxIds { taxNumber } sites(first: 9) { nodes { id } } users(first: 30) {
 totalCount } } }
 contracts(first: 30) { totalCount nodes { id status baseRate { amount } } }
 jobs(first: 40, filter: {status: [SCHEDULED, REQUESTED]}) { totalCount nodes { id status parties(first: 9) {
 totalCount } } }
 users(first: 40) { nodes { id status name viewerPermissions } } }"""

WATCHERS = (
    "portal_two_sites",
    "portal_incidents",
    "portal_party",
    "portal_nothing",
    "portal_mixed",
    "cedar_lead",
    "access_manager",
)
MANAGERS = ("administrator", "administrator", "access_manager", "cedar_access", "portal_manager", "account_manager")
SUBJECTS = (
    "portal_two_sites",
    "portal_incidents",
    "portal_party",
    "portal_nothing",
    "portal_mixed",
    "cedar_lead",
    "clerk",
)
WORKERS = ("administrator", "account_manager", "operations_lead", "dispatcher", "cedar_lead", "portal_manager")
NAMES = ("reports", "incident_reports", "jobs", "contracts", "rates", "portal_viewer", "portal_manager", "jobs.view",
         "finance", "operations_lead", "clients.view", "reports.edit", "mail.cto")  # fmt: skip
PLACES = ("", "Alder", "Alder/North", "Alder/South", "Cedar", "Cedar/East", "Birch")


class Machine(RuleBasedStateMachine):
    """One world, one process, and what the oracle believes of both."""

    new_world: ClassVar[Callable[[], Any]]
    taken: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.stack, self.lines = ExitStack(), dict[str, Line]()
        self.expected: dict[str, dict[str, Any]] = {}
        try:
            self._begin()
        except BaseException:
            self._end()
            raise

    def _begin(self) -> None:
        self.ground: Ground = self.stack.enter_context(type(self).new_world())
        home = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.address = self.stack.enter_context(served(self.ground, home))
        self.mirror, self.users = self.ground.mirror, self.ground.world.users
        self.tokens = dict(self.ground.world.tokens)
        self.ask = Caller(self.address, self.tokens)
        self.stack.callback(self.ask.client.close)
        self.lines |= {viewer: self._line(viewer) for viewer in WATCHERS}
        self._settle()

    def teardown(self) -> None:
        try:
            time.sleep(0.3)
            self._settle()
        finally:
            self._end()

    def _end(self) -> None:
        for line in self.lines.values():
            line.close()
        self.stack.close()

    def _line(self, viewer: str) -> Line:
        return Line(self.address, self.tokens[viewer], f"subscription {{ access {{ {ACCESS} }} }}")

    def _eyes(self, viewer: str) -> Eyes:
        return Eyes(self.mirror, self.mirror.rows["User"][self.users[viewer]])

    def _active(self, viewer: str) -> bool:
        return self.mirror.rows["User"][self.users[viewer]]["status"] == "ACTIVE"

    def _settle(self) -> None:
        """Every socket has got the state of now, and nothing else."""
        for viewer, line in self.lines.items():
            expected = self._expected(viewer)
            while line.last is None or not _same(expected, line.last):
                pushed = line.next(PUSHED_WITHIN)
                assert pushed is not None, f"{viewer} was not told of {expected} after {line.last}"
                assert _same(expected, pushed), f"{viewer} was told {pushed} instead of {expected}"
            while (pushed := line.next(0.0)) is not None:
                assert _same(expected, pushed), f"{viewer} was told {pushed} instead of {expected}"

    def _expected(self, viewer: str) -> dict[str, Any]:
        """What the viewer's socket should show; worked out again only after something has changed."""
        if viewer not in self.expected:
            self.expected[viewer] = answer(self._eyes(viewer), f"{{ viewer {{ {ACCESS} }} }}")
        return self.expected[viewer]

    def _do(
        self, viewer: str, name: str, given: dict[str, Any], rules: Callable[[], str | None] = lambda: None
    ) -> Row | None:
        """Give a command. The row it was about if it was carried out; otherwise it was refused as the oracle says."""
        payload = COMMANDS[name].payload[0].lower() + COMMANDS[name].payload[1:]
        title = name[0].upper() + name[1:]
        document = (
            f"mutation($input: {title}Input!) {{ {name}(input: $input) {{ {payload} {{ id }} "
            f"userErrors {{ code permission }} }} }}"
        )
        said = self.ask(viewer, document, {"input": given})
        if not self._active(viewer):
            assert [error["extensions"]["code"] for error in said["errors"]] == ["UNAUTHENTICATED"], said
            return None
        assert "errors" not in said, said
        refused = verdict(self._eyes(viewer), name, given)
        code = refused[0] if refused else rules()
        expected = (
            [] if code is None else [{"code": code, "permission": refused and refused[2] and PERMISSIONS[refused[2]]}]
        )
        assert said["data"][name]["userErrors"] == expected, (viewer, name, given, said)
        if code is not None:
            return None
        self.expected.clear()
        return said["data"][name]

    @invariant()
    def count(self) -> None:
        """Called after every step, and once before the first."""
        type(self).taken += 1

    # What the rules of the product make of a command.

    def _grant_rules(self, user: Row, name: str, place: Row) -> str | None:
        portal = user["kind"] == "PORTAL"
        home = place["id"] if place["__typename"] == "Organization" else place.get("organization")
        grantable = (
            name in FOR_PORTAL and home == user["organization"]
            if portal
            else name in FOR_STAFF and name not in PORTAL_ROLES
        )
        if not grantable:
            return "NOT_GRANTABLE"
        return "ALREADY_GRANTED" if self._live(user, name, place) else None

    def _live(self, user: Row, name: str, place: Row) -> Row | None:
        organization, site = _within(place)
        sought = {"user": user["id"], "name": name, "organization": organization, "site": site, "archivedAt": None}
        return next((one for one in self.mirror.rows["Grant"].values() if sought.items() <= one.items()), None)

    def _row(self, path: str) -> Row:
        tenant = self.ground.world.tenants["acme"]
        if not path:
            return self.mirror.rows["Tenant"][tenant]
        organization, _, name = path.partition("/")
        row = self.mirror.one("Organization", tenant=tenant, shortName=organization)
        return self.mirror.one("Site", organization=row["id"], name=name) if name else row

    @rule(
        by=st.sampled_from(MANAGERS),
        who=st.sampled_from(SUBJECTS),
        name=st.sampled_from(NAMES),
        at=st.sampled_from(PLACES),
    )
    def grant(self, by: str, who: str, name: str, at: str) -> None:
        user, place = self.mirror.rows["User"][self.users[who]], self._row(at)
        given = {"userId": user["id"], "placeId": place["id"], "name": name}
        done = self._do(by, "grantAccess", given, lambda: self._grant_rules(user, name, place))
        if done:
            organization, site = _within(place)
            kind = (
                "ROLE" if name in {*STAFF_ROLES, *PORTAL_ROLES} else "PERMISSION" if name in PERMISSIONS else "FEATURE"
            )
            row = {"__typename": "Grant", "tenant": user["tenant"], "user": user["id"], "kind": kind, "name": name}
            row |= {"organization": organization, "site": site, "cause": "MANUAL", "archivedAt": None}
            id = done["grant"]["id"] if done["grant"] else f"grt_{len(self.mirror.rows['Grant']):032}"
            self.mirror.rows["Grant"][id] = row | {"id": id, "version": 1}
            self.mirror.epochs[user["id"]] += 1
        self._settle()

    @rule(by=st.sampled_from(MANAGERS), who=st.sampled_from(SUBJECTS), nth=st.integers(0, 9))
    def revoke(self, by: str, who: str, nth: int) -> None:
        grants = [one for one in self.mirror.rows["Grant"].values() if one["user"] == self.users[who]]
        if not grants:
            return
        row = grants[-1 - nth % len(grants)]
        done = self._do(
            by, "revokeAccess", {"id": row["id"]}, lambda: "INVALID_TRANSITION" if row["archivedAt"] else None
        )
        if done:
            row["archivedAt"] = "now"
            self.mirror.epochs[row["user"]] += 1
        self._settle()

    @rule(by=st.sampled_from(MANAGERS), who=st.sampled_from(SUBJECTS))
    def suspend(self, by: str, who: str) -> None:
        row = self.mirror.rows["User"][self.users[who]]
        done = self._do(
            by, "suspendUser", {"id": row["id"]}, lambda: None if legal(row, "suspendUser") else "INVALID_TRANSITION"
        )
        if done:
            row["status"] = "SUSPENDED"
            self.mirror.epochs[row["id"]] += 1
            if who in self.lines:
                line = self.lines.pop(who)
                assert line.closed() == 4401
                line.close()
        self._settle()

    @rule(by=st.sampled_from(MANAGERS[:3]), who=st.sampled_from(SUBJECTS))
    def reactivate(self, by: str, who: str) -> None:
        row = self.mirror.rows["User"][self.users[who]]
        rules: Callable[[], str | None] = lambda: None if legal(row, "reactivateUser") else "INVALID_TRANSITION"  # noqa: E731
        done = self._do(by, "reactivateUser", {"id": row["id"]}, rules)
        if done:
            row["status"] = "ACTIVE"
            self.mirror.epochs[row["id"]] += 1
            said = self.ask(who, "{ viewer { id } }")
            assert said["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", "an ended session stays ended"
            self.tokens[who] = new_token(self.ground, row["id"])
            if who in WATCHERS:
                self.lines[who] = self._line(who)
        self._settle()

    @rule(
        by=st.sampled_from(WORKERS),
        nth=st.integers(0, 40),
        step=st.sampled_from(("publishReport", "withdrawReport", "publishReport", "archiveReport")),
    )
    def report(self, by: str, nth: int, step: str) -> None:
        row = self._nth("Report", nth)
        done = self._do(by, step, {"id": row["id"]}, lambda: self._report_rules(row, step))
        if done and step == "archiveReport":
            row |= {"archivedAt": "now", "status": "WITHDRAWN" if row["status"] == "PUBLISHED" else row["status"]}
        elif done:
            row["status"] = "PUBLISHED" if step == "publishReport" else "WITHDRAWN"
        self._settle()

    def _report_rules(self, row: Row, step: str) -> str | None:
        possible = row["archivedAt"] is None if step == "archiveReport" else legal(row, step)
        return None if possible else "INVALID_TRANSITION"

    @rule(by=st.sampled_from(WORKERS), nth=st.integers(0, 40), kind=st.sampled_from(("INCIDENT", "ACTIVITY")))
    def reclassify(self, by: str, nth: int, kind: str) -> None:
        row = self._nth("Report", nth)
        if self._do(by, "updateReport", {"id": row["id"], "kind": kind}):
            row["kind"] = kind
        self._settle()

    @rule(
        by=st.sampled_from(WORKERS),
        nth=st.integers(0, 20),
        step=st.sampled_from(("scheduleJob", "startJob", "holdJob", "resumeJob", "completeJob", "cancelJob")),
    )
    def job(self, by: str, nth: int, step: str) -> None:
        self._step(
            "Job",
            by,
            nth,
            step,
            {
                "scheduleJob": "SCHEDULED",
                "startJob": "IN_PROGRESS",
                "holdJob": "ON_HOLD",
                "resumeJob": "SCHEDULED",
                "completeJob": "COMPLETED",
                "cancelJob": "CANCELLED",
            },
        )

    @rule(
        by=st.sampled_from(WORKERS),
        nth=st.integers(0, 20),
        step=st.sampled_from(("activateContract", "terminateContract")),
    )
    def contract(self, by: str, nth: int, step: str) -> None:
        self._step("Contract", by, nth, step, {"activateContract": "ACTIVE", "terminateContract": "TERMINATED"})

    @rule(by=st.sampled_from(WORKERS), nth=st.integers(0, 9), step=st.sampled_from(("limitSite", "reopenSite")))
    def site(self, by: str, nth: int, step: str) -> None:
        self._step("Site", by, nth, step, {"limitSite": "LIMITED", "reopenSite": "ACTIVE"})

    def _step(self, kind: str, by: str, nth: int, step: str, targets: dict[str, str]) -> None:
        row = self._nth(kind, nth)
        if self._do(by, step, {"id": row["id"]}, lambda: None if legal(row, step) else "INVALID_TRANSITION"):
            row["status"] = targets[step]
        self._settle()

    @rule(by=st.sampled_from(WORKERS), nth=st.integers(0, 20), organization=st.sampled_from(("Cedar", "Birch")))
    def add_party(self, by: str, nth: int, organization: str) -> None:
        job, other = self._nth("Job", nth), self._row(organization)
        given = {"id": job["id"], "organizationId": other["id"], "role": "BILLING"}
        taken = self._party(job, other)
        if self._do(by, "addJobParty", given, lambda: "PARTY_ALREADY_LINKED" if taken else None):
            id = self._ask_party(job, other)
            row = {
                "__typename": "JobParty",
                "id": id,
                "tenant": job["tenant"],
                "job": job["id"],
                "contact": None,
                "role": "BILLING",
            }
            self.mirror.rows["JobParty"][id] = row | {
                "organization": other["id"],
                "archivedAt": None,
                "createdAt": f"{len(self.mirror.rows['JobParty']):09}",
            }
        self._settle()

    def _party(self, job: Row, other: Row) -> Row | None:
        sought = {"job": job["id"], "organization": other["id"], "role": "BILLING", "archivedAt": None}
        return next((one for one in self.mirror.rows["JobParty"].values() if sought.items() <= one.items()), None)

    def _ask_party(self, job: Row, other: Row) -> str:
        document = (
            "query($id: ID!) { node(id: $id) { ... on Job { parties(first: 50, filter: {role: "
            "[BILLING]}) { nodes { id organization { id } } } } } }"
        )
        parties = self.ask("operations_lead", document, {"id": job["id"]})["data"]["node"]["parties"]["nodes"]
        return next(one["id"] for one in parties if one["organization"]["id"] == other["id"])

    @rule(by=st.sampled_from(WORKERS), nth=st.integers(0, 20))
    def remove_party(self, by: str, nth: int) -> None:
        parties = [one for one in self.mirror.rows["JobParty"].values() if one["role"] != "PRIMARY"]
        party = parties[nth % len(parties)]
        if self._do(by, "removeJobParty", {"id": party["job"], "partyId": party["id"]}):
            party["archivedAt"] = "now"
        self._settle()

    @rule(by=st.sampled_from(MANAGERS), who=st.sampled_from(SUBJECTS), nth=st.integers(0, 99))
    def rename(self, by: str, who: str, nth: int) -> None:
        row = self.mirror.rows["User"][self.users[who]]
        if self._do(by, "updateUser", {"id": row["id"], "name": f"{who} {nth:02}"}):
            row["name"] = f"{who} {nth:02}"
        self._settle()

    @rule(viewer=st.sampled_from((*WATCHERS, *WORKERS, "portal_raw", "foreign_administrator", "foreign_portal")))
    def look(self, viewer: str) -> None:
        said = self.ask(viewer, LOOK)
        if not self._active(viewer):
            assert said["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            return
        expected = answer(self._eyes(viewer), LOOK)
        assert _same(expected, said), f"{viewer} got {said} instead of {expected}"

    @rule(
        viewer=st.sampled_from(WATCHERS),
        kind=st.sampled_from(("Report", "Job", "Contract", "Grant", "User")),
        nth=st.integers(0, 40),
    )
    def look_at_one_through_the_socket(self, viewer: str, kind: str, nth: int) -> None:
        if viewer not in self.lines:
            return
        row = self._nth(kind, nth)
        document = (
            "query($id: ID!) { node(id: $id) { id __typename viewerPermissions } whyNot(id: $id, "
            'field: "id") { code } }'
        )
        said = self.lines[viewer].ask(document, {"id": row["id"]})
        expected = answer(self._eyes(viewer), document, {"id": row["id"]})
        assert _same(expected, said), f"{viewer} got {said} instead of {expected}"

    def _nth(self, kind: str, nth: int) -> Row:
        rows = [row for row in self.mirror.rows[kind].values() if row["tenant"] == self.ground.world.tenants["acme"]]
        return rows[nth % len(rows)]


def _within(place: Row) -> tuple[str | None, str | None]:
    if place["__typename"] == "Tenant":
        return None, None
    return (place["organization"], place["id"]) if place["__typename"] == "Site" else (place["id"], None)


def _same(expected: dict[str, Any], said: dict[str, Any]) -> bool:
    """Whether an answer, or a push of the same selection, is the expected one."""
    data = dict(said["data"])
    errors = errors_of(said)
    if "access" in data:
        data["viewer"] = data.pop("access")
        errors = sorted((_renamed(one) for one in errors), key=repr)
    return data == expected["data"] and errors == expected["errors"]


def _renamed(error: Any) -> Any:
    code, path, name, count = error
    return code, ("viewer", *path[1:]) if path else path, name, count


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_any_history_agrees_with_the_oracle(new_world: Callable[[], Iterator[Ground]]) -> None:
    Machine.new_world, Machine.taken = staticmethod(new_world), 0  # type: ignore[assignment]
    try:
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=-(-STEPS // STEPS_OF_AN_EXAMPLE),
                stateful_step_count=STEPS_OF_AN_EXAMPLE,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    except ConnectionClosed as error:
        raise AssertionError("a socket was closed that should have stayed open") from error
    assert Machine.taken >= STEPS
