"""The policy as data: closed, unambiguous, and with no right that nobody can be given."""

from __future__ import annotations

import pytest

from auth.permissions import (
    CONFERS,
    FEATURES,
    IMPLIED,
    LEGACY_CODES,
    LEGACY_SLUGS,
    PARTNER_SCOPES,
    PORTAL_ROLES,
    ROLES,
    Permission,
    closure,
    grantable_to_portal,
    kind_of,
    names_conferring,
)
from models import GrantKind, Place, ReportKind, UserKind

BY_HAND_ONLY = {Permission.RECEIVE_MONTHLY_CTO_EMAIL}
"""Given one by one, because it comes with an assignment and not with a role."""
NEVER_FOR_CLIENTS = {
    Permission.VIEW_INTERNAL_NOTES,
    Permission.VIEW_JOB_COST,
    Permission.VIEW_PRIVATE_PHONES,
    Permission.VIEW_ACCESS,
    Permission.MANAGE_PORTAL_ACCESS,
    Permission.MANAGE_STAFF_ACCESS,
    Permission.MANAGE_PARTNERS,
    Permission.INVITE_TO_PORTAL,
    Permission.IMPORT_RECORDS,
}


@pytest.mark.parametrize("name", CONFERS)
def test_what_a_name_confers_is_closed(name: str) -> None:
    assert closure(CONFERS[name]) == CONFERS[name]
    assert CONFERS[name]


def test_the_closure_of_everything_takes_one_step() -> None:
    """An implied right implies nothing that is not implied at once."""
    for permission, implied in IMPLIED.items():
        assert closure(frozenset({permission})) == implied | {permission}
        assert closure(implied) == implied


def test_names_are_unique_over_roles_features_and_permissions() -> None:
    names = [*ROLES, *FEATURES, *PARTNER_SCOPES, *(permission.value for permission in Permission)]
    assert len(names) == len(set(names)) == len(CONFERS)
    kinds = {GrantKind.ROLE: ROLES, GrantKind.FEATURE: FEATURES, GrantKind.SCOPE: PARTNER_SCOPES}
    for name in CONFERS:
        expected = next((kind for kind, ones in kinds.items() if name in ones), GrantKind.PERMISSION)
        assert kind_of(name) is expected


@pytest.mark.parametrize("name", PARTNER_SCOPES)
def test_a_scope_is_read_only_and_for_programs_alone(name: str) -> None:
    assert name.endswith(":read")
    assert not grantable_to_portal(name)
    assert all(permission.name.startswith("VIEW_") for permission in CONFERS[name])
    assert not CONFERS[name] & NEVER_FOR_CLIENTS


def test_there_is_no_other_name() -> None:
    with pytest.raises(ValueError, match="is not a valid Permission"):
        kind_of("no such thing")


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_comes_with_a_role_or_is_given_by_hand(permission: Permission) -> None:
    roles = [name for name in ROLES if permission in CONFERS[name]]
    assert bool(roles) != (permission in BY_HAND_ONLY)
    assert permission.value in names_conferring(permission)
    assert {*names_conferring(permission)} == {name for name, given in CONFERS.items() if permission in given}


def test_no_client_can_be_given_what_is_for_the_house() -> None:
    for name in CONFERS:
        if grantable_to_portal(name):
            assert not CONFERS[name] & NEVER_FOR_CLIENTS, name
            assert all(
                not permission.name.startswith(("EDIT", "MANAGE", "CREATE", "ARCHIVE")) for permission in CONFERS[name]
            )
    assert {*PORTAL_ROLES} <= {*ROLES}


def test_older_names_mean_one_right_each() -> None:
    assert {34, 35, 36, 140, 208, 209} == {*LEGACY_CODES}
    assert len(set(LEGACY_CODES.values())) == len(LEGACY_CODES)
    assert len(set(LEGACY_SLUGS.values())) == len(LEGACY_SLUGS)


def test_enumerations_have_the_values_the_policy_counts_on() -> None:
    assert {kind.value for kind in ReportKind} == {"ACTIVITY", "INCIDENT", "INSPECTION", "PERFORMANCE"}
    assert {kind.value for kind in UserKind} == {"STAFF", "PORTAL", "PARTNER"}
    assert Place.__dataclass_params__.frozen  # type: ignore[attr-defined]
