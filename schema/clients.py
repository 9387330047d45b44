"""Organizations, their sites, and the people there."""

# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportGeneralTypeIssues=false, reportUnusedImport=false
# The annotations name what the graph has, looked up when the schema is built; imports are for what they declare.

from __future__ import annotations

import models
from auth.permissions import Permission
from resolvers import inviting
from schema import lists  # noqa: F401  (the lists come before the types)
from schema.declaration import Embedded, column, computed, connection, edge, embedded, guarded
from schema.graph import group, node

P = Permission


@group(models.Organization)
class BillingProfile:
    """How an organization is billed."""

    payment_terms: PaymentTerms | None
    payment_days: int | None
    currency: str = column("billing_currency")
    email: str | None = column("billing_email")
    remittance_details: str | None


@group(models.Organization)
class TaxIds:
    """The numbers under which authorities know an organization."""

    registration_number: str | None
    tax_number: str | None
    vat_number: str | None


@node(models.Organization)
class Organization:
    """A client: a company or an individual, with sites, contracts and contacts."""

    legal_name: str
    short_name: str
    status: OrganizationStatus
    kind: OrganizationKind
    location: Location
    industry: str | None
    company_type: str | None
    description: str | None
    website: str | None
    new_business_year: int | None
    external_id: str | None
    billing_profile: BillingProfile | None = guarded(P.VIEW_BILLING_PROFILE, Embedded())
    tax_ids: TaxIds | None = guarded(P.VIEW_TAX_IDS, Embedded())
    internal_notes: str | None = guarded(P.VIEW_INTERNAL_NOTES)
    owner: User | None = edge(models.Organization.owner_id)
    sites: SiteConnection = connection("Site", models.Site.organization_id)
    contacts: ContactConnection = connection("Contact", models.Contact.organization_id)
    contracts: ContractConnection = connection("Contract", models.Contract.organization_id)
    jobs: JobConnection = connection("Job", models.Job.organization_id)
    reports: ReportConnection = connection("Report", models.Report.organization_id)
    users: UserConnection = connection("User", models.User.organization_id)
    portal_users: PortalUserConnection = connection("PortalUser", models.PortalUser.organization_id)
    invitations: InvitationConnection = connection("Invitation", models.Invitation.organization_id)
    services: ServiceSubscriptionConnection = connection(
        "ServiceSubscription", models.ServiceSubscription.organization_id, description="What its people may ask for."
    )
    account_managers: AccountManagerConnection = connection("AccountManager", models.AccountManager.organization_id)
    change_requests: ChangeRequestConnection = connection("ChangeRequest", models.ChangeRequest.organization_id)


@group(models.Site)
class Address:
    """A postal address."""

    street: str | None = column("address_street")
    city: str | None = column("address_city")
    region: str | None = column("address_region")
    postal_code: str | None = column("address_postal_code")
    country: str | None = column("address_country")


@node(models.Site)
class Site:
    """A place of work of an organization. Instants at the site are shown in its time zone."""

    name: str
    status: SiteStatus
    time_zone: str
    address: Address = embedded()
    latitude: Decimal | None
    longitude: Decimal | None
    service_details: str | None
    external_id: str | None
    internal_notes: str | None = guarded(P.VIEW_INTERNAL_NOTES)
    organization: Organization | None = edge(models.Site.organization_id)
    contacts: ContactConnection = connection("Contact", models.Contact.site_id)
    contracts: ContractConnection = connection("Contract", models.Contract.site_id)
    jobs: JobConnection = connection("Job", models.Job.site_id)
    reports: ReportConnection = connection("Report", models.Report.site_id)


@node(models.Contact)
class Contact:
    """A person at a client."""

    name: str
    job_title: str | None
    email: str | None
    phone: str | None
    preferred_channel: ContactChannel
    language: Language
    is_primary: bool
    designations: list[ContactDesignation]
    external_id: str | None
    private_phone: str | None = guarded(P.VIEW_PRIVATE_PHONES)
    internal_notes: str | None = guarded(P.VIEW_INTERNAL_NOTES)
    organization: Organization | None = edge(models.Contact.organization_id)
    site: Site | None = edge(models.Contact.site_id)
    can_invite: bool = computed(
        inviting.can_invite,
        expressed=inviting.CAN_INVITE,
        description="Whether the viewer can invite this contact now.",
    )
    invite_refusal: InviteRefusal | None = computed(
        inviting.invite_refusal,
        expressed=inviting.INVITE_REFUSAL,
        description="Why not; null if the viewer can.",
    )
    change_requests: ChangeRequestConnection = connection("ChangeRequest", models.ChangeRequest.contact_id)
