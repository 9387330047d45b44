"""The shape of a viewer: what two viewers must share to share a plan, and what only binds differently."""

import uuid

from auth.actor import Actor, Granted
from auth.permissions import Permission
from compiler.shape import Reach, Standing, standing_of
from models import Place, UserKind

TENANT = uuid.UUID(int=1)
ORGANIZATIONS = [uuid.UUID(int=10 + number) for number in range(3)]
SITES = [uuid.UUID(int=20 + number) for number in range(3)]
EVERYWHERE = Place(TENANT)


def at(organization: int, site: int | None = None) -> Place:
    return Place(TENANT, ORGANIZATIONS[organization], None if site is None else SITES[site])


def standing(*grants: tuple[str, Place]) -> Standing:
    granted = tuple(Granted(name, place) for name, place in grants)
    return standing_of(Actor(TENANT, uuid.UUID(int=5), UserKind.STAFF, "Ada", "ada@example.test", 3, granted))


def test_the_same_rights_at_other_places_have_the_same_shape() -> None:
    one = standing(("portal_manager", at(0)), ("jobs", at(1, 2)))
    other = standing(("portal_manager", at(2)), ("jobs", at(1, 0)))
    assert one.shape == other.shape
    assert one.places != other.places


def test_other_rights_have_another_shape() -> None:
    assert standing(("portal_manager", at(0))).shape != standing(("portal_viewer", at(0))).shape


def test_a_site_and_an_organization_are_of_other_width() -> None:
    assert standing(("portal_viewer", at(0))).shape.reaches == (Reach(tenant=False, organizations=True, sites=False),)
    assert standing(("portal_viewer", at(0, 1))).shape.reaches == (
        Reach(tenant=False, organizations=False, sites=True),
    )
    assert standing(("portal_viewer", EVERYWHERE)).shape.reaches == (
        Reach(tenant=True, organizations=False, sites=False),
    )


def test_permissions_at_the_same_places_are_one_class() -> None:
    made = standing(("portal_viewer", at(0)), ("rates", at(0, 1)))
    classes = {one: made.shape.class_of(one) for one in (Permission.VIEW_CLIENTS, Permission.VIEW_JOBS)}
    assert len(set(classes.values())) == 1
    assert made.shape.class_of(Permission.VIEW_RATES) not in {None, *classes.values()}
    assert made.shape.class_of(Permission.VIEW_TAX_IDS) is None


def test_a_place_within_another_adds_nothing() -> None:
    assert (
        standing(("jobs", EVERYWHERE), ("jobs", at(0)), ("jobs", at(1, 1))).places
        == standing(("jobs", EVERYWHERE)).places
    )


def test_what_is_touched_are_the_organizations_of_all_places() -> None:
    made = standing(("jobs", at(0)), ("jobs", at(1, 2)))
    (places,) = made.places
    assert places.organizations == (ORGANIZATIONS[0],)
    assert places.sites == (SITES[2],)
    assert places.touched == (ORGANIZATIONS[0], ORGANIZATIONS[1])


def test_uniform_means_one_place_for_all_rights() -> None:
    assert standing(("portal_viewer", at(0)), ("reports", at(0))).shape.uniform
    assert not standing(("portal_viewer", at(0)), ("reports", at(1))).shape.uniform
    assert not standing().shape.uniform
