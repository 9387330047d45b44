"""What the parts of the HTTP edge promise each other: the request, its answer, and who executes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.grants import Credential
from outbox.clock import Clock
from outbox.commit import Publisher
from server.settings import Settings


class GraphQLRequest(NamedTuple):
    """One operation as it came, every member of the right shape but nothing in it parsed."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None
    """Names a trusted document instead of sending it as the query."""
    shows_plan: bool = False
    """Whether the answer should say how it came about; heeded in development only."""
    shows_cost: bool = False
    """Whether the answer is to say what it cost; it always says so to partners."""


class Answer(NamedTuple):
    """A complete GraphQL response as JSON, and what HTTP has to know of it."""

    body: bytes
    has_data: bool
    """False for a request error: the response has no `data` entry at all."""
    unauthenticated: bool = False
    retry_after: float | None = None
    """Seconds; said with `unavailable` and `throttled`."""
    unavailable: bool = False
    throttled: bool = False
    """The sender has spent what they may spend in a time."""
    refused_method: bool = False
    """The operation is a mutation and mutations were not allowed."""
    operation: str = "anonymous"
    """The operation's name, for logs and metrics."""


class Executor(Protocol):
    """Whatever parses, validates, limits and executes an operation."""

    async def execute(
        self,
        request: GraphQLRequest,
        credential: Credential | None,
        request_id: str,
        *,
        allow_mutations: bool = True,
    ) -> Answer: ...


EVENTS = b"text/event-stream"


class OpenStream(Protocol):
    """A response that goes on for as long as its operation does."""

    async def stream(self, request: GraphQLRequest, send: Send) -> None: ...


class Streaming(Protocol):
    """Opens such responses."""

    async def open(self, scope: Scope, receive: Receive, credential: Credential | None) -> OpenStream: ...


class Serving(Protocol):
    """What the app needs of the process it is the face of."""

    @property
    def settings(self) -> Settings: ...

    @property
    def engine(self) -> AsyncEngine: ...

    @property
    def publisher(self) -> Publisher: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def operations(self) -> Executor: ...

    @property
    def socket_endpoint(self) -> ASGIApp:
        """The application of the WebSocket at /graphql."""
        ...

    @property
    def streams(self) -> Streaming:
        """Opens responses that are streams of events."""
        ...

    def saw(self, credential: Credential) -> None:
        """Somebody was answered under this credential."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def ready(self) -> Mapping[str, bool]:
        """What serving takes, by name, and whether it is there."""
        ...
