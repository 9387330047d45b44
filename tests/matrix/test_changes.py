"""The stream of changes: told to whoever saw the node before or sees it now, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.matrix.oracle import Eyes
from tests.matrix.samples import Found
from tests.world.mirror import Mirror, mirror
from tests.world.served import PUSHED_WITHIN, Caller, Line, served
from tests.world.serving import Place

WATCHERS = (
    "administrator", "account_manager", "dispatcher", "portal_manager", "portal_two_sites", "portal_incidents",
    "portal_raw", "portal_nothing", "portal_party", "cedar_lead", "foreign_portal",
)  # fmt: skip
STREAM = """subscription { access: changes(under: "%s") { __typename ... on Reload { reason }
 ... on Change { event kind nodeId nodeType node { id ... on Report { title kind published: status } ... on Job
 { work: status } } } } }"""


@dataclass
class Scene:
    """A served world with a stream open for every watcher."""

    place: Place
    ask: Caller
    lines: dict[str, Line] = field(default_factory=dict)
    sentinels: int = 0

    def eyes(self, viewer: str, rows: Mirror) -> Eyes:
        return Eyes(rows, rows.rows["User"][self.place.world.users[viewer]])

    def command(self, name: str, given: dict[str, Any]) -> None:
        title = name[0].upper() + name[1:]
        document = f"mutation($input: {title}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
        assert self.ask("administrator", document, {"input": given})["data"][name]["userErrors"] == []

    def told(self, viewer: str) -> list[dict[str, Any]]:
        """What came on the viewer's stream so far. The socket answers a question after whatever it sent before."""
        events: list[dict[str, Any]] = []
        while (pushed := self.lines[viewer].next(0.4)) is not None:
            events.append(pushed["data"]["access"])
        return events


@pytest.fixture(scope="module")
def scene(new_world: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with ExitStack() as stack:
        place = stack.enter_context(new_world())
        address = stack.enter_context(served(place, Path(tmp_path_factory.mktemp("home"))))
        made = Scene(place, Caller(address, place.world.tokens))
        stack.callback(made.ask.client.close)
        for viewer in WATCHERS:
            slug = "umbra" if viewer.startswith("foreign") else "acme"
            line = Line(address, place.world.tokens[viewer], STREAM % place.world.tenants[slug])
            stack.callback(line.close)
            made.lines[viewer] = line
            first = line.next(PUSHED_WITHIN)
            assert first is not None
            assert first["data"]["access"]["__typename"] == "Reload"
        yield made


def _happenings(f: Found) -> list[tuple[str, dict[str, Any], str]]:
    """Commands with the node they are about, each in the state the ones before have left."""
    published = f.report("Alder/North", "ACTIVITY", "PUBLISHED")
    draft, incident = f.report("Alder/North", "ACTIVITY", "DRAFT"), f.report("Alder/North", "INCIDENT", "PUBLISHED")
    job, contract = f.job("J-S1"), f.contract("C-N2")
    return [
        ("withdrawReport", {"id": published}, published),
        ("publishReport", {"id": published}, published),
        ("archiveReport", {"id": published}, published),
        ("archiveReport", {"id": draft}, draft),
        ("updateReport", {"id": incident, "kind": "ACTIVITY"}, incident),
        ("updateReport", {"id": incident, "kind": "INCIDENT"}, incident),
        ("updateReport", {"id": incident, "internalNotes": "SECRET"}, incident),
        ("scheduleJob", {"id": job}, job),
        ("removeJobParty", {"id": job, "partyId": f.party("J-S1", "Cedar")}, job),
        ("addJobParty", {"id": job, "organizationId": f.organization("Cedar"), "role": "BILLING"}, job),
        ("activateContract", {"id": contract}, contract),
        ("updateContact", {"id": f.contact("Noor"), "jobTitle": "Director"}, f.contact("Noor")),
        ("limitSite", {"id": f.site("Cedar/East")}, f.site("Cedar/East")),
        ("updateUser", {"id": f.world.users["portal_raw"], "name": "Renamed"}, f.world.users["portal_raw"]),
    ]


@pytest.mark.slow
def test_a_change_is_told_to_whoever_saw_or_sees_the_node_and_to_nobody_else(scene: Scene) -> None:
    wrong = []
    for name, given, node in _happenings(Found(scene.place.mirror, scene.place.world)):
        before = mirror(scene.place.url)
        scene.command(name, given)
        after = mirror(scene.place.url)
        for viewer in WATCHERS:
            old, new = before.find(node), after.find(node)
            assert old is not None
            assert new is not None
            saw, sees = scene.eyes(viewer, before).sees(old), scene.eyes(viewer, after).sees(new)
            expected = {"UPDATED"} if sees else {"GONE"} if saw else set()
            events = scene.told(viewer)
            told = {"UPDATED" if one["kind"] == "CREATED" else one["kind"] for one in events if one["nodeId"] == node}
            if told != expected or any(one["nodeId"] != node for one in events):
                wrong.append((name, viewer, expected, events))
            for one in events:
                assert (one["node"] is None) == (one["kind"] == "GONE")
    assert wrong == []
