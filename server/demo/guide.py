"""What the demo prints last: where it is, who can sign in, and what to try first."""

from __future__ import annotations

from collections.abc import Iterator

from server import console
from server.demo.people import (
    ALDGATE_CLIENTS,
    ALDGATE_STAFF,
    BRIGHTWATER_CLIENTS,
    BRIGHTWATER_STAFF,
    PASSWORD,
    Client,
    Staff,
)
from server.settings import Settings

_FIRST = (
    "access@aldgate.example",
    "admin@aldgate.example",
    "manager@northgate.example",
    "incidents@northgate.example",
    "manager@hansekontor.example",
    "admin@brightwater.example",
)
"""Those who show the most; the others are named in a line."""
_WIDTH = max(map(len, _FIRST)) + 2
_PEOPLE: tuple[Staff | Client, ...] = (*ALDGATE_STAFF, *ALDGATE_CLIENTS, *BRIGHTWATER_STAFF, *BRIGHTWATER_CLIENTS)
_HEAD = "\n[b]Portico is at [cyan]{origin}/[/cyan] and everybody's password is [cyan]{password}[/cyan][/b]\n"
_TRY = """
[b]What to try[/b]

  1. Sign in as [cyan]access@aldgate.example[/cyan], open [b]Access[/b], find [b]Northgate Retail Group[/b]
     and invite Fergus Doyle, with the reports [b]Activity[/b] and [b]Incident[/b].
  2. The letter lies at [cyan]{origin}/mailbox[/cyan]. Open its link in
     a second browser, choose a password, and go to [b]Reports[/b].
  3. In the first browser open Fergus Doyle, untick [b]Incident reports[/b] and save:
     they leave the second browser at once, and nothing is reloaded.

The README goes on from there. Ctrl-C stops all of it.
"""


def show(settings: Settings) -> None:
    """Print all of it, in what a small terminal shows at once; lines are not broken, so that they can be copied."""
    console.out.print(_HEAD.format(origin=settings.origin, password=PASSWORD))
    for line in (*_first(), *_others()):
        console.out.print(line)
    console.out.print(_TRY.format(origin=settings.origin))


def _first() -> Iterator[str]:
    people = {one.email: one for one in _PEOPLE}
    for email in _FIRST:
        person = people[email]
        may = f"staff: {person.role.replace('_', ' ')}" if isinstance(person, Staff) else f"client: {person.says}"
        elsewhere = ", of another company" if person in BRIGHTWATER_STAFF else ""
        yield f"  [cyan]{email:<{_WIDTH}}[/cyan] {may}{elsewhere}"


def _others() -> Iterator[str]:
    """The rest, by where they are."""
    places: dict[str, list[str]] = {}
    for person in _PEOPLE:
        if person.email not in _FIRST:
            name, _, place = person.email.partition("@")
            places.setdefault(place, []).append(name)
    for place, names in places.items():
        yield f"  [dim]also @{place}: {' '.join(names)}[/dim]"
