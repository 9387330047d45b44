"""Reports as files: for whoever may read the report at that moment, and for nobody else."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.server.talking import Station


def report(station: Station, name: str = "North", kind: str = "ACTIVITY", status: str = "PUBLISHED") -> dict[str, Any]:
    site = station.one("Site", name=name)
    rows = station.place.mirror.rows["Report"].values()
    return next(one for one in rows if (one["site"], one["kind"], one["status"]) == (site, kind, status))


def fetch(station: Station, path: str, viewer: str | None = "portal_manager", **headers: str) -> Any:
    given = station.bearer(viewer) if viewer else {}
    return station.http.get(path, headers={**given, **headers})


def test_a_report_is_an_attachment_nobody_keeps_or_guesses_at(station: Station) -> None:
    row = report(station)
    answer = fetch(station, f"/files/reports/{row['id']}.json")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="report-{row["periodStart"]}-{row["id"][-8:]}.json"'
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer.json() == {
        "id": row["id"], "kind": "ACTIVITY", "client": "Alder", "site": "North", "from": row["periodStart"],
        "to": "2026-05-31", "published": row["publishedAt"], "title": row["title"], "summary": row["summary"],
        "body": "All is well", "figures": row["figures"],
    }  # fmt: skip
    assert "internalNotes" not in answer.text
    assert row["internalNotes"] not in answer.text


def test_figures_are_a_table_no_spreadsheet_takes_for_formulas(own_station: Station) -> None:
    row = report(own_station)
    points = [{"label": "=HYPERLINK(1)", "value": "-12.50"}, {"label": "June", "value": "3"}]
    own_station.command(
        "administrator", "updateReport", id=row["id"], figures=[{"title": "@Hours", "unit": "h", "points": points}]
    )
    answer = fetch(own_station, f"/files/reports/{row['id']}.csv")
    assert list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))) == [
        ["figure", "label", "value", "unit"],
        ["'@Hours", "'=HYPERLINK(1)", "-12.50", "h"],
        ["'@Hours", "June", "3", "h"],
    ]


def test_a_page_shows_text_as_text(own_station: Station) -> None:
    row = report(own_station)
    own_station.command(
        "administrator", "updateReport", id=row["id"], title="<script>alert(1)</script>", body='"A" & B'
    )
    page = fetch(own_station, f"/files/reports/{row['id']}.html").text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&quot;A&quot; &amp; B" in page


@pytest.mark.parametrize("viewer", ["portal_incidents", "portal_nothing", "clerk", "foreign_administrator", "finance"])
def test_what_one_may_not_read_is_what_does_not_exist(station: Station, viewer: str) -> None:
    row = report(station)
    paths = [
        f"{row['id']}.html",
        f"rep_{'0' * 32}.html",
        "rep_x.html",
        "nonsense",
        f"{row['site']}.html",
        f"{row['id']}.exe",
    ]
    said = set()
    for path in paths:
        answer = fetch(station, f"/files/reports/{path}", viewer)
        said.add((answer.status_code, json.dumps({**answer.json()["error"], "requestId": ""})))
    assert len(said) == 1
    assert next(iter(said))[0] == 404


def test_a_draft_is_for_those_who_write_it(station: Station) -> None:
    draft = report(station, status="DRAFT")["id"]
    assert fetch(station, f"/files/reports/{draft}.html").status_code == 404
    assert fetch(station, f"/files/reports/{draft}.html", "administrator").status_code == 200


def test_nobody_gets_no_file_and_another_sites_page_cannot_fetch_one(station: Station) -> None:
    path = f"/files/reports/{report(station)['id']}.html"
    assert fetch(station, path, None).json()["error"]["code"] == "UNAUTHENTICATED"
    cookie = {"cookie": f"portico={station.token('portal_manager')}"}
    foreign = fetch(station, path, None, **cookie, **{"sec-fetch-site": "cross-site"})
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "CROSS_SITE_REQUEST")
    assert station.http.post(path, headers=station.bearer("portal_manager")).status_code == 405
