"""A client with more sites and contacts than a page shows: every one of them is found and can be chosen."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import make_url

import models
from resolvers.ids import encode
from tests.portal.conftest import Portal, assert_accessible, live, sign_in
from tests.portal.test_pages import SIZES
from tests.portal.test_workspace import enter

MORE = 130
REQUESTED = """select s.name from job j join site s on s.tenant_id = j.tenant_id and s.id = j.site_id
where j.status = 'REQUESTED'"""
SITES = """insert into site (tenant_id, organization_id, id, name, status, time_zone, latitude, longitude)
select tenant_id, organization_id, gen_random_uuid(), 'Outpost ' || lpad(n::text, 3, '0'), 'ACTIVE', 'Europe/Berlin',
  48 + n * 0.03, 8 + n %% 13 * 0.4
from app_user, generate_series(1, %s) n where id = %s"""
CONTACTS = """insert into contact (tenant_id, organization_id, id, name, email, preferred_channel)
select tenant_id, organization_id, gen_random_uuid(), 'Clerk ' || lpad(n::text, 3, '0'), 'clerk' || n || '@n.example',
  'EMAIL'
from app_user, generate_series(1, %s) n where id = %s"""
EVERYWHERE = """insert into access_grant (tenant_id, id, user_id, kind, name, organization_id)
select tenant_id, gen_random_uuid(), id, 'ROLE', 'portal_manager', organization_id from app_user where id = %s"""
RIGHTS = """select g.name, s.name from access_grant g join app_user u on u.tenant_id = g.tenant_id and u.id = g.user_id
join site s on s.tenant_id = g.tenant_id and s.id = g.site_id where u.email = 'clerk118@n.example' order by 2"""


@pytest.fixture
def database(portal: Portal, fresh_database_url: str) -> Generator[psycopg.Connection]:
    """The company's database, in which its client has grown, and Pat may see all of it."""
    address = make_url(fresh_database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(SITES, [MORE, portal.company.pat.id])
        connection.execute(CONTACTS, [MORE, portal.company.pat.id])
        connection.execute(EVERYWHERE, [portal.company.pat.id])
        yield connection


def opened(browser: Browser, portal: Portal, email: str, width: int = 1440, height: int = 900) -> Page:
    # axe is put into the page, which its policy would forbid.
    context = browser.new_context(locale="en-GB", viewport={"width": width, "height": height}, bypass_csp=True)
    page = context.new_page()
    sign_in(page, portal.origins[0], email)
    live(page)
    return page


def test_somebody_is_invited_to_sites_far_down_the_list(
    browser: Browser, portal: Portal, database: psycopg.Connection, clients: Path
) -> None:
    ada = opened(browser, portal, "ada@meridian.example")
    enter(ada, "Northwind")
    ada.get_by_role("button", name="Invite somebody").click()
    form = ada.get_by_role("region", name="Invite to the portal")
    contact = form.get_by_label("Contact", exact=True)
    form.get_by_label("Find a contact").fill("clerk118@")
    expect(contact.locator("option")).to_have_text(["Clerk 118 · clerk118@n.example"])
    contact.select_option(label="Clerk 118 · clerk118@n.example")
    # Looking for somebody else does not take back who was chosen.
    form.get_by_label("Find a contact").fill("Clerk 119")
    expect(contact.locator("option")).to_have_count(2)
    expect(contact.locator("option:checked")).to_have_text("Clerk 118 · clerk118@n.example")
    form.get_by_role("radio", name="Chosen sites").check()
    for name in ("Outpost 127", "Outpost 128"):
        form.get_by_label("Find a site").fill(name)
        form.get_by_role("checkbox", name=name).check()
    form.get_by_label("Find a site").fill("Leeds")
    expect(form.get_by_role("checkbox", name="Leeds Store")).to_be_visible()
    expect(form.get_by_role("checkbox", name="Outpost 127")).to_be_checked()
    assert_accessible(ada, clients, "large-invite")
    form.get_by_role("button", name="Send the invitation").click()
    expect(ada.get_by_test_id("invitation")).to_contain_text("clerk118@n.example")
    rights = database.execute(RIGHTS).fetchall()
    assert [site for _, site in rights] == ["Outpost 127", "Outpost 128"]
    ada.context.close()


@pytest.mark.usefixtures("database")
def test_rights_are_given_at_a_site_that_had_to_be_looked_for(browser: Browser, portal: Portal, clients: Path) -> None:
    ada = opened(browser, portal, "ada@meridian.example")
    enter(ada, "Northwind", "Pat Moss")
    place = ada.get_by_test_id("place").filter(has_text="Outpost 128")
    expect(ada.get_by_test_id("place").first).to_be_visible()
    expect(place).to_have_count(0)
    ada.get_by_label("Find a site").fill("Outpost 128")
    other = ada.get_by_label("Another site")
    expect(other.locator("option")).to_have_count(2)
    other.select_option(label="Outpost 128")
    expect(place).to_be_visible()
    place.get_by_role("combobox").select_option(label="Manager")
    expect(ada.get_by_text("Nothing appears or vanishes")).to_be_visible()
    ada.evaluate("scrollTo(0, 0)")
    assert_accessible(ada, clients, "large-editor")
    ada.get_by_role("button", name="Save", exact=True).click()
    expect(ada.get_by_test_id("unchanged")).to_contain_text("Saved")
    # It has a right now, so it is among the rows for whoever comes next.
    ada.reload()
    expect(place).to_be_visible()
    expect(place.get_by_role("combobox").locator("option:checked")).to_have_text("Manager")
    ada.context.close()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("size", SIZES)
def test_a_client_finds_a_site_beyond_the_first_hundred(
    browser: Browser, portal: Portal, clients: Path, size: str
) -> None:
    pat = opened(browser, portal, "pat@northwind.example", *SIZES[size])
    pat.goto(f"{portal.origins[0]}/sites")
    search = pat.get_by_label(re.compile("Find one of 132 sites"))
    expect(pat.get_by_text("The first 100 of 132 sites")).to_be_visible()
    expect(pat.get_by_role("link", name="Outpost 128")).to_have_count(0)
    search.fill("Outpost 128")
    expect(pat.get_by_role("link", name=re.compile("Outpost 128")).first).to_be_visible()
    expect(pat.get_by_role("status").filter(has_text="1 site found")).to_have_count(1)
    expect(search).to_be_focused()
    assert_accessible(pat, clients, f"large-sites-{size}")
    pat.context.close()


def test_work_is_requested_at_a_site_beyond_the_first_hundred(
    browser: Browser, portal: Portal, database: psycopg.Connection, clients: Path
) -> None:
    (far,) = database.execute("select id from site where name = 'Outpost 128'").fetchone() or ()
    pat = opened(browser, portal, "pat@northwind.example")
    pat.goto(f"{portal.origins[0]}/request?site={encode(models.Site, far)}")
    site = pat.get_by_label("Site", exact=True)
    expect(site.locator("option:checked")).to_have_text("Outpost 128 · Northwind")
    expect(pat.get_by_label("Service")).to_be_visible()
    pat.get_by_label("Find a site").fill("Outpost 129")
    expect(site.locator("option")).to_have_text(["Outpost 129 · Northwind", "Outpost 128 · Northwind"])
    site.select_option(label="Outpost 129 · Northwind")
    expect(pat.get_by_label("Find a site")).to_have_value("Outpost 129")
    assert_accessible(pat, clients, "large-request")
    pat.get_by_role("button", name="Send the request").click()
    expect(pat.get_by_role("heading", level=1)).to_contain_text("Static guarding")
    assert database.execute(REQUESTED).fetchall() == [("Outpost 129",)]
    pat.context.close()
