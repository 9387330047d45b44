"""The built portal: a shell that is never kept, assets that are kept for good, and what a browser may do with them.

Texts lie compressed beside themselves since the build, and go out as the browser takes them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
SHELL = "index.html"
GRAPHIQL = "graphiql.html"
_OURS = frozenset({"assets", "auth", "files", "graphql", "health", "metrics"})
_CODINGS = {"br": ".br", "gzip": ".gz"}
"""The endings of compressed files, the smaller first."""
_KEPT = "public, max-age=31536000, immutable"
_ASKED_EACH_TIME = "no-cache"
_COMMON = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def _policy(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())


PORTAL_POLICY = _policy(_COMMON)
# Its editor sets styles on elements, and starts its workers from blobs.
GRAPHIQL_POLICY = _policy(
    _COMMON
    | {
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "worker-src": "'self' blob:",
    }
)


class Portal(StaticFiles):
    """Serves the folder; every path that looks like a page of the portal gets the shell."""

    def __init__(self, folder: Path = FOLDER, *, graphiql: bool = False) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._graphiql = graphiql

    async def check_config(self) -> None:
        """Without the folder, as before the portal was built, nothing is found; everything else is served."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at ``path``, or the shell."""
        pure = PurePosixPath(path)
        if any(part.startswith(".") for part in pure.parts) or pure.suffix in _CODINGS.values():
            raise HTTPException(404)
        if path in {"graphiql", GRAPHIQL}:
            return await self._graphiql_page(scope)
        if not pure.suffix and not _OURS & set(pure.parts[:1]):
            path = SHELL
        return _kept(path, await super().get_response(path, scope))

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, compressed if it lies there so and the browser takes it."""
        for coding in _taken(Headers(scope=scope).get("accept-encoding", "")):
            smaller = Path(f"{os.fspath(full_path)}{_CODINGS[coding]}")
            with suppress(FileNotFoundError):
                response = super().file_response(smaller, smaller.stat(), scope, status_code)
                response.headers["content-encoding"] = coding
                return response
        return super().file_response(full_path, stat_result, scope, status_code)

    async def _graphiql_page(self, scope: Scope) -> Response:
        if not self._graphiql:
            raise HTTPException(404)
        response = _kept(GRAPHIQL, await super().get_response(GRAPHIQL, scope))
        response.headers["content-security-policy"] = GRAPHIQL_POLICY
        return response


def _taken(said: str) -> list[str]:
    """The codings of ours which an Accept-Encoding names, but for those it gives no weight."""
    parts = (one.partition(";") for one in said.split(","))
    named = {name.strip(): weight.replace(" ", "") for name, _, weight in parts}
    return [coding for coding in _CODINGS if named.get(coding, "q=0").rstrip(".0") != "q="]


def _kept(path: str, response: Response) -> Response:
    response.headers["vary"] = "accept-encoding"
    response.headers["cache-control"] = _KEPT if path.startswith("assets/") else _ASKED_EACH_TIME
    response.headers["content-security-policy"] = PORTAL_POLICY
    return response
