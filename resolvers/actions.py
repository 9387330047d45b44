"""Every command of the graph: what it takes, and the domain function it calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from domain import access, contacts, contracts, jobs, organizations, reports, sites, users
from domain.editing import Field, Fields
from models import Contact, Contract, Grant, Job, Organization, Report, Site, User, Versioned
from resolvers import acts
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
    _creation("createContact", Contact, acts.create_contact, ("organization_id", "site_id?"), contacts, ("name",)),
    _update("updateContact", Contact, contacts, contacts.FIELDS),
    _command("makeContactPrimary", Contact, acts.make_primary, contacts.make_primary, ("id",), versioned=True),
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
    _command("createPortalUser", User, acts.create_portal, users.create_portal, ("contact_id",)),
    _update("updateUser", User, users, {"name": users.FIELDS["name"]}),
    _step("suspendUser", User, users.suspend),
    _step("reactivateUser", User, users.reactivate),
    _command("grantAccess", Grant, acts.grant, access.grant, ("user_id", "place_id"), extra={"name": "str"}),
    _command("revokeAccess", Grant, acts.revoke, access.revoke, ("id",), versioned=True),
)
