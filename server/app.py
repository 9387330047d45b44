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
from server.attempts import Attempts
from server.contract import Serving
from server.door import Door
from server.edge import Edge
from server.factors import Factors
from server.files import Files
from server.health import Health
from server.http import GraphQLEndpoint
from server.mailbox import MailboxPage
from server.oauth import OAuth
from server.origins import Cors, Origins
from server.own_credentials import OwnCredentials
from server.own_sessions import OwnSessions
from server.passkeys import Passkeys
from server.replies import Refusal
from server.second_factor import SecondFactor
from server.signin import SignIn
from server.sso import SingleSignOn
from server.static_files import Portal
from server.tracing import trace_of
from server.viewing import ViewAs
from server.welcome import Welcome

_CODES = {404: ("NOT_FOUND", "There is nothing here."), 405: ("METHOD_NOT_ALLOWED", "Use another method.")}


GRAPHQL = "/graphql"


def create_app(process: Serving) -> ASGIApp:
    """The application of a process, which it starts and stops with."""
    origins = Origins.of(process.settings)
    https = (process.settings.public_origin or "").startswith("https://")
    web = _web(process, origins, https=https)
    graphql: ASGIApp = GraphQLEndpoint(process.operations, origins, saw=process.saw, streams=process.streams)
    graphql = Edge(Cors(graphql, origins=origins) if origins.trusted else graphql, https=https)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # What is asked most goes straight to its endpoint: neither a router nor a layer that is there for pages stands
        # between. And a socket, which lives for hours, does not keep alive what is there for requests.
        if scope.get("path") != GRAPHQL:
            await web(scope, receive, send)
        elif scope["type"] == "websocket":
            await process.socket_endpoint(scope, receive, send)
        else:
            await graphql(scope, receive, send)

    return app


def _web(process: Serving, origins: Origins, *, https: bool) -> Starlette:
    return Starlette(
        routes=_routes(process, origins),
        middleware=[Middleware(Edge, https=https), Middleware(Cors, origins=origins)],
        exception_handlers={HTTPException: _told},
        lifespan=_lifespan(process),
    )


def _routes(process: Serving, origins: Origins) -> list[BaseRoute]:
    token = process.settings.metrics_token
    attempts = Attempts(process.engine, process.settings.signing_key())
    return [
        *_at_the_door(Door(process, origins, attempts)),
        *OAuth(process, attempts).routes(),
        *Files(process, origins).routes(),
        *MailboxPage(process).routes(),
        *Health(process.ready, token.get_secret_value() if token else None).routes(),
        Mount("/", Portal(graphiql=process.settings.graphiql)),
    ]


def _at_the_door(door: Door) -> list[Route]:
    single = SingleSignOn(door)
    parts = (
        SignIn(door, single),
        single,
        SecondFactor(door),
        Factors(door),
        Passkeys(door),
        OwnSessions(door),
        ViewAs(door),
        Welcome(door),
        OwnCredentials(door),
    )
    return [route for part in parts for route in part.routes()]


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
