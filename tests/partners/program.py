"""A partner's program in a test: its application, made by the staff, and the tokens it gets for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2

from tests.server.talking import Station

ADMINISTRATOR = "administrator"
MADE = "secret partnerApplication { id clientId user { id } }"
ALL_SCOPES = ("organizations:read", "sites:read", "contacts:read", "contracts:read", "jobs:read", "reports:read")


@dataclass
class Program:
    """An application and what it knows of itself."""

    station: Station
    id: str
    user: str
    client_id: str
    secret: str
    token: str = ""

    def post(self, path: str, form: dict[str, str] | None = None, **given: Any) -> httpx2.Response:
        """Send a form with the client id and the secret in the header."""
        return self.station.http.post(path, data=form or {}, auth=(self.client_id, self.secret), **given)

    def sign_in(self, **form: str) -> str:
        """Get a token, and keep it."""
        answer = self.post("/oauth/token", {"grant_type": "client_credentials", **form})
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return self.token

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    def answer(self, query: str, /, **variables: Any) -> Any:
        """What the graph answers to its token."""
        return self.send(query, **variables).json()

    def send(self, query: str, /, **variables: Any) -> httpx2.Response:
        body = {"query": query, "variables": variables}
        return self.station.http.post("/graphql", json=body, headers=self.bearer)

    def grant(self, place: str, *scopes: str) -> dict[str, str]:
        """Have the staff give it scopes at a place; the grants' ids by scope."""
        made = {
            name: self.station.command(
                ADMINISTRATOR, "grantAccess", "grant { id }", userId=self.user, placeId=place, name=name
            )
            for name in scopes
        }
        return {name: one["grant"]["id"] for name, one in made.items()}

    def change(self, **given: Any) -> None:
        """Have the staff change what is agreed."""
        self.station.command(ADMINISTRATOR, "updatePartnerApplication", id=self.id, **given)


def enrolled(station: Station, *scopes: str, at: str = "", **given: Any) -> Program:
    """A program whose application has these scopes (all, if none are named) at a place (the tenant, by default)."""
    made = station.command(ADMINISTRATOR, "createPartnerApplication", MADE, **{"name": "Rota", **given})
    one = made["partnerApplication"]
    program = Program(station, one["id"], one["user"]["id"], one["clientId"], made["secret"])
    program.grant(at or station.place.world.tenants["acme"], *(scopes or ALL_SCOPES))
    program.sign_in()
    return program


def codes(answer: Any) -> list[str]:
    """The codes of an answer's errors."""
    return [one["extensions"]["code"] for one in answer.get("errors", ())]
