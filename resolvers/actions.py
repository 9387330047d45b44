"""Every command of the graph: what it takes, and the domain function it calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from domain import (
    access,
    access_sets,
    contacts,
    contracts,
    factors,
    invitations,
    jobs,
    notices,
    organizations,
    partners,
    proposals,
    reports,
    requests,
    services,
    sites,
    users,
)
from domain.editing import Field, Fields
from models import (
    AccountManager,
    ChangeRequest,
    Contact,
    Contract,
    Grant,
    Invitation,
    Job,
    Notification,
    Organization,
    PartnerApplication,
    PartnerSecret,
    Report,
    Service,
    ServiceSubscription,
    Site,
    User,
    Versioned,
)
from resolvers import acts, inviting, partnering
from resolvers import requests as asking
from resolvers.commands import Act, Acting

Rule = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Action:
    """One command. ``ids`` are its references (a trailing ``?`` makes one optional), ``fields`` the columns it sets."""

    name: str
    model: type[Versioned]
    act: Act
    ids: tuple[str, ...] = ()
    fields: Fields = field(default_factory=dict[str, Field])
    required: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    versioned: bool = False
    shows: tuple[str, ...] = ()
    """Fields of the payload that show a secret once."""
    description: str | None = None


def _command(name: str, model: type[Versioned], act: Act, rule: Rule, ids: tuple[str, ...], **more: Any) -> Action:
    """A command described by the rule it is subject to."""
    return Action(name, model, act, ids, description=rule.__doc__, **more)


def _creation(
    name: str,
    model: type[Versioned],
    act: Act,
    ids: tuple[str, ...],
    module: ModuleType,
    required: tuple[str, ...],
) -> Action:
    """A command that makes a row of named fields."""
    return _command(name, model, act, module.create, ids, fields=module.FIELDS, required=required)


def _step(name: str, model: type[Versioned], step: Rule) -> Action:
    """A command that moves a row from one state to another."""

    async def act(acting: Acting) -> Versioned:
        row = await acting.subject(model)
        await step(acting.session, acting.actor, row, on=acting.now)
        return row

    return _command(name, model, act, step, ("id",), versioned=True)


def _update(name: str, model: type[Versioned], module: ModuleType, fields: Fields) -> Action:
    """A command that changes the named fields of a row."""

    async def act(acting: Acting) -> Versioned:
        row = await acting.subject(model)
        await module.update(acting.session, acting.actor, row, fields=acting.fields)
        return row

    return _command(name, model, act, module.update, ("id",), fields=fields, versioned=True)


ACTIONS: tuple[Action, ...] = (
    _creation(
        "createOrganization",
        Organization,
        acts.create_organization,
        ("owner_id?",),
        organizations,
        ("legal_name", "short_name", "location"),
    ),
    _command(
        "updateOrganization",
        Organization,
        acts.update_organization,
        organizations.update,
        ("id", "owner_id?"),
        fields=organizations.FIELDS,
        versioned=True,
    ),
    _step("activateOrganization", Organization, organizations.activate),
    _step("pauseOrganization", Organization, organizations.pause),
    _step("archiveOrganization", Organization, organizations.archive),
    _creation("createSite", Site, acts.create_site, ("organization_id",), sites, ("name", "time_zone")),
    _update("updateSite", Site, sites, sites.FIELDS),
    _step("limitSite", Site, sites.limit),
    _step("reopenSite", Site, sites.reopen),
    _step("closeSite", Site, sites.close),
    _command(
        "createContact",
        Contact,
        inviting.create_contact,
        contacts.create,
        ("organization_id", "site_id?"),
        fields=contacts.FIELDS,
        required=("name",),
        extra={"invite": "InviteInput | None"},
    ),
    _update("updateContact", Contact, contacts, contacts.FIELDS),
    _command(
        "makeContactPrimary",
        Contact,
        acts.make_primary,
        contacts.make_primary,
        ("id",),
        extra={"expected_primary_id": "ID | None"},
        versioned=True,
    ),
    _step("archiveContact", Contact, contacts.archive),
    _creation(
        "createContract",
        Contract,
        acts.create_contract,
        ("organization_id", "site_id?"),
        contracts,
        ("title", "start_on"),
    ),
    _update("updateContract", Contract, contracts, contracts.FIELDS),
    _step("activateContract", Contract, contracts.activate),
    _step("terminateContract", Contract, contracts.terminate),
    _command("moveContract", Contract, asking.move_contract, contracts.move, ("id", "site_id?"), versioned=True),
    _creation("createJob", Job, acts.create_job, ("site_id", "contract_id?"), jobs, ("title",)),
    _update("updateJob", Job, jobs, jobs.FIELDS),
    _step("scheduleJob", Job, jobs.schedule),
    _step("startJob", Job, jobs.start),
    _step("holdJob", Job, jobs.hold),
    _step("resumeJob", Job, jobs.resume),
    _step("completeJob", Job, jobs.complete),
    _step("cancelJob", Job, jobs.cancel),
    _command(
        "addJobParty",
        Job,
        acts.add_party,
        jobs.add_party,
        ("id", "organization_id", "contact_id?"),
        extra={"role": "PartyRole"},
        versioned=True,
    ),
    _command("removeJobParty", Job, acts.remove_party, jobs.remove_party, ("id", "party_id"), versioned=True),
    _creation(
        "createReport",
        Report,
        acts.create_report,
        ("site_id", "job_id?"),
        reports,
        ("kind", "title", "period_start", "period_end"),
    ),
    _update("updateReport", Report, reports, reports.FIELDS),
    _step("publishReport", Report, reports.publish),
    _step("withdrawReport", Report, reports.withdraw),
    _step("archiveReport", Report, reports.archive),
    _command(
        "createStaffUser",
        User,
        acts.create_staff,
        users.create_staff,
        (),
        fields=users.FIELDS,
        required=("name", "email"),
        extra={"job_title": "str | None"},
    ),
    _command(
        "invitePortalUser", Invitation, inviting.invite, invitations.invite, ("contact_id",), extra=inviting.WELCOME
    ),
    _command(
        "resendInvitation",
        Invitation,
        inviting.resend,
        invitations.resend,
        ("id",),
        extra={"delivery": "InvitationDelivery | None"},
        versioned=True,
    ),
    _step("cancelInvitation", Invitation, invitations.cancel),
    _update("updateUser", User, users, users.OWN_FIELDS),
    _step("suspendUser", User, users.suspend),
    _step("reactivateUser", User, users.reactivate),
    _step("resetSecondFactors", User, factors.reset_factors),
    _creation("createService", Service, asking.create_service, (), services, ("name",)),
    _update("updateService", Service, services, services.FIELDS),
    _step("archiveService", Service, services.archive),
    _command(
        "assignService", ServiceSubscription, asking.assign_service, services.assign, ("organization_id", "service_id")
    ),
    _step("withdrawService", ServiceSubscription, services.withdraw),
    _command(
        "assignAccountManager",
        AccountManager,
        asking.assign_manager,
        services.assign_manager,
        ("organization_id", "user_id"),
    ),
    _step("removeAccountManager", AccountManager, services.remove_manager),
    _command(
        "requestJob",
        Job,
        asking.request_job,
        requests.request,
        ("site_id", "service_id"),
        fields=requests.FIELDS,
        required=("title",),
        extra={"preferred_at": "datetime | None"},
    ),
    _step("withdrawJobRequest", Job, requests.withdraw),
    _command(
        "proposeContactChange",
        ChangeRequest,
        asking.propose_change,
        proposals.propose,
        ("contact_id",),
        fields=proposals.FIELDS,
        extra={"contact_version": "int | None"},
    ),
    _command("approveChange", ChangeRequest, asking.approve_change, proposals.approve, ("id",), versioned=True),
    _command(
        "declineChange",
        ChangeRequest,
        asking.decline_change,
        proposals.decline,
        ("id",),
        extra={"reason": "str"},
        versioned=True,
    ),
    _step("withdrawChange", ChangeRequest, proposals.withdraw),
    _step("markNotificationRead", Notification, notices.mark_read),
    _command("markNotificationsRead", Notification, asking.mark_all_read, notices.mark_read_up_to, ("up_to",)),
    _command("grantAccess", Grant, acts.grant, access.grant, ("user_id", "place_id"), extra={"name": "str"}),
    _command(
        "setAccess",
        User,
        acts.set_access,
        access_sets.set_access,
        ("id",),
        extra={"grants": "list[GrantInput]", "expected_epoch": "int | None"},
    ),
    _command("revokeAccess", Grant, acts.revoke, access.revoke, ("id",), versioned=True),
    _command(
        "createPartnerApplication",
        PartnerApplication,
        partnering.create,
        partners.create,
        (),
        fields=partners.FIELDS,
        required=("name",),
        shows=(partnering.SECRET,),
    ),
    _command(
        "updatePartnerApplication",
        PartnerApplication,
        partnering.update,
        partners.update_terms,
        ("id",),
        fields=partners.FIELDS,
        versioned=True,
    ),
    _step("disablePartnerApplication", PartnerApplication, partners.disable),
    _step("enablePartnerApplication", PartnerApplication, partners.enable),
    _command(
        "rotatePartnerSecret",
        PartnerSecret,
        partnering.rotate,
        partners.rotate,
        ("id",),
        extra={"label": "str | None", "expires_at": "datetime | None"},
        versioned=True,
        shows=(partnering.SECRET,),
    ),
    _command("endPartnerSecret", PartnerSecret, partnering.end_secret, partners.end_secret, ("id",), versioned=True),
)
