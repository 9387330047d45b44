"""Whom an event may concern: what is decided of it before anything is read of the node it is about."""

from __future__ import annotations

import uuid

from auth.actor import Actor
from models import Place
from outbox.hub import Subscription
from outbox.log import LoggedEvent
from schema.askable import field_names


def concerns(one: Subscription, actor: Actor, event: LoggedEvent) -> bool:
    """Whether a viewer who watches here may be told of the event at all, if they see what it is about."""
    return knows(actor, one, event) and _may_ask_about(actor, event)


def knows(actor: Actor, one: Subscription, event: LoggedEvent) -> bool:
    """Whether the viewer has any right at, above or within the place at which they watch for this event.

    Of any other place nothing is told, not even that something the viewer sees lies there.
    """
    place = one.place
    if place is None or place == event.tenant_id:
        return True
    sites = {event.site_id: event.organization_id, event.left_site_id: event.left_organization_id}
    within = Place(event.tenant_id, sites[place], place) if place in sites else Place(event.tenant_id, place)
    return actor.area.covers(within) or actor.area.reaches_into(within)


def _may_ask_about(actor: Actor, event: LoggedEvent) -> bool:
    """Whether any field of the node may be asked for at all: of others it is not even told that they changed."""
    return actor.fields is None or not actor.fields.isdisjoint(field_names(event.node_type))


def watched(actor: Actor) -> frozenset[uuid.UUID]:
    """The ids of the places at which something may happen that the viewer sees."""
    places: set[uuid.UUID] = set()
    for grant in actor.grants:
        if grant.place.organization is None:
            return frozenset({actor.tenant_id})
        places.add(grant.place.organization)
    return frozenset(places)
