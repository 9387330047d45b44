"""Every command for every viewer against the oracle: allowed, or refused with the right code and nothing written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.matrix.checking import Checker, Introspected
from tests.matrix.commands import COMMANDS, STEPS, stopped, verdict
from tests.matrix.oracle import Eyes, place_of
from tests.matrix.policy import PERMISSIONS
from tests.matrix.samples import guarded_samples, samples
from tests.world.mirror import TABLES, plain
from tests.world.seed import VIEWERS
from tests.world.serving import Ask, Place, Undone, asking

ENVELOPE = {"idempotencyKey", "expectedVersion"}


@dataclass
class Bench:
    """The world with two services over it: one that commits, and one that takes back what it was asked to commit."""

    place: Place
    ask: Ask
    trial: Ask

    def eyes(self, viewer: str) -> Eyes:
        return Eyes(self.place.mirror, self.place.mirror.rows["User"][self.place.world.users[viewer]])


@pytest.fixture
async def bench(world: Place) -> AsyncIterator[Bench]:
    async with asking(world) as ask, asking(world, Undone) as trial:
        yield Bench(world, ask, trial)


def document(name: str) -> str:
    payload = COMMANDS[name].payload
    field = payload[0].lower() + payload[1:]
    title = name[0].upper() + name[1:]
    row, errors = "{ id version updatedAt viewerPermissions }", "userErrors { field code currentVersion permission }"
    return f"mutation($input: {title}Input!) {{ {name}(input: $input) {{ {field} {row} {errors} }} }}"


async def perform(ask: Ask, viewer: str, name: str, given: dict[str, Any]) -> dict[str, Any]:
    answer = await ask(viewer, document(name), {"input": given})
    assert "errors" not in answer, (viewer, name, given, answer)
    return answer["data"][name]


def refusal(payload: dict[str, Any]) -> Any:
    """The one error of a payload as the oracle puts it."""
    if not payload["userErrors"]:
        return None
    (error,) = payload["userErrors"]
    return error["code"], error["field"][0] if error["field"] else None, error["permission"]


def named(one: Any, permissions: Any) -> Any:
    """The oracle's refusal with the permission as the graph names it."""
    return one and (one[0], one[1], one[2] and permissions[one[2]])


def written(place: Place) -> Any:
    """What a command leaves behind: every table's rows, versions and the log."""
    versions = [f"(select coalesce(sum(version), 0) from {table})" for table in TABLES]
    counts = [f"(select count(*) from {table})" for table in (*TABLES, "event", "idempotency_key", "session")]
    epochs = "(select sum(number) from permission_epoch)"
    with psycopg.connect(plain(place.url)) as connection:
        return connection.execute(f"select {', '.join([*versions, *counts, epochs])}").fetchone()


async def test_the_oracle_knows_every_command_and_its_inputs(checker: Checker) -> None:
    told = await Introspected.of(checker.ask)
    types: Any = told.schema.type_map
    assert set(told.objects()["Mutation"].fields) == set(COMMANDS)
    for name, command in COMMANDS.items():
        given = set(types[f"{name[0].upper()}{name[1:]}Input"].fields)
        versioned = ENVELOPE if command.versioned else {"idempotencyKey"}
        assert given == {*command.refs, *command.fields} | versioned, name
        assert set(told.objects()["Mutation"].fields[name].args) == {"input"}
        fields = {command.payload[0].lower() + command.payload[1:], "userErrors", *command.shows}
        assert set(types[f"{name[0].upper()}{name[1:]}Payload"].fields) == fields


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_every_command(viewer: str, bench: Bench) -> None:
    """Those the oracle forbids are sent for good, the others to where they are taken back."""
    eyes, before = bench.eyes(viewer), written(bench.place)
    mirror, world = bench.place.mirror, bench.place.world
    for name, given in [*samples(mirror, world), *guarded_samples(mirror, world)]:
        expected = named(verdict(eyes, name, given), PERMISSIONS)
        payload = await perform(bench.ask if expected else bench.trial, viewer, name, given)
        assert refusal(payload) == expected, (viewer, name, given)
        if expected:
            assert [value for key, value in payload.items() if key != "userErrors"] == [None]
    assert written(bench.place) == before


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_a_stale_version_is_told_only_to_who_sees_the_row(viewer: str, bench: Bench) -> None:
    eyes, before = bench.eyes(viewer), written(bench.place)
    for name, given in samples(bench.place.mirror, bench.place.world):
        if not COMMANDS[name].versioned:
            continue
        stale = {**given, "expectedVersion": 99}
        payload = await perform(bench.ask, viewer, name, stale)
        assert refusal(payload) == verdict(eyes, name, stale), (viewer, name, given)
        row = eyes.visible(given["id"])
        assert payload["userErrors"][0]["currentVersion"] == (row and row["version"])
    assert written(bench.place) == before


