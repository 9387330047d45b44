"""The tenant, its users, and what they were granted."""

# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportGeneralTypeIssues=false, reportUnusedImport=false
# The annotations name what the graph has, looked up when the schema is built; imports are for what they declare.

from __future__ import annotations

import models
from auth.permissions import CONFERS, Permission
from resolvers.access import AccessPlace, access_places, tenant_of, user_of
from resolvers.inviting import EXPIRED, has_expired
from resolvers.review import OPEN_SESSIONS, UNUSED, count_sessions, is_unused
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
    language: Language
    last_sign_in_at: datetime | None
    organization: Organization | None = edge(models.User.organization_id)
    open_sessions: int = computed(
        count_sessions,
        expressed=OPEN_SESSIONS,
        description="How many sessions and tokens of theirs are open.",
    )
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
    invitations: InvitationConnection = connection("Invitation", models.Invitation.portal_user_id)


@node(models.Invitation)
class Invitation:
    """A letter by which a client's contact was invited. All of a person's are kept; at most one of them works."""

    delivery: InvitationDelivery
    status: InvitationStatus
    expires_at: datetime
    sent_at: datetime | None
    failed_at: datetime | None
    ended_at: datetime | None
    expired: bool = computed(has_expired, expressed=EXPIRED, description="Pending, and too late.")
    user: User | None = edge(models.Invitation.user_id)
    portal_user: PortalUser | None = edge(models.Invitation.portal_user_id)
    organization: Organization | None = edge(models.Invitation.organization_id)
    contact: Contact | None = edge(models.Invitation.contact_id)
    invited_by: User | None = edge(models.Invitation.invited_by_id)


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
    unused: bool = computed(
        is_unused,
        expressed=UNUSED,
        description="Its user has neither signed in nor had a session open since it was given.",
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


graph_type(
    "ViewedBy",
    {"name": plain_field("str", lambda one: one.name)},
    "A member of the staff who looks through the viewer's eyes and can change nothing.",
)


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
    viewed_by: ViewedBy | None = computed(
        lambda context, _: context.actor.viewed_by,
        description="Who of the staff views as this user in this session; null if it is the user's own.",
    )
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
    services: ServiceConnection = connection("Service")
    change_requests: ChangeRequestConnection = connection("ChangeRequest")
    notifications: NotificationConnection = connection("Notification")
