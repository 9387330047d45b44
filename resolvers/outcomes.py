"""What comes of a command: the row it was about, or why nothing was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError

from auth.actor import Forbidden
from auth.permissions import LEGACY_CODE_OF
from domain.refusals import Conflict, Refused

# What a broken constraint means to whoever sent the command: code and input field.
CONSTRAINTS: Mapping[str, tuple[str, str | None]] = {
    "uq_organization_legal_name": ("NAME_TAKEN", "legalName"),
    "uq_organization_short_name": ("NAME_TAKEN", "shortName"),
    "uq_organization_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_site_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_contact_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_contract_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_job_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_report_external_id": ("EXTERNAL_ID_TAKEN", "externalId"),
    "uq_contact_primary": ("CONFLICT", "id"),
    "uq_contract_tenant_id_reference": ("REFERENCE_TAKEN", "reference"),
    "uq_job_tenant_id_reference": ("REFERENCE_TAKEN", "reference"),
    "uq_app_user_email": ("EMAIL_IN_USE", "email"),
    "uq_portal_user_contact": ("ALREADY_A_PORTAL_USER", "contactId"),
    "uq_access_grant_live": ("ALREADY_GRANTED", "name"),
    "uq_service_name": ("NAME_TAKEN", "name"),
    "uq_service_subscription_live": ("SERVICE_ASSIGNED", "serviceId"),
    "uq_account_manager_live": ("ALREADY_ACCOUNT_MANAGER", "userId"),
    "uq_job_party_role": ("PARTY_ALREADY_LINKED", "organizationId"),
    "uq_job_party_primary": ("PARTY_ALREADY_LINKED", "organizationId"),
    "uq_partner_secret_slot": ("SECRETS_FULL", "id"),
}


@dataclass(frozen=True)
class UserError:
    """Why a command was refused. ``field`` is the path of the input field at fault."""

    code: str
    message: str
    field: list[str] | None = None
    current_version: int | None = None
    permission: str | None = None
    legacy_code: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a command: the id of the row it was about, or why nothing was written."""

    node: str | None
    errors: tuple[UserError, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict[str, str])
    """Secrets that are shown this once, by payload field: whoever repeats the command is not shown them again."""

    def as_json(self) -> dict[str, Any]:
        """The outcome as it is kept for a repetition of the command."""
        return {"node": self.node, "errors": [asdict(error) for error in self.errors]}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Outcome:
        """The outcome that was kept."""
        return cls(kept["node"], tuple(UserError(**error) for error in kept["errors"]))


def user_error(refusal: Refused | Forbidden) -> UserError:
    """A refusal as it is told."""
    if isinstance(refusal, Forbidden):
        missing = refusal.permission
        return UserError(refusal.code, str(refusal), permission=missing.value, legacy_code=LEGACY_CODE_OF.get(missing))
    current = refusal.current if isinstance(refusal, Conflict) else None
    field = [refusal.field] if refusal.field else None
    return UserError(refusal.code, str(refusal), field, current)


def broken(error: IntegrityError) -> UserError:
    """A constraint that was broken, as it is told; one that has no meaning for whoever sent the command is raised."""
    known = CONSTRAINTS.get(str(getattr(getattr(error.orig, "diag", None), "constraint_name", None)))
    if known is None:
        raise error
    code, field = known
    return UserError(code, "Another record has this already.", [field] if field else None)