@pytest.mark.parametrize("name", [name for name in COMMANDS if COMMANDS[name].refs])
async def test_hidden_foreign_absent_and_malformed_ids_are_refused_alike(name: str, bench: Bench) -> None:
    """Byte for byte: what is hidden from a viewer is answered as what does not exist."""
    given = next(given for one, given in samples(bench.place.mirror, bench.place.world) if one == name)
    reference = next(iter(COMMANDS[name].refs))
    kind = COMMANDS[name].refs[reference].strip("?").replace("place", "Site")
    prefix = next(iter(bench.place.mirror.rows[kind])).partition("_")[0]
    foreign = next(
        row["id"] for row in bench.place.mirror.rows[kind].values() if not bench.eyes("portal_incidents").sees(row)
    )
    abroad = bench.place.world.tenants["umbra"]
    other = next(row["id"] for row in bench.place.mirror.rows[kind].values() if row["tenant"] == abroad)
    ids = [foreign, other, f"{prefix}_{'0' * 32}", f"{prefix}_x", "", "org", "\N{SNOWMAN}" * 200, f"rep_{'0' * 32}"]
    said = set()
    for id in ids:
        await perform(bench.ask, "portal_incidents", name, {**given, reference: id})
        said.add(bench.ask.raw)
    assert len(said) == 1
    assert b"NOT_FOUND" in said.pop()


async def test_every_state_and_every_action(bench: Bench) -> None:
    """The administrator tries every step from every state there is, archived rows included."""
    tried = set()
    for kind, steps in STEPS.items():
        rows = [row for row in bench.place.mirror.rows[kind].values() if bench.eyes("administrator").sees(row)]
        for row in {(row["status"], row["archivedAt"] is None): row for row in rows}.values():
            for name in steps:
                payload = await perform(bench.trial, "administrator", name, {"id": row["id"]})
                code = stopped(row, name)
                expected = code and (code, "id", None)
                assert refusal(payload) == expected, (name, row["status"], row["archivedAt"])
                tried.add((kind, row["status"], name))
    assert len(tried) >= 4 * 3 + 3 * 3 + 4 * 2 + 6 * 6 + 3 * 2 + 3 * 2 - 2


@pytest.mark.parametrize("name", COMMANDS)
async def test_what_a_command_leaves_behind(name: str, new_world: Any) -> None:
    """One effect per key, under one version, with its event; another body under the key is refused."""
    with new_world() as place:
        given = next(given for one, given in _effective(place, name) if one == name and _allowed(place, one, given))
        mutated = {
            **given,
            "idempotencyKey": "the key",
            **({"expectedVersion": _version(place, given)} if COMMANDS[name].versioned else {}),
        }
        before = written(place)
        async with asking(place) as ask:
            first = await perform(ask, "administrator", name, mutated)
            raw, after = ask.raw, written(place)
            assert first["userErrors"] == []
            assert after != before
            again = await perform(ask, "administrator", name, mutated)
            assert again == first
            ask.operations.compiled = None
            assert await perform(ask, "administrator", name, mutated) == first, "field by field it is told the same"
            assert written(place) == after
            other = await perform(
                ask, "administrator", name, {**mutated, next(iter(_other(name, given))): _else(name, given)}
            )
            assert refusal(other) == ("IDEMPOTENCY_KEY_REUSED", "idempotencyKey", None)
            assert written(place) == after
            stranger = await perform(ask, "clerk", name, mutated)
            assert refusal(stranger) != ("IDEMPOTENCY_KEY_REUSED", "idempotencyKey", None), "keys belong to their user"
            assert raw
        _recorded(place, name, first)


def _effective(place: Place, name: str) -> Iterator[Any]:
    """An update changes something only if it is given something."""
    made = guarded_samples if name.startswith("update") else samples
    return made(place.mirror, place.world)


def _allowed(place: Place, name: str, given: dict[str, Any]) -> bool:
    eyes = Eyes(place.mirror, place.mirror.rows["User"][place.world.users["administrator"]])
    return verdict(eyes, name, given) is None


def _version(place: Place, given: dict[str, Any]) -> int:
    row = place.mirror.find(given["id"])
    assert row is not None
    return row["version"]


def _other(name: str, given: dict[str, Any]) -> list[str]:
    return [one for one in (*COMMANDS[name].refs, *COMMANDS[name].fields) if one in given] or ["idempotencyKey"]


def _else(name: str, given: dict[str, Any]) -> Any:
    value = given.get(_other(name, given)[0])
    return f"{value}0" if isinstance(value, str) else value


