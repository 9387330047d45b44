"""The console script, started as people start it: what it prints, where, and with which exit code."""

import asyncio
import csv
import os
import subprocess
import sys
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import select

from auth.grants import load_actor
from auth.sessions import read_token
from models import Authenticator, Organization, Site, User
from models.database import application_engine, writing
from resolvers.ids import encode
from server import cli, console, migrate
from server.office import Office

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Said]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in an empty folder, on the tests' database."""
    for name in [name for name in os.environ if name.startswith("PORTICO_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "out", Console(highlight=False, soft_wrap=True, width=200))

    def call(*arguments: str, given: str = "", **environment: str) -> Said:
        with monkeypatch.context() as patched:
            for name, value in ({"DATABASE_URL": database_url} | environment).items():
                patched.setenv(name, value)
            patched.setattr(sys, "argv", ["portico", *arguments])
            patched.setattr(sys, "stdin", StringIO(given))
            with pytest.raises(SystemExit) as ended:
                cli.main()
        printed = capsys.readouterr()
        return Said(int(ended.value.code or 0), printed.out, printed.err)

    return call


def started(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, without any setting."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=bare | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def slug(run: Run) -> str:
    """A tenant of the test's own."""
    made = f"t-{uuid.uuid4().hex[:12]}"
    assert run("tenant", "create", made, "--name", "Test Company", "--time-zone", "Europe/Berlin").returncode == 0
    return made


@pytest.fixture
def clients(run: Run, slug: str, tmp_path: Path) -> str:
    """The tenant with an organization and a site, imported."""
    _write(tmp_path / "sites.csv", ("external_id", "organization", "name", "time_zone"), ("S1", "O1", "Leeds", "UTC"))
    head = ("external_id", "legal_name", "short_name", "status")
    _write(tmp_path / "organizations.csv", head, ("O1", "Northgate Ltd", "Northgate", "ACTIVE"))
    # In any order: the command takes the organizations first.
    imported = run("import", "sites.csv", "organizations.csv", "--tenant", slug)
    assert (imported.stderr, imported.returncode) == ("", 0)
    return slug


def _write(path: Path, *rows: tuple[str, ...]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def _asked(url: str, ask: Callable[[Any], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        engine = application_engine(url)
        try:
            return await ask(engine)
        finally:
            await engine.dispose()

    return asyncio.run(run())


@pytest.mark.parametrize("arguments", [[], ["user"], ["--help"], ["import", "--help"]])
def test_help_needs_nothing(tmp_path: Path, arguments: list[str]) -> None:
    shown = started("-m", "server", *arguments, cwd=tmp_path)
    assert "Usage:" in shown.stdout + shown.stderr
    assert "Traceback" not in shown.stderr


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    asked = "import sys, server.cli; print({'sqlalchemy', 'strawberry', 'starlette', 'psycopg'} & set(sys.modules))"
    assert started("-c", asked, cwd=tmp_path).stdout == "set()\n"


def test_the_schema_is_printed_anywhere(tmp_path: Path) -> None:
    assert "type Query {" in started("-m", "server", "schema", cwd=tmp_path).stdout


def test_the_schema_is_written_and_compared(run: Run, tmp_path: Path) -> None:
    printed = run("schema")
    assert run("schema", "--check").returncode == 1
    assert run("schema", "--write").returncode == 0
    assert (tmp_path / "schema.graphql").read_text() == printed.stdout
    assert run("schema", "--check").returncode == 0
    (tmp_path / "schema.graphql").write_text(printed.stdout.replace("type Query {", "type Question {"))
    differing = run("schema", "--check")
    assert "-type Question {\n+type Query {\n" in differing.stdout
    assert (differing.returncode, differing.stderr[:12]) == (1, "OUT_OF_DATE:")


def test_the_policy_is_a_text_and_a_page(run: Run, tmp_path: Path) -> None:
    assert run("policy", "--write").returncode == 0
    assert (tmp_path / "policy.txt").read_text() == run("policy").stdout
    assert (tmp_path / "docs" / "permission-matrix.md").read_text().startswith("# Permission matrix")
    assert run("policy", "--check").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["migrate"], {"DATABASE_URL": "postgresql://a:hidden@127.0.0.1:1/x"}, "DATABASE_UNREACHABLE: "),
        (["user", "list"], {"DATABASE_URL": "postgresql://a:hidden@127.0.0.1:1/x"}, "DATABASE_UNREACHABLE: "),
        (["serve"], {"DATABASE_URL": "mysql://a:hidden@b/c"}, "SETTING_INVALID: "),
        (["serve"], {"PORTICO_HOST": "192.0.2.1"}, "PORT_IN_USE: "),
        (["user", "suspend", "nobody@x.example"], {}, "USER_UNKNOWN: "),
        (["user", "list", "--tenant", "nowhere"], {}, "TENANT_UNCLEAR: "),
        (["import", "absent.csv", "--tenant", "nowhere"], {}, "TENANT_UNCLEAR: "),
        (["tenant", "create", "Not A Slug", "--name", "X Y"], {}, "INVALID_SLUG: "),
    ],
)
def test_a_mistake_is_one_coded_line(run: Run, arguments: list[str], environment: dict[str, str], said: str) -> None:
    refused = run(*arguments, **environment)
    assert refused.returncode == 1
    assert refused.stderr.startswith(said)
    assert refused.stderr.count("\n") == 1
    assert "hidden" not in refused.stderr


def test_migrate_says_where_the_database_is(run: Run, empty_database_url: str) -> None:
    head = ", ".join(sorted(migrate.heads()))
    assert run("migrate", "--check", DATABASE_URL=empty_database_url).stderr.startswith("DATABASE_NOT_MIGRATED: ")
    assert run("migrate", DATABASE_URL=empty_database_url).stdout == f"The database is at revision {head}.\n"
    assert run("migrate", "--check", DATABASE_URL=empty_database_url).returncode == 0


def test_imports_tell_what_they_did_and_what_is_wrong(run: Run, clients: str, tmp_path: Path) -> None:
    again = run("import", "organizations.csv", "--tenant", clients)
    assert again.stdout == "organizations.csv: 0 created, 0 updated, 1 unchanged (organization).\n"
    _write(
        tmp_path / "jobs.csv", ("external_id", "site", "title", "scheduled_at"), ("J1", "S9", "Patrol", "2026-02-01")
    )
    refused = run("import", "jobs.csv", "--tenant", clients)
    told = "jobs.csv: row 2, site: REFERENCE_NOT_FOUND: There is no site with this external id. ('S9')\n"
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(told + "IMPORT_REFUSED: jobs.csv was not imported")
    assert run("import", "absent.csv", "--tenant", clients).stderr.startswith("FILE_UNREADABLE: ")


def test_a_person_comes_gets_rights_and_loses_them(run: Run, clients: str, database_url: str) -> None:
    email = f"ada@{clients}.example"
    site = _asked(database_url, lambda engine: _site(engine, clients))
    assert (
        run("user", "create-staff", email, "--name", "Ada", "--role", "dispatcher", "--tenant", clients).returncode == 0
    )
    assert run("user", "token", email).stderr.startswith("INVALID_TRANSITION: ")
    assert run("user", "password", email, given="short\n").stderr.startswith("PASSWORD_TOO_SHORT: ")
    assert run("user", "password", email, given="correct horse\n").returncode == 0
    token = run("user", "token", email, "--label", "test", "--days", "1").stdout.strip()
    assert _names(database_url, token) == {("dispatcher", None)}
    assert run("user", "grant", email, "operations_lead", "--at", encode(Site, site)).returncode == 0
    assert _names(database_url, token) == {("dispatcher", None), ("operations_lead", site)}
    assert run("user", "grant", email, "operations_lead", "--at", encode(Site, site)).stderr.startswith(
        "ALREADY_GRANTED: "
    )
    assert run("user", "revoke", email, "dispatcher").returncode == 0
    assert run("user", "revoke", email, "dispatcher").stderr.startswith("NOT_GRANTED: ")
    assert _names(database_url, token) == {("operations_lead", site)}
    listed = run("user", "list", "--tenant", clients).stdout
    assert "operations_lead at Northgate, Leeds" in " ".join(listed.split())
    assert run("user", "suspend", email).returncode == 0
    assert _names(database_url, token) is None
    assert run("user", "reactivate", email).returncode == 0


def test_a_tenant_is_shut_and_opened_again(run: Run, slug: str, database_url: str) -> None:
    """Nobody of it gets in meanwhile, and whoever could before can again, by the same session."""
    email = f"eve@{slug}.example"
    run("user", "create-staff", email, "--name", "Eve", "--role", "dispatcher", "--tenant", slug)
    run("user", "password", email, given="correct horse\n")
    token = run("user", "token", email).stdout.strip()
    assert _names(database_url, token) == {("dispatcher", None)}
    assert run("tenant", "suspend", slug).stdout == f"Suspended {slug}. Nothing of it is sent any more.\n"
    assert _names(database_url, token) is None
    assert run("tenant", "suspend", slug).stderr.startswith("INVALID_TRANSITION: ")
    assert run("tenant", "suspend", "nobody").stderr.startswith("TENANT_UNCLEAR: ")
    assert run("tenant", "resume", slug).stdout == f"Resumed {slug}.\n"
    assert _names(database_url, token) == {("dispatcher", None)}


def test_a_query_is_explained(run: Run, clients: str, tmp_path: Path) -> None:
    email = f"eve@{clients}.example"
    run("user", "create-staff", email, "--name", "Eve", "--role", "dispatcher", "--tenant", clients)
    run("user", "password", email, given="correct horse\n")
    (tmp_path / "sites.graphql").write_text("query ($n: Int!) { sites(first: $n) { nodes { name } } }")
    told = run("explain", "sites.graphql", "--as", email, "--variables", '{"n": 5}')
    assert told.stderr == ""
    statement, _, plan = told.stdout.partition("\n\n")
    assert statement.startswith("select convert_to(")
    assert "from site" in statement
    assert "Execution Time: " in plan
    too_many = run("explain", "sites.graphql", "--as", email, "--variables", '{"n": 101}')
    assert too_many.stderr.startswith("NOT_COMPILED: ")
    assert run("explain", "sites.graphql", "--as", email, "--variables", "{").stderr.startswith("BAD_USER_INPUT: ")
    assert run("explain", "sites.graphql", "--as", "nobody@example.com").stderr.startswith("USER_UNKNOWN: ")


def test_whoever_has_lost_all_factors_is_helped(run: Run, slug: str, database_url: str) -> None:
    email = f"eve@{slug}.example"
    run("user", "create-staff", email, "--name", "Eve", "--tenant", slug)
    run("user", "password", email, given="correct horse\n")
    token = run("user", "token", email).stdout.strip()

    async def factors(engine: Any) -> int:
        credential = read_token(token)
        assert credential is not None
        async with writing(engine, credential.tenant_id) as session:
            found = await session.scalars(select(Authenticator).where(Authenticator.user_id == await _user(session)))
            return len(found.all())

    async def _user(session: Any) -> uuid.UUID:
        return (await session.scalars(select(User.id).where(User.email == email))).one()

    async def lose_the_telephone(engine: Any) -> None:
        credential = read_token(token)
        assert credential is not None
        async with writing(engine, credential.tenant_id) as session:
            given = {"tenant_id": credential.tenant_id, "user_id": await _user(session)}
            session.add(Authenticator(secret=b"sealed", confirmed_at=datetime.now(UTC), **given))
            await session.commit()

    _asked(database_url, lose_the_telephone)
    assert _asked(database_url, factors) == 1
    assert run("user", "forget-factors", email).returncode == 0
    assert _asked(database_url, factors) == 0
    # Whoever is signed in with the factor that was lost is signed out.
    assert _names(database_url, token) is None


@pytest.mark.parametrize(
    "at",
    ["nonsense", encode(Site, uuid.uuid4()), encode(Organization, uuid.uuid4())],
    ids=["no id", "site", "organization"],
)
def test_a_place_of_nobody_is_refused(run: Run, slug: str, at: str) -> None:
    email = f"ben@{slug}.example"
    run("user", "create-staff", email, "--name", "Ben", "--tenant", slug)
    refused = run("user", "grant", email, "finance", "--at", at).stderr
    assert refused.startswith(("PLACE_UNKNOWN: ", "NOT_FOUND: "))


async def _site(engine: Any, slug: str) -> uuid.UUID:
    tenant = await Office(engine, None).tenant(slug)  # type: ignore[arg-type]
    async with writing(engine, tenant.id) as session:
        return (await session.scalars(select(Site.id))).one()


def _names(url: str, token: str) -> set[tuple[str, uuid.UUID | None]] | None:
    """What the bearer of a token may do, and at which site."""

    async def ask(engine: Any) -> Any:
        credential = read_token(token)
        assert credential is not None
        async with writing(engine, credential.tenant_id) as session:
            actor = await load_actor(session, credential)
        return actor and {(grant.name, grant.place.site) for grant in actor.grants}

    return _asked(url, ask)


def test_the_audit_trail_is_walked_and_its_head_compared(run: Run, slug: str) -> None:
    address = f"audited@{slug}.example"
    run("user", "create-staff", address, "--name", "Audited", "--role", "finance", "--tenant", slug)
    run("user", "grant", address, "dispatcher", "--tenant", slug)
    kept = run("audit", "head", "--tenant", slug).stdout.strip()
    assert kept.startswith("3:")
    run("user", "revoke", address, "dispatcher", "--tenant", slug)
    walked = run("audit", "verify", "--tenant", slug, "--head", kept)
    assert (walked.returncode, walked.stdout.split(".")[0]) == (0, f"{slug}: 4 entries, the chain holds")
    forged = f"{kept[:-4]}{'0' * 4 if not kept.endswith('0000') else '1' * 4}"
    broken = run("audit", "verify", "--tenant", slug, "--head", forged)
    assert (broken.returncode, broken.stderr.split(":")[0]) == (1, "AUDIT_BROKEN")
    ahead = run("audit", "verify", "--tenant", slug, "--head", f"9:{'a' * 64}")
    assert (ahead.returncode, ahead.stderr.split(":")[0]) == (1, "AUDIT_BROKEN")
    assert run("audit", "verify", "--tenant", slug, "--head", "nonsense").stderr.startswith("INVALID:")


def test_identity_providers_are_trusted_and_listed_and_removed(run: Run, slug: str) -> None:
    given = ("--issuer", "https://idp.example", "--client-id", "portico", "--group-claim", "groups", "--tenant", slug)
    done = run("sso", "set", "corp", *given, "--role", "money=finance", given="the secret\n")
    assert f"/auth/sso/{slug}/callback" in done.stdout
    assert "the secret" not in done.stdout
    listed = run("sso", "list", "--tenant", slug).stdout
    assert listed.splitlines()[1].split() == ["corp", "corp", "https://idp.example", "portico", "money:", "finance"]
    again = run("sso", "set", "corp", *given, "--label", "Corporate", given="\n")
    assert again.returncode == 0
    assert "Corporate" in run("sso", "list", "--tenant", slug).stdout
    for wrong, code in (
        (("--role", "money=portal_manager"), "INVALID_CHOICE"),
        (("--role", "finance"), "INVALID_CHOICE"),
        (("--algorithm", "HS256"), "INVALID_CHOICE"),
        (("--issuer", "http://idp.example"), "INVALID_URL"),
    ):
        refused = run("sso", "set", "other", *given, *wrong, given="\n")
        assert (refused.returncode, refused.stderr.split(":")[0]) == (1, code)
    assert run("sso", "remove", "corp", "--tenant", slug).returncode == 0
    assert run("sso", "remove", "corp", "--tenant", slug).stderr.startswith("SSO_UNKNOWN:")
    walked = run("audit", "verify", "--tenant", slug)
    assert walked.stdout.startswith(f"{slug}: 3 entries")
