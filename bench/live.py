"""Open sockets: how many are held, what each costs, how fast a change reaches them, in how few statements."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import httpx2

import models
from bench import company as companies
from bench.company import Company, Person
from bench.stage import Node, database, percentile, serving
from bench.wsclient import LightSocket, open_socket
from resolvers.ids import encode

CHANGES = """subscription($under: ID!) {
  changes(under: $under) { ... on Change { event version nodeId } ... on Reload { reason } }
}"""
SHOWN = """subscription($under: ID!) {
  changes(under: $under) { ... on Change { event node { ... on Job { title site { name } } } } }
}"""
ACCESS = "subscription { access { epoch places { permissions } reports(first: 20) { totalCount nodes { id } } } }"
UPDATE = "mutation($id: ID!, $title: String!) { updateJob(input: {id: $id, title: $title}) { userErrors { code } } }"
REVOKE = "mutation($id: ID!) { revokeAccess(input: {id: $id}) { userErrors { code message } } }"
LOOKS = 'way="events"'
GRANT = """mutation($user: ID!, $place: ID!) {
  grantAccess(input: {userId: $user, placeId: $place, name: "reports"}) { grant { id } userErrors { code message } }
}"""


async def run(quick: bool) -> dict[str, Any]:
    """Everything, on two server processes and one database."""
    many = 2_000 if quick else 10_000
    with database() as url:
        company = await asyncio.to_thread(companies.found, url, 1_000)
        return {
            "held": await _held(url, company, many),
            "permission_change": await _permission_changes(url, company, 60 if quick else 400),
            "fan_out": [await _fan_out(url, company, size, 5 if quick else 20) for size in (1_000, many)],
            "statements": await _statements(url, company),
        }


async def _held(url: str, company: Company, count: int) -> dict[str, Any]:
    """Sockets held open by one process, each with a subscription, and what one of them takes of its memory."""
    async with serving(url, 1) as (node,):
        warm = await _crowd(node, company, 50)
        before, began = node.memory(), time.perf_counter()
        sockets = await _crowd(node, company, count - 50)
        opened = time.perf_counter() - began
        await asyncio.sleep(2)
        held = _gauge(await _metrics(node), "portico_sockets_open")
        found = {
            "sockets": int(held),
            "bytes_per_socket": round((node.memory() - before) / (count - 50)),
            "opened_per_second": round(count / opened),
        }
        _close([*warm, *sockets])
        return found


async def _permission_changes(url: str, company: Company, rounds: int) -> dict[str, Any]:
    """From the answer of the mutation to the push at the user's socket, while a thousand sockets are open."""
    async with serving(url, 2) as nodes, httpx2.AsyncClient(timeout=30) as client:
        arrivals: dict[int, list[float]] = {index: [] for index in range(1_000)}
        sockets = await _in_steps(
            [
                open_socket(
                    nodes[index % 2].port, person.token, ACCESS, {}, lambda _, at, to=arrivals[index]: to.append(at)
                )
                for index, person in enumerate(company.people[:1_000])
            ]
        )
        pushes: list[float] = []
        answers: list[float] = []
        for number in range(rounds):
            index = number * 37 % 1_000
            person = company.people[index]
            seen, began = len(arrivals[index]), time.perf_counter()
            await _change(client, nodes[0], company, person)
            answered = time.perf_counter()
            answers.append(answered - began)
            arrived = await _next(arrivals[index], seen)
            pushes.append(max(0.0, arrived - answered))
        _close(sockets)
        return {"sockets": len(sockets), "changes": rounds, "answer_ms": _spread(answers), "push_ms": _spread(pushes)}


async def _change(client: httpx2.AsyncClient, node: Node, company: Company, person: Person) -> None:
    """Take the reports away from somebody who has them, or give them back."""
    if person.grant.int:
        await _ask(client, node, company, REVOKE, {"id": encode(models.Grant, person.grant)})
        person.grant = type(person.grant)(int=0)
        return
    place = person.place
    id = encode(models.Site, place.site) if place.site else encode(models.Organization, place.organization)  # type: ignore[arg-type]
    answer = await _ask(client, node, company, GRANT, {"user": encode(models.User, person.id), "place": id})
    person.grant = type(person.grant)(answer["grantAccess"]["grant"]["id"].split("_")[1])


