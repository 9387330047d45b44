"""What a lane is: one viewer, the one thing that is taken from them and given back, and the hands that do it."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from models import Organization, Place, Site, Tenant, User
from resolvers.ids import encode
from tests.promise.documents import Document
from tests.promise.world import Home, Secret, World

ALL = ("site", "contract", "terms", "job", "incident", "activity", "contact")
"""What a portal manager of a site sees there."""


class Hands(Protocol):
    """Somebody who carries out commands on some process, and insists that they succeed."""

    async def command(self, query: str, **variables: Any) -> Any:
        """Run a mutation as an administrator."""
        ...

    async def post(self, path: str, token: str | None, content: Any) -> None:
        """Send JSON to a route, as whoever holds the token or as a browser that nobody is signed in with."""
        ...

    async def form(self, path: str, fields: Mapping[str, str]) -> None:
        """Send a form to a route."""
        ...


Step = Callable[[Hands], Awaitable[None]]


class Aftermath(enum.Enum):
    """What becomes of a viewer's open sockets and streams."""

    TOLD = "they are told what is left"
    REFUSED = "the subscriptions are over, and it is said why"
    CLOSED = "they are closed with the session"


@dataclass
class Lane:
    """One viewer and the one thing that is taken away and given back."""

    kind: str
    name: str
    home: Home
    user: uuid.UUID
    secrets: Sequence[Secret]
    take: Step
    give: Step
    after: Aftermath = Aftermath.TOLD
    begin: Step | None = None
    """What is done once, before the viewer comes in."""
    watches: uuid.UUID | None = None
    enter: Callable[[], Awaitable[str]] | None = None
    """How the viewer gets a session, if not as everybody does."""
    lasts: float = float("inf")
    """Seconds until a session ends by itself."""
    more: Sequence[Document] = ()
    """Further ways to the secrets, besides those there are for everybody."""
    world: World | None = None
    """The tenant the viewer is of, if it is not the one most are of."""
    token: str = ""
    number: int = 0

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(one.key for one in self.secrets)

    @property
    def ends(self) -> bool:
        """Whether the taking ends the viewer's sessions, so that a new one is needed."""
        return self.after is Aftermath.CLOSED


_GRANT = "mutation($u:ID!,$p:ID!,$n:String!){grantAccess(input:{userId:$u,placeId:$p,name:$n}){grant{id} userErrors{code message}}}"  # noqa: E501
_REVOKE = "mutation($id:ID!){revokeAccess(input:{id:$id}){userErrors{code message}}}"


class Granting:
    """Takes a grant away and gives it again."""

    def __init__(self, user: uuid.UUID, name: str, place: Place) -> None:
        self._user = encode(User, user)
        self._name = name
        self._place = place_id(place)
        self._grant = ""

    async def give(self, hands: Hands) -> None:
        made = await hands.command(_GRANT, u=self._user, p=self._place, n=self._name)
        self._grant = made["grant"]["id"]

    async def take(self, hands: Hands) -> None:
        await hands.command(_REVOKE, id=self._grant)


async def nothing(_hands: Hands) -> None:
    """A new session is all it takes."""


def simple(name: str) -> str:
    """A command about one row."""
    return f"mutation($id:ID!){{{name}(input:{{id:$id}}){{userErrors{{code message}}}}}}"


def place_of(world: World, home: Home, at: str) -> Place:
    """The tenant, the home's organization or its site."""
    return {
        "tenant": Place(world.tenant),
        "organization": Place(world.tenant, home.organization),
        "site": Place(world.tenant, home.organization, home.site),
    }[at]


def place_id(place: Place) -> str:
    """The place as the graph knows it."""
    if place.site is not None:
        return encode(Site, place.site)
    return encode(Tenant, place.tenant) if place.organization is None else encode(Organization, place.organization)
