"""Viewing as a portal user: the browser's cookie is exchanged for one of theirs, and back."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route
from starlette.types import Receive, Scope

from auth.actor import Actor, Forbidden
from auth.grants import load_actor
from domain import finding, viewing
from domain.refusals import NotFound, Refused
from domain.viewing import View
from models import Session, SessionKind, User
from models.database import writing
from resolvers.ids import decode, encode
from server.credentials import cookie_credential
from server.door import Door, NotPresented, Visit, label_of, text_of
from server.replies import Endpoint, Refusal, Reply, json_reply

LONGEST = timedelta(hours=1)
"""Nobody looks through the eyes of another for longer without saying so again."""
_STATUS = {"NOT_FOUND": 404, "FORBIDDEN": 403}


class NotViewing(Refusal):
    """The browser's session is its owner's."""

    def __init__(self) -> None:
        super().__init__(409, "NOT_VIEWING", "You are not viewing as anybody.")


class ViewAs:
    """The answers at /auth/view-as."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self) -> list[Route]:
        """Where they are answered."""
        answers = {"/auth/view-as": self.begin, "/auth/view-as/end": self.end}
        return [Route(path, Endpoint(answer, "POST")) for path, answer in answers.items()]

    async def begin(self, scope: Scope, receive: Receive) -> Reply:
        """Open a session of a portal user for the member of the staff whose cookie this is."""
        user_id = _user_id(await self._door.content(scope, receive))
        credential = cookie_credential(scope["headers"])
        if credential is None:
            raise NotPresented
        async with writing(self._door.serving.engine, credential.tenant_id) as session:
            actor = await load_actor(session, credential, lock="hold")
            if actor is None or actor.session_id is None:
                raise NotPresented
            user = await _subject(session, actor, user_id)
            token = await _open(session, actor, user, label_of(scope))
            await self._door.serving.publisher.commit(session)
        return json_reply(200, {"user": _told(user)}, self._door.cookie(scope, token))

    async def end(self, scope: Scope, receive: Receive) -> Reply:
        """End it and give the browser its own session back, under a new secret."""
        await self._door.content(scope, receive)
        async with self._door.visit(scope) as visit:
            if visit.presence.viewed_by is None:
                raise NotViewing
            view = await _view(visit)
            staff = await visit.session.get_one(User, (view.place.tenant, view.staff_id))
            await viewing.end(visit.session, view)
            token = await viewing.resume(visit.session, view)
            await self._door.serving.publisher.commit(visit.session)
        return json_reply(200, {"user": _told(staff)}, self._door.cookie(scope, token))


def _user_id(content: dict[str, Any]) -> uuid.UUID:
    target = decode(text_of(content, "userId", 64))
    if target is None or target[0] is not User:
        raise _told_as(NotFound("userId"))
    return target[1]


async def _subject(session: AsyncSession, actor: Actor, user_id: uuid.UUID) -> User:
    """The user, of whom the actor must know and whom they may view as."""
    try:
        viewing.check_own_eyes(actor)
        user = await finding.find(session, actor, User, user_id, field="userId")
        viewing.begin(session, actor, user)
    except (Refused, Forbidden) as refusal:
        raise _told_as(refusal) from refusal
    return user


async def _open(session: AsyncSession, actor: Actor, user: User, label: str | None) -> str:
    """A session of the user that is good while the actor's own one is."""
    began = await session.scalar(
        select(Session).where(Session.tenant_id == actor.tenant_id, Session.id == actor.session_id).with_for_update()
    )
    if began is None or began.ended_at is not None or began.kind is not SessionKind.BROWSER:
        raise NotPresented
    return viewing.open_view(session, began, user, label=label, until=datetime.now(UTC) + LONGEST)


async def _view(visit: Visit) -> View:
    presence = visit.presence
    row = await visit.session.get_one(Session, (presence.tenant_id, presence.session_id))
    return View.of(row, await visit.session.get_one(User, (presence.tenant_id, presence.user_id)))


def _told(user: User) -> dict[str, str]:
    return {"id": encode(User, user.id), "name": user.name}


def _told_as(refusal: Refused | Forbidden) -> Refusal:
    more = {"permission": refusal.permission.value} if isinstance(refusal, Forbidden) else {}
    return Refusal(_STATUS.get(refusal.code, 409), refusal.code, str(refusal), more=more)
