"""The tenant, its users, and what they were granted."""

# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportGeneralTypeIssues=false, reportUnusedImport=false
# The annotations name what the graph has, looked up when the schema is built; imports are for what they declare.

from __future__ import annotations

import models
from auth.permissions import CONFERS, Permission
from resolvers.access import AccessPlace, access_places, tenant_of, user_of
from schema import lists  # noqa: F401  (the lists come before the types)
from schema.declaration import computed, connection, edge, only
from schema.fields import plain_field
from schema.graph import graph_type, node, view


@node(models.Tenant)
class Tenant:
    """The company whose clients these are."""

    name: str
    slug: str
    time_zone: str
    currency: str


@node(models.User)
class User:
    """Somebody who can sign in: of the staff, or of a client."""

    kind: UserKind
    status: UserStatus
    name: str
    email: str
    last_sign_in_at: datetime | None
    organization: Organization | None = edge(models.User.organization_id)
    grants: GrantConnection = connection("Grant", models.Grant.user_id)
    membership: Membership | None = only(models.Membership.user_id)
    portal_user: PortalUser | None = only(models.PortalUser.user_id)


@node(models.Membership)
class Membership:
    """A user's place in the staff."""

    job_title: str | None
    user: User | None = edge(models.Membership.user_id)


@node(models.PortalUser)
class PortalUser:
    """A client's contact who may use the portal."""

    user: User | None = edge(models.PortalUser.user_id)
    organization: Organization | None = edge(models.PortalUser.organization_id)
    contact: Contact | None = edge(models.PortalUser.contact_id)


@node(models.Grant)
class Grant:
    """A role, feature or permission of a user at a place: the tenant, an organization, or a site."""

    kind: GrantKind
    name: str
    cause: str
    user: User | None = edge(models.Grant.user_id)
    organization: Organization | None = edge(models.Grant.organization_id)
    site: Site | None = edge(models.Grant.site_id)
    confers: list[Permission] = computed(
        lambda _, record: sorted(CONFERS.get(record.row.name, ())),
        "name",
        description="The rights this grant gives, with all they imply.",
    )


graph_type(
    "AccessPlace",
    {
        "organization": plain_field("Organization | None", AccessPlace.organization, "None: the whole tenant."),
        "site": plain_field("Site | None", AccessPlace.site, "None: the whole organization."),
        "permissions": plain_field("list[Permission]", AccessPlace.permissions),
    },
    "A place at which the viewer was granted something, and every right that holds there.",
)  # fmt: skip


@view
class Viewer:
    """Whoever is asking, with all they can see. `access` pushes exactly this."""

    id: ID = computed(lambda context, _: f"viewer_{context.actor.user_id.hex}")
    name: str = computed(lambda context, _: context.actor.name)
    email: str = computed(lambda context, _: context.actor.email)
    kind: UserKind = computed(lambda context, _: context.actor.kind)
    epoch: int = computed(
        lambda context, _: context.actor.epoch,
        description="How often the viewer's rights have changed.",
    )
    user: User | None = computed(user_of)
    tenant: Tenant | None = computed(tenant_of)
    permissions: list[Permission] = computed(
        lambda context, _: sorted(context.actor.places),
        description="Every right the viewer holds at any place.",
    )
    places: list[AccessPlace] = computed(access_places)
    organizations: OrganizationConnection = connection("Organization")
    sites: SiteConnection = connection("Site")
    contacts: ContactConnection = connection("Contact")
    contracts: ContractConnection = connection("Contract")
    jobs: JobConnection = connection("Job")
    reports: ReportConnection = connection("Report")
