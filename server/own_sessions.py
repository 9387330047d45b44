"""The list of one's own sessions, and ending them: one, or all others."""

from __future__ import annotations

import re
import uuid
from typing import Any

from starlette.routing import Route
from starlette.types import Receive, Scope

from auth import sessions
from domain.fencing import AccessChange, Consequence, note
from models import Session
from server.door import Door, Visit, require_able, text_of
from server.replies import NO_STORE, Endpoint, Refusal, Reply, json_reply

_ID = re.compile(r"ses_([0-9a-f]{32})")


class NoSuchSession(Refusal):
    """There is none, it has ended, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__(404, "NOT_FOUND", "There is no such record, or it is not visible to you.")


class OwnSessions:
    """Where somebody is signed in."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Where they are answered."""
        return [
            Route("/auth/sessions", Endpoint(self.list, "GET")),
            Route("/auth/sessions/end", Endpoint(self.end, "POST")),
            Route("/auth/sessions/end-others", Endpoint(self.end_others, "POST")),
        ]

    async def list(self, scope: Scope, _receive: Receive) -> Reply:
        """The open sessions, those seen last first."""
        async with self._door.look(scope) as visit:
            require_able(visit.presence)
            found = await sessions.open_sessions(visit.session, visit.presence)
        current = visit.presence.session_id
        return json_reply(200, {"sessions": [_shown(row, viewer, current) for row, viewer in found]})

    async def end(self, scope: Scope, receive: Receive) -> Reply:
        """End one session; when this is answered, nothing is sent under it any more."""
        match = _ID.fullmatch(text_of(await self._door.content(scope, receive), "id", 64))
        async with self._door.changing(scope) as visit:
            who = visit.presence
            id = uuid.UUID(match[1]) if match else uuid.UUID(int=0)
            if not await sessions.end_session(visit.session, who.tenant_id, who.user_id, id):
                raise NoSuchSession
            await self._commit(visit)
        forgotten = (self._door.cookie(scope, None),) if id == who.session_id else ()
        return Reply(204, headers=(NO_STORE, *forgotten))

    async def end_others(self, scope: Scope, receive: Receive) -> Reply:
        """Sign out everywhere else."""
        await self._door.content(scope, receive)
        async with self._door.changing(scope) as visit:
            ended = await sessions.end_others(visit.session, visit.presence)
            await self._commit(visit)
        return json_reply(200, {"ended": ended})

    async def _commit(self, visit: Visit) -> None:
        """The sockets of the user look again: those of ended sessions are closed, the others go on."""
        who = visit.presence
        note(visit.session, AccessChange(who.tenant_id, who.user_id, Consequence.REFRESH))
        await self._door.serving.publisher.commit(visit.session)


def _shown(row: Session, viewer: str | None, current: uuid.UUID) -> dict[str, Any]:
    return {
        "id": f"ses_{row.id.hex}",
        "label": row.label,
        "kind": row.kind,
        "createdAt": row.created_at,
        "lastSeenAt": row.last_seen_at,
        "expiresAt": row.expires_at,
        "current": row.id == current,
        "viewedBy": viewer,
    }
