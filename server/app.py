"""The one ASGI application: GraphQL, sign-in, health and the portal behind the same few middlewares."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from auth import passwords
from server.contract import Serving
from server.edge import Observed, SecurityHeaders
from server.health import Health
from server.http import GraphQLEndpoint
from server.origins import Cors, Origins
from server.replies import Refusal
from server.signin import SignIn
from server.static_files import Portal
from server.tracing import trace_of

_CODES = {404: ("NOT_FOUND", "There is nothing here."), 405: ("METHOD_NOT_ALLOWED", "Use another method.")}


GRAPHQL = "/graphql"


def create_app(process: Serving) -> ASGIApp:
    """The application of a process, which it starts and stops with."""
    web = _web(process)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # A socket lives for hours: it does not keep alive, one around the other, what is there for requests.
        if scope["type"] == "websocket" and scope["path"] == GRAPHQL:
            await process.socket_endpoint(scope, receive, send)
        else:
            await web(scope, receive, send)

    return app


def _web(process: Serving) -> Starlette:
    settings = process.settings
    origins = Origins.of(settings)
    https = (settings.public_origin or "").startswith("https://")
    return Starlette(
        routes=_routes(process, origins),
        middleware=[
            Middleware(SecurityHeaders, https=https),
            Middleware(Observed),
            Middleware(Cors, origins=origins),
        ],
        exception_handlers={HTTPException: _told},
        lifespan=_lifespan(process),
    )


def _routes(process: Serving, origins: Origins) -> list[BaseRoute]:
    token = process.settings.metrics_token
    return [
        Route(GRAPHQL, GraphQLEndpoint(process.operations, origins)),
        *SignIn(process, origins).routes(),
        *Health(process.ready, token.get_secret_value() if token else None).routes(),
        Mount("/", Portal(graphiql=process.settings.graphiql)),
    ]


def _lifespan(process: Serving) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        # The first hash of nobody's password takes longer, and would show that there is no such account.
        await passwords.matches("", None)
        await process.start()
        try:
            yield
        finally:
            await process.stop()

    return lifespan


async def _told(request: Request, error: Exception) -> Response:
    """What the router refuses, in the shape of all refusals."""
    if not isinstance(error, HTTPException):
        raise error
    code, message = _CODES.get(error.status_code, ("REFUSED", "This cannot be served."))
    headers = tuple((name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items())
    reply = Refusal(error.status_code, code, message, headers).reply(trace_of(request.scope).request_id)
    return Response(reply.body, reply.status, {name.decode(): value.decode() for name, value in reply.headers})