def _recorded(place: Place, name: str, payload: dict[str, Any]) -> None:
    """The last event is of this row, by whoever gave the command, at the version the answer tells."""
    shown = payload[COMMANDS[name].payload[0].lower() + COMMANDS[name].payload[1:]]
    with psycopg.connect(plain(place.url)) as connection:
        # Notices follow what they are told of.
        told = "" if COMMANDS[name].payload == "Notification" else "where node_type <> 'Notification'"
        if name == "setAccess":
            _given(place, connection, shown["id"])
            return
        query = f"select node_id, version, actor_id from event {told} order by seq desc limit 1"
        node, version, actor = connection.execute(query).fetchone() or (None, None, None)
    assert shown["id"].endswith(node.hex)
    assert shown["version"] == version
    assert place.world.users["administrator"].endswith(actor.hex)


def _given(place: Place, connection: psycopg.Connection[Any], user: str) -> None:
    """A set of grants is recorded grant by grant."""
    query = """select g.user_id, e.type, e.actor_id from event e join access_grant g on g.id = e.node_id
    order by e.seq desc limit 1"""
    whose, kind, actor = connection.execute(query).fetchone() or (None, None, None)
    assert (f"usr_{whose.hex}", kind) == (user, "AccessGranted")
    assert place.world.users["administrator"].endswith(actor.hex)


async def test_one_effect_for_twenty_commands_under_one_key(own_world: Place) -> None:
    given = {**_report_at(own_world), "idempotencyKey": "once"}
    async with asking(own_world) as ask:
        answers = await asyncio.gather(
            *(ask("administrator", document("createReport"), {"input": given}) for _ in range(20))
        )
    assert len({str(answer) for answer in answers}) == 1
    assert answers[0]["data"]["createReport"]["userErrors"] == []
    with psycopg.connect(plain(own_world.url)) as connection:
        made = connection.execute("select count(*) from report where title = 'Quince'").fetchone()
    assert made == (1,)


async def test_one_of_twenty_writers_of_the_same_version_wins(own_world: Place) -> None:
    site = own_world.mirror.one("Site", name="South")
    async with asking(own_world) as ask:
        writes = [{"id": site["id"], "name": f"South {n}", "expectedVersion": site["version"]} for n in range(20)]
        payloads = await asyncio.gather(*(perform(ask, "administrator", "updateSite", one) for one in writes))
    refusals = [refusal(one) for one in payloads]
    assert sorted(refusals, key=str) == [("CONFLICT", "expectedVersion", None)] * 19 + [None]
    assert {one["userErrors"][0]["currentVersion"] for one in payloads if one["userErrors"]} == {site["version"] + 1}


@pytest.mark.parametrize("_round", range(3))
async def test_of_two_steps_at_once_the_second_sees_the_first(own_world: Place, _round: int) -> None:
    job = own_world.mirror.one("Job", reference="acme-J-N0")
    async with asking(own_world) as ask:
        steps = ("scheduleJob", "cancelJob", "startJob", "holdJob")
        payloads = await asyncio.gather(*(perform(ask, "administrator", name, {"id": job["id"]}) for name in steps))
    done = [one for one in payloads if not one["userErrors"]]
    assert {refusal(one) for one in payloads if one["userErrors"]} <= {("INVALID_TRANSITION", "id", None)}
    with psycopg.connect(plain(own_world.url)) as connection:
        row = connection.execute("select version from job where reference = 'acme-J-N0'").fetchone()
    assert row == (job["version"] + len(done),)


async def test_twenty_moves_of_the_primary_contact_leave_one(own_world: Place) -> None:
    alder = own_world.mirror.one("Organization", shortName="Alder", tenant=own_world.world.tenants["acme"])["id"]
    contacts = own_world.mirror.rows["Contact"].values()
    people = [row["id"] for row in contacts if row["organization"] == alder and not row["archivedAt"]]
    async with asking(own_world) as ask:
        moves = [people[n % len(people)] for n in range(20)]
        payloads = await asyncio.gather(
            *(perform(ask, "administrator", "makeContactPrimary", {"id": one}) for one in moves)
        )
    assert {refusal(one) for one in payloads} == {None}
    with psycopg.connect(plain(own_world.url)) as connection:
        query = "select count(*) from contact where is_primary and organization_id = %s"
        assert connection.execute(query, (alder[4:],)).fetchone() == (1,)


def _report_at(place: Place) -> dict[str, Any]:
    name = "createReport"
    return next(
        given
        for one, given in samples(place.mirror, place.world)
        if one == name and place_of(place.mirror.rows["Site"][given["siteId"]])
    )
