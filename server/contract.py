"""What the parts of the HTTP edge promise each other: the request, its answer, and who executes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp

from auth.grants import Credential
from outbox.commit import Publisher
from server.settings import Settings


@dataclass(frozen=True)
class GraphQLRequest:
    """One operation as it came, every member of the right shape but nothing in it parsed."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    """A complete GraphQL response as JSON, and what HTTP has to know of it."""

    body: bytes
    has_data: bool
    """False for a request error: the response has no `data` entry at all."""
    unauthenticated: bool = False
    retry_after: float | None = None
    """Seconds; said with `unavailable`."""
    unavailable: bool = False
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


class Serving(Protocol):
    """What the app needs of the process it is the face of."""

    @property
    def settings(self) -> Settings: ...

    @property
    def engine(self) -> AsyncEngine: ...

    @property
    def publisher(self) -> Publisher: ...

    @property
    def operations(self) -> Executor: ...

    @property
    def socket_endpoint(self) -> ASGIApp:
        """The application of the WebSocket at /graphql."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def ready(self) -> Mapping[str, bool]:
        """What serving takes, by name, and whether it is there."""
        ...
