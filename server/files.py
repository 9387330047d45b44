"""Files one can take along: made when they are asked for, under the rights of that very snapshot."""

from __future__ import annotations

from starlette.routing import Route
from starlette.types import Receive, Scope

import models
from auth.actor import Actor
from auth.grants import Credential, load_actor
from models import Place, UserKind
from models.database import snapshot
from resolvers.ids import decode
from resolvers.loaders import Loaders
from resolvers.reader import Reader
from resolvers.record import Record
from server.contract import Serving
from server.origins import Origins
from server.replies import NO_STORE, Endpoint, Refusal, Reply
from server.report_files import FORMATS, Format, Paper

_PEOPLE = frozenset({UserKind.STAFF, UserKind.PORTAL})
"""Whom files are for. Applications read fields, and only those they were given one by one."""


class NoSuchFile(Refusal):
    """There is no such file, or none the viewer may see: told in the same words."""

    def __init__(self) -> None:
        super().__init__(404, "NOT_FOUND", "There is no such file, or it is not visible to you.")


class Unauthenticated(Refusal):
    """Nobody is signed in."""

    def __init__(self) -> None:
        super().__init__(401, "UNAUTHENTICATED", "Sign in to go on.", ((b"www-authenticate", b"Bearer"),))


class Files:
    """The routes under /files."""

    def __init__(self, serving: Serving, origins: Origins) -> None:
        self._serving = serving
        self._origins = origins

    def routes(self) -> list[Route]:
        """Where they are answered."""
        return [Route("/files/reports/{name}", Endpoint(self.report, "GET", "HEAD"))]

    async def report(self, scope: Scope, _receive: Receive) -> Reply:
        """A report as a file; the ending of its name says which kind."""
        credential = self._origins.reading(scope)
        if credential is None:
            raise Unauthenticated
        id, _, ending = scope["path_params"]["name"].rpartition(".")
        paper = await self._paper(credential, id)
        if paper is None or ending not in FORMATS:
            raise NoSuchFile
        return _attachment(paper, ending, FORMATS[ending])

    async def _paper(self, credential: Credential, id: str) -> Paper | None:
        target = decode(id)
        async with snapshot(self._serving.engine, credential.tenant_id) as connection:
            actor = await load_actor(connection, credential)
            if actor is None:
                raise Unauthenticated
            if target is None or target[0] is not models.Report or actor.kind not in _PEOPLE:
                return None
            loaders = Loaders(Reader(connection), credential.tenant_id)
            report = await loaders.row(models.Report).load((actor.user_id, target[1]))
            return None if report is None else await _complete(loaders, actor, report)


async def _complete(loaders: Loaders, actor: Actor, report: Record) -> Paper:
    """The report with the names of where it belongs, as far as the viewer may see those."""
    place: Place = report.place
    site = await loaders.row(models.Site).load((actor.user_id, place.site))  # type: ignore[arg-type]
    organization = await loaders.row(models.Organization).load((actor.user_id, place.organization))  # type: ignore[arg-type]
    return Paper(report, site, organization)


def _attachment(paper: Paper, ending: str, form: Format) -> Reply:
    name = f"report-{paper.report.row.period_start}-{paper.report.node_id[-8:]}.{ending}"
    headers = (
        (b"content-type", form.media_type),
        (b"content-disposition", f'attachment; filename="{name}"'.encode("ascii")),
        (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        NO_STORE,
    )
    return Reply(200, form.make(paper), headers)
