"""The hub: whose subscription has to be looked at again."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from domain.fencing import Consequence
from outbox.fence import FenceMessage
from outbox.hub import MOST_PENDING, Hub, Subscription
from outbox.log import Batch, LoggedEvent, Position

TENANT, OTHER = uuid.uuid4(), uuid.uuid4()
NORTH, SOUTH, SITE, GUEST = (uuid.uuid4() for _ in range(4))
INCARNATION = uuid.uuid4()
numbers = itertools.count(1)


class Socket:
    def __init__(self, tenant: uuid.UUID = TENANT, user: uuid.UUID | None = None) -> None:
        self.tenant_id = tenant
        self.user_id = user or uuid.uuid4()
        self.session_id = uuid.uuid4()
        self.subscriptions: dict[str, Subscription] = {}
        self.ready = self.alive = True
        self.closed: tuple[int, str] | None = None

    def close_soon(self, code: int, reason: str) -> None:
        self.closed = code, reason

    def write_next(self, id: str, payload: bytes) -> None:
        raise AssertionError(id, payload)

    def give_up(self, subscription: Subscription, error: Exception) -> None:
        raise AssertionError(subscription, error)


def position(low: int, high: int | None = None, running: str = "") -> Position:
    return Position(INCARNATION, f"{low}:{high or low}:{running}")


def event(**values: Any) -> LoggedEvent:
    number = next(numbers)
    given: dict[str, Any] = {
        "tenant_id": TENANT, "seq": number, "xid": 100 + number, "type": "JobUpdated", "node_type": "Job",
        "node_id": uuid.uuid4(), "version": 2, "organization_id": NORTH, "site_id": SITE, "hides": False,
        "left_organization_id": None, "left_site_id": None, "also": (), **values,
    }  # fmt: skip
    known = {name: given.get(name) for name in LoggedEvent.__dataclass_fields__}
    return LoggedEvent(**known)


def batch(*events: LoggedEvent) -> Batch:
    return Batch(events, position(1), position(2))


def joined(hub: Hub, socket: Socket | None = None) -> Socket:
    socket = socket or Socket()
    hub.join(socket)
    hub.unverified.clear()
    hub.work.clear()
    return socket


def changes(hub: Hub, socket: Socket, place: uuid.UUID, *types: str, id: str = "c") -> Subscription:
    one = Subscription(id, socket, None, frozenset(types), place=place)
    hub.add(one)
    return one


def access(hub: Hub, socket: Socket, *types: str, id: str = "a") -> Subscription:
    one = Subscription(id, socket, None, frozenset(types))
    hub.add(one)
    return one


def pending(one: Subscription) -> list[LoggedEvent]:
    return [item.event for item in one.pending]


def test_an_event_reaches_who_watches_any_of_its_places_once() -> None:
    hub = Hub()
    socket = joined(hub)
    watching = [changes(hub, socket, place, id=str(place)) for place in (TENANT, NORTH, SITE, GUEST)]
    elsewhere = changes(hub, socket, SOUTH, id="elsewhere")
    one = event(also=(GUEST, NORTH))
    hub.publish(batch(one))
    assert [pending(each) for each in watching] == [[one]] * 4
    assert not pending(elsewhere)
    assert hub.busy[TENANT] == set(watching)
    assert hub.work.is_set()


def test_an_event_reaches_who_watches_the_place_the_node_left() -> None:
    hub = Hub()
    left = changes(hub, joined(hub), SOUTH)
    hub.publish(batch(event(left_organization_id=SOUTH)))
    assert len(left.pending) == 1


def test_an_event_of_another_type_is_passed_over() -> None:
    hub = Hub()
    reports = changes(hub, joined(hub), NORTH, "Report")
    hub.publish(batch(event()))
    assert not reports.waits


def test_an_event_where_the_rights_lie_refreshes_the_access() -> None:
    hub = Hub()
    socket = joined(hub)
    one = access(hub, socket, "Job")
    hub.watch(one, frozenset({NORTH}), hub.published)
    hub.publish(batch(event()))
    assert one.refresh
    one.refresh = False
    hub.watch(one, frozenset({SOUTH}), hub.published)
    hub.publish(batch(event()))
    assert not one.refresh


def test_who_has_left_is_forgotten() -> None:
    hub = Hub()
    socket = joined(hub)
    changes(hub, socket, NORTH)
    hub.watch(access(hub, socket), frozenset({NORTH, SOUTH}), hub.published)
    hub.leave(socket)
    hub.publish(batch(event()))
    assert not hub._at
    assert not hub.sockets
    assert not any(hub.busy.values())
    assert not any(hub.unverified.values())


def test_a_removed_subscription_hears_nothing() -> None:
    hub = Hub()
    one = changes(hub, joined(hub), NORTH)
    hub.remove(one)
    hub.publish(batch(event()))
    assert not one.pending
    assert not any(hub.busy.values())


def test_too_many_events_become_one_reload() -> None:
    hub = Hub()
    one = changes(hub, joined(hub), NORTH)
    hub.publish(batch(*(event() for _ in range(MOST_PENDING + 1))))
    assert one.reload == "TOO_MANY_EVENTS"
    assert not one.pending


def test_a_change_of_rights_has_its_user_looked_at() -> None:
    hub = Hub()
    ann, ben = joined(hub), joined(hub)
    hers, his = access(hub, ann), access(hub, ben)
    hub.fenced(FenceMessage("1", TENANT, (ann.user_id,), Consequence.REFRESH))
    assert hers.refresh
    assert not his.refresh
    assert hub.unverified[TENANT] == {ann}


def test_a_change_of_a_tenant_has_everybody_of_it_looked_at() -> None:
    hub = Hub()
    here, there = joined(hub), joined(hub, Socket(OTHER))
    ours, theirs = access(hub, here), access(hub, there)
    hub.fenced(FenceMessage("1", TENANT, None, Consequence.REFRESH))
    assert ours.refresh
    assert not theirs.refresh


def test_a_user_of_another_tenant_is_nobodys_concern() -> None:
    hub = Hub()
    socket = joined(hub, Socket(OTHER))
    hub.fenced(FenceMessage("1", TENANT, (socket.user_id,), Consequence.CLOSE))
    assert socket.closed is None


def test_a_suspended_user_s_sockets_are_closed() -> None:
    hub = Hub()
    ann, again, ben = Socket(), Socket(), joined(hub)
    again.user_id = ann.user_id
    joined(hub, ann)
    joined(hub, again)
    hub.fenced(FenceMessage("1", TENANT, (ann.user_id,), Consequence.CLOSE))
    assert ann.closed == again.closed == (4401, "Signed out")
    assert ben.closed is None


def test_what_only_voids_has_nobody_looked_at() -> None:
    hub = Hub()
    one = access(hub, joined(hub))
    hub.fenced(FenceMessage("1", TENANT, None, Consequence.VOID))
    assert not one.refresh
    assert not hub.unverified


def test_after_a_time_of_deafness_everybody_is_looked_at() -> None:
    hub = Hub()
    here, there = joined(hub), joined(hub, Socket(OTHER))
    watching = [access(hub, here), access(hub, there)]
    hub.resynchronize()
    assert all(one.refresh for one in watching)
    assert hub.unverified == {TENANT: {here}, OTHER: {there}}


def test_while_a_client_is_caught_up_with_nothing_is_sent() -> None:
    hub = Hub()
    one = Subscription("c", joined(hub), None, frozenset(), place=NORTH)
    one.resume = position(1)
    hub.add(one)
    hub.publish(batch(event()))
    assert one.pending
    assert not one.waits
    assert not any(hub.busy.values())


def test_what_was_missed_comes_first_and_nothing_comes_twice() -> None:
    hub = Hub()
    one = Subscription("c", joined(hub), None, frozenset({"Job"}), place=NORTH)
    one.resume = position(50)
    hub.add(one)
    missed, both, late = event(xid=60), event(xid=69), event(xid=75)
    hub.publish(batch(both, late))
    hub.catch_up(one, [missed, event(xid=61, organization_id=SOUTH, site_id=None), both], position(70))
    assert pending(one) == [missed, both, late]
    hub.publish(batch(both))
    assert pending(one) == [missed, both, late]
    assert one.waits


def test_an_event_that_ran_while_the_client_was_caught_up_with_is_not_lost() -> None:
    hub = Hub()
    one = Subscription("c", joined(hub), None, frozenset(), place=NORTH)
    one.resume = position(50)
    hub.add(one)
    running = event(xid=65)
    hub.catch_up(one, [], position(60, 70, "65"))
    hub.publish(batch(running))
    assert pending(one) == [running]


def test_a_reload_replaces_what_waited() -> None:
    hub = Hub()
    one = changes(hub, joined(hub), NORTH)
    hub.publish(batch(event()))
    hub.reload(one, "OFFSET_TOO_OLD")
    assert one.reload == "OFFSET_TOO_OLD"
    assert not one.pending
    assert one.waits


def test_what_comes_while_it_is_answered_waits_for_the_next_look() -> None:
    """The snapshot it would be read from is older than the event."""
    hub = Hub()
    one, state = changes(hub, joined(hub), NORTH), access(hub, joined(hub))
    early, late = event(), event()
    hub.publish(batch(early))
    state.refresh = True
    due, also = one.take(), state.take()
    hub.publish(batch(late))
    state.refresh = True
    assert [item.event for item in due.items] == [early]
    assert also.refresh
    assert pending(one) == [late]
    assert state.refresh


def test_what_could_not_be_answered_stands_before_what_has_come_since() -> None:
    hub = Hub()
    one = changes(hub, joined(hub), NORTH)
    first, second, third = event(), event(), event()
    hub.publish(batch(first, second))
    due = one.take()
    hub.publish(batch(third))
    one.give_back(due, sent=1)
    assert pending(one) == [second, third]


def test_a_reload_stands_for_everything_that_was_being_answered() -> None:
    hub = Hub()
    one = changes(hub, joined(hub), NORTH)
    hub.publish(batch(event()))
    due = one.take()
    hub.reload(one, "OFFSET_TOO_OLD")
    one.give_back(due)
    assert not one.pending
    assert one.waits


def test_an_event_at_a_place_that_was_not_watched_yet_is_made_up_for() -> None:
    hub = Hub()
    one = access(hub, joined(hub))
    heard = hub.published
    hub.publish(batch(event()))
    assert not one.refresh
    hub.watch(one, frozenset({NORTH}), heard)
    assert one.refresh
    assert one in hub.busy[TENANT]
