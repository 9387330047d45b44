"""Places and who holds what at them, for any place and any set of grants."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from auth.actor import Actor, Forbidden, Granted, system_actor
from auth.permissions import CONFERS, Permission
from auth.scope import may_compare
from models import Area, Place, UserKind

TENANTS = [uuid.UUID(int=1), uuid.UUID(int=2)]
ORGANIZATIONS = [None, uuid.UUID(int=11), uuid.UUID(int=12)]
SITES = [None, uuid.UUID(int=111), uuid.UUID(int=112)]


@st.composite
def places(draw: st.DrawFn, tenants: Sequence[uuid.UUID] = TENANTS) -> Place:
    organization = draw(st.sampled_from(ORGANIZATIONS))
    return Place(draw(st.sampled_from(tenants)), organization, draw(st.sampled_from(SITES)) if organization else None)


grants = st.lists(st.builds(Granted, st.sampled_from(sorted(CONFERS)), places(TENANTS[:1])), max_size=6)


def actor(held: Sequence[Granted]) -> Actor:
    return Actor(TENANTS[0], uuid.UUID(int=9), UserKind.STAFF, "Ann", "ann@example.org", 1, tuple(held))


def test_a_site_without_its_organization_is_no_place() -> None:
    with pytest.raises(ValueError, match="only together with its organization"):
        Place(TENANTS[0], None, SITES[1])


@given(places())
def test_a_place_covers_itself(one: Place) -> None:
    assert one.covers(one)


@given(places(), places())
def test_two_places_that_cover_each_other_are_the_same(one: Place, other: Place) -> None:
    assert (one.covers(other) and other.covers(one)) == (one == other)


@given(places(), places(), places())
def test_covering_goes_on(one: Place, other: Place, third: Place) -> None:
    if one.covers(other) and other.covers(third):
        assert one.covers(third)


@given(places(), places())
def test_what_covers_is_the_tenant_the_organization_or_the_same_site(one: Place, other: Place) -> None:
    above = [Place(other.tenant), Place(other.tenant, other.organization), other]
    assert one.covers(other) == (one in above)


@given(grants, places(), st.sampled_from(Permission))
def test_a_right_holds_where_a_grant_of_it_covers(held: list[Granted], place: Place, permission: Permission) -> None:
    expected = any(permission in CONFERS[one.name] and one.place.covers(place) for one in held)
    assert actor(held).holds(permission, place) == expected
    assert (permission in actor(held).permissions_at(place)) == expected
    if expected:
        actor(held).require(permission, place)
    else:
        with pytest.raises(Forbidden) as refused:
            actor(held).require(permission, place)
        assert refused.value.permission is permission


@given(grants, places(), st.sampled_from(Permission))
def test_more_grants_never_take_a_right_away(held: list[Granted], place: Place, permission: Permission) -> None:
    for number in range(len(held)):
        assert not actor(held[:number]).holds(permission, place) or actor(held).holds(permission, place)


@given(grants, st.sampled_from(Permission), st.sampled_from(Permission), places(TENANTS[:1]))
def test_holding_wherever_means_at_every_place(
    held: list[Granted], viewing: Permission, permission: Permission, place: Place
) -> None:
    one = actor(held)
    if one.holds_wherever([viewing], permission) and one.holds(viewing, place):
        assert one.holds(permission, place)
    if not one.holds_wherever([viewing], permission):
        assert any(not one.holds(permission, seen) for seen in one.places[viewing])


def test_jobs_are_compared_by_cost_only_with_the_right_everywhere() -> None:
    """A job that is seen because of a party may lie where the viewer holds nothing."""
    cost, rates = Permission.VIEW_JOB_COST, Permission.VIEW_RATES
    at_one = Place(TENANTS[0], ORGANIZATIONS[1])
    local = actor([Granted("operations_lead", at_one), Granted("finance", at_one)])
    assert local.holds_wherever([Permission.VIEW_JOBS], cost)
    assert not may_compare(local, models.Job, cost)
    assert may_compare(local, models.Contract, rates)
    assert may_compare(actor([Granted("finance", Place(TENANTS[0]))]), models.Job, cost)


def test_the_system_holds_everything_in_its_tenant_only() -> None:
    system = system_actor(TENANTS[0])
    for permission in Permission:
        assert system.holds(permission, Place(TENANTS[0], ORGANIZATIONS[1]))
        assert not system.holds(permission, Place(TENANTS[1]))


@given(st.lists(places()), places())
def test_an_area_covers_what_one_of_its_places_covers(several: list[Place], place: Place) -> None:
    area = Area(several)
    assert area.covers(place) == any(one.covers(place) for one in several)
    assert area.strictly_covers(place) == any(one != place and one.covers(place) for one in several)
    assert area.reaches_into(place) == any(place.covers(one) for one in several)


@given(grants)
def test_the_places_of_a_right_are_those_no_other_of_them_covers(held: list[Granted]) -> None:
    for permission, places_of in actor(held).places.items():
        granted = dict.fromkeys(one.place for one in held if permission in CONFERS[one.name])
        widest = [one for one in granted if not any(other != one and other.covers(one) for other in granted)]
        assert list(places_of) == widest