async def _fan_out(url: str, company: Company, size: int, rounds: int) -> dict[str, Any]:
    """One event to all subscribers of its organization, from sending the command to the last of them."""
    async with serving(url, 1) as (node,), httpx2.AsyncClient(timeout=30) as client:
        job, at = company.jobs[0]
        audience = company.audience
        arrivals: list[float] = []
        under = {"under": encode(models.Organization, at.organization)}  # type: ignore[arg-type]
        sockets = await _in_steps(
            [
                open_socket(
                    node.port, audience[index % len(audience)].token, CHANGES, under, lambda _, t: arrivals.append(t)
                )
                for index in range(size)
            ]
        )
        all_: list[float] = []
        each: list[float] = []
        for number in range(rounds):
            arrivals.clear()
            began = time.perf_counter()
            await _ask(
                client, node, company, UPDATE, {"id": encode(models.Job, job), "title": f"Patrol {size} {number}"}
            )
            await _until(lambda: len(arrivals) >= size)
            all_.append(max(arrivals) - began)
            each += [one - began for one in arrivals]
        _close(sockets)
        return {"subscribers": size, "events": rounds, "all_ms": _spread(all_), "each_ms": _spread(each)}


async def _statements(url: str, company: Company) -> list[dict[str, Any]]:
    """SQL statements per look at an event: the same for ten subscribers and for a thousand of different rights."""
    return [await _looked_at(url, company, size) for size in (10, 100, 1_000)]


async def _looked_at(url: str, company: Company, size: int) -> dict[str, Any]:
    """One event to so many subscribers, each with rights of their own."""
    async with serving(url, 1) as (node,), httpx2.AsyncClient(timeout=30) as client:
        arrivals: list[float] = []
        under = {"under": encode(models.Tenant, company.tenant)}
        people = [one for one in (*company.people[: size - 1], company.administrator) if one]
        sockets = await _in_steps(
            [open_socket(node.port, one.token, SHOWN, under, lambda _, t: arrivals.append(t)) for one in people]
        )
        # The looks after opening are not of the event.
        await asyncio.sleep(1)
        before, opened = await _metrics(node), len(arrivals)
        job, _ = company.jobs[1]
        await _ask(client, node, company, UPDATE, {"id": encode(models.Job, job), "title": f"Round {size}"})
        await _until(lambda: len(arrivals) > opened)
        await asyncio.sleep(1)
        after = await _metrics(node)
        _close(sockets)
    looks, statements = (
        int(_gauge(after, name, LOOKS) - _gauge(before, name, LOOKS))
        for name in ("portico_operation_statements_count", "portico_operation_statements_sum")
    )
    return {
        "subscribers": size,
        "delivered": len(arrivals) - opened,
        "operations": looks,
        "statements": statements,
    }


async def _crowd(node: Node, company: Company, count: int) -> list[LightSocket]:
    under = {"under": encode(models.Tenant, company.tenant)}
    people = company.people
    return await _in_steps(
        [
            open_socket(node.port, people[index % len(people)].token, CHANGES, under, lambda *_: None)
            for index in range(count)
        ]
    )


async def _in_steps(openings: list[Any]) -> list[LightSocket]:
    """A hundred at a time, as a crowd behind a load balancer would come."""
    sockets: list[LightSocket] = []
    for start in range(0, len(openings), 100):
        sockets += await asyncio.gather(*openings[start : start + 100])
    return sockets


def _close(sockets: list[LightSocket]) -> None:
    for one in sockets:
        one.close()


async def _ask(
    client: httpx2.AsyncClient, node: Node, company: Company, document: str, variables: dict[str, Any]
) -> dict[str, Any]:
    assert company.administrator is not None
    answer = await client.post(
        f"http://127.0.0.1:{node.port}/graphql",
        json={"query": document, "variables": variables},
        headers={"authorization": f"Bearer {company.administrator.token}"},
    )
    body = answer.json()
    refused = [one for payload in body["data"].values() for one in payload["userErrors"]]
    if body.get("errors") or refused:
        raise RuntimeError(str(body))
    return body["data"]


async def _next(arrivals: list[float], seen: int) -> float:
    await _until(lambda: len(arrivals) > seen)
    return arrivals[seen]


async def _until(done: Any) -> None:
    async with asyncio.timeout(60):
        while not done():
            await asyncio.sleep(0.0005)


async def _metrics(node: Node) -> str:
    async with httpx2.AsyncClient(timeout=30) as client:
        return (await client.get(f"http://127.0.0.1:{node.port}/metrics")).text


def _gauge(metrics: str, name: str, label: str = "") -> float:
    """The series of this name that bears the label; zero if there is none yet."""
    found = re.search(rf"^{name}\{{[^}}]*{label}[^}}]*\}} ([0-9.e+]+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _spread(seconds: list[float]) -> dict[str, float]:
    return {f"p{share}": round(percentile(seconds, share / 100) * 1_000, 2) for share in (50, 95, 99)}
