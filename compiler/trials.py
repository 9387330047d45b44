"""Trying out a change of access in the statement: who is meant, what they have, and what they would have then.

The statement only takes sets apart. Whether the change is refused is for the rules of the change, which are given what
it found out (``judge``); a change that is refused is for ordinary execution, which tells why.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

import models
from auth.actor import Forbidden
from compiler.arguments import Argument
from compiler.keys import key_of
from compiler.parameters import Call
from compiler.plan import NotCompiled
from compiler.scope import Row
from compiler.write import Writer, source
from domain import access_sets
from domain.access import Person
from domain.access_sets import BY_HAND, Change, Wanted
from domain.refusals import Refused
from models import Place, UserKind
from resolvers.ids import decode

# The user who is meant; the grants that are wanted, with their places as far as the viewer sees them; those there are;
# what the difference takes and gives; and the grants there would be then, like rows of the table of grants.
_TRIAL = """subject as materialized (select s.id, s.kind, s.organization_id, e.number
{subject} and e.tenant_id = s.tenant_id and e.id = s.id),
draft as materialized (
select distinct d.name, coalesce(o.id, p.organization_id) as organization_id, p.id as site_id,
  (d.organization_id is null or o.id is not null) and (d.site_id is null or p.id is not null) as found
from unnest({names}, {organizations}, {sites}) d(name, organization_id, site_id)
left join organization o on o.tenant_id = {tenant} and o.id = d.organization_id and {seen_organization}
left join site p on p.tenant_id = {tenant} and p.id = d.site_id and {seen_site}),
held as materialized (
select g.id, g.name, g.organization_id, g.site_id, g.cause = '{by_hand}' as by_hand, coalesce({seen}, false) as seen
from access_grant g where g.tenant_id = {tenant} and g.user_id = (select id from subject) and g.archived_at is null),
taken as materialized (select * from held where by_hand and seen and not exists (select from draft where {same})),
given as materialized (select * from draft where not exists (select from held where by_hand and seen and {same})),
tried as materialized (
select {tenant} as tenant_id, (select id from subject) as user_id, null::timestamptz as archived_at, one.*
from (select name, organization_id, site_id from held where id not in (select id from taken)
union all select name, organization_id, site_id from given) one)"""
_SAME = (
    "held.name = draft.name and held.organization_id is not distinct from draft.organization_id"
    " and held.site_id is not distinct from draft.site_id"
)
_LISTED = "(select coalesce(json_agg(json_build_array(name, organization_id, site_id)), '[]') from {})"
FACTS = (
    "json_build_object('id', s.id, 'kind', s.kind, 'home', s.organization_id,"
    " 'found', (select coalesce(bool_and(found), true) from draft),"
    f" 'taken', {_LISTED.format('taken')}, 'given', {_LISTED.format('given')},"
    f" 'unseen', {_LISTED.format('held where by_hand and not seen')})"
)
"""What the rules judge the change by, over the row ``s`` of its user."""


def trial(writer: Writer, arguments: Mapping[str, Argument]) -> str:
    """The tables of the trial, to be named after WITH; ``judge`` must see their FACTS."""
    user, grants = arguments["userId"], arguments["grants"]
    bind, tenant = writer.parameters.bind, writer.parameters.tenant
    key = bind(("id", id(user)), "uuid", lambda call: key_of(user.read(call.variables), models.User))
    predicate, subject = writer.visible(Row(models.User, "s"))
    rows = source(subject, [f"s.tenant_id = {tenant}", f"s.id = {key}", predicate])
    return _TRIAL.format(
        subject=rows.replace(" where ", ", permission_epoch e where ", 1),
        tenant=tenant,
        names=bind(("names", id(grants)), "text[]", lambda call: [name for name, _ in _given(grants, call)]),
        organizations=bind(
            ("organizations", id(grants)), "uuid[]", lambda call: _keys(grants, call, models.Organization)
        ),
        sites=bind(("sites", id(grants)), "uuid[]", lambda call: _keys(grants, call, models.Site)),
        seen_organization=writer.visible(Row(models.Organization, "o"))[0],
        seen_site=writer.visible(Row(models.Site, "p"))[0],
        by_hand=BY_HAND,
        seen=writer.visible(Row(models.Grant, "g"))[0],
        same=_SAME,
    )


def _given(grants: Argument, call: Call) -> list[tuple[str, tuple[Any, uuid.UUID]]]:
    """The names that are wanted, each with the type and the key of its place."""
    given = [(one["name"], decode(one["placeId"])) for one in grants.read(call.variables)]
    tenant = call.standing.actor.tenant_id
    known = [(name, place) for name, place in given if place is not None and _is_place(place, tenant)]
    if len(known) < len(given):
        raise NotCompiled("a place there is not")
    if len(set(known)) > access_sets.MOST:
        raise NotCompiled("too many grants")
    return known


def _is_place(place: tuple[Any, uuid.UUID], tenant: uuid.UUID) -> bool:
    return place[0] in (models.Organization, models.Site) or place == (models.Tenant, tenant)


def _keys(grants: Argument, call: Call, model: Any) -> list[uuid.UUID | None]:
    return [key if kind is model else None for _, (kind, key) in _given(grants, call)]


def judge(facts: Any, call: Call) -> None:
    """NotCompiled if the change would be refused to whoever asks."""
    actor = call.standing.actor
    if facts is None or not facts["found"]:
        raise NotCompiled("a change of access that is refused")

    def wanted(name: str) -> Sequence[Wanted]:
        rows = cast("Sequence[tuple[str, str | None, str | None]]", facts[name])
        return [Wanted(name, Place(actor.tenant_id, _key(home), _key(site))) for name, home, site in rows]

    person = Person(uuid.UUID(facts["id"]), UserKind(facts["kind"]), _key(facts["home"]))
    change = Change(tuple(wanted("taken")), tuple(wanted("given")))
    try:
        access_sets.check(actor, person, change, frozenset(wanted("unseen")))
    except (Refused, Forbidden) as refusal:
        raise NotCompiled("a change of access that is refused") from refusal


def _key(text: str | None) -> uuid.UUID | None:
    return None if text is None else uuid.UUID(text)
