"""The portal's files: a shell for every page, assets for good, nothing hidden, and no script from elsewhere."""

import gzip
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest
from starlette.types import ASGIApp

from server import static_files
from server.app import create_app
from server.process import Process
from server.settings import Settings
from server.static_files import FOLDER

SQUEEZED = gzip.compress(b"as gzip", mtime=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site") / "static"
    (made / "assets").mkdir(parents=True)
    (made / "index.html").write_text("<title>shell</title>")
    (made / "graphiql.html").write_text("<title>graphiql</title>")
    (made / "favicon.svg").write_text("<svg/>")
    (made / "assets" / "large-3c4d.js").write_text("plain")
    (made / "assets" / "large-3c4d.js.br").write_bytes(b"as br")
    (made / "assets" / "large-3c4d.js.gz").write_bytes(SQUEEZED)
    (made / ".build.json").write_text("{}")
    (made / "assets" / "app-1a2b.js").write_text("1")
    (made.parent / "secret.txt").write_text("secret")
    (made / "assets" / "link.txt").symlink_to(made.parent / "secret.txt")
    return made


def made(settings: Settings, folder: Path) -> ASGIApp:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_files.Portal.__init__, "__defaults__", (folder,))
        return create_app(Process(settings))


@pytest.fixture(scope="module")
def site(settings: Settings, serve, folder: Path) -> Generator[httpx2.Client]:
    with serve(made(settings, folder)) as origin, httpx2.Client(base_url=origin) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/index.html", "/reports", "/jobs/0195/edit", "/reports?a=b.c"])
def test_every_page_is_the_shell(site: httpx2.Client, path: str) -> None:
    response = site.get(path)
    assert (response.status_code, response.text) == (200, "<title>shell</title>")
    assert response.headers["cache-control"] == "no-cache"
    again = site.get(path, headers={"if-none-match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_assets_are_kept_for_good(site: httpx2.Client) -> None:
    response = site.get("/assets/app-1a2b.js")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith("text/javascript")
    assert site.get("/favicon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("taken", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0.5", "gzip"),
        ("br; q=0.000, gzip;q=0", None),
        ("deflate", None),
        ("", None),
    ],
)
def test_a_text_goes_out_as_the_browser_takes_it(site: httpx2.Client, taken: str, coding: str | None) -> None:
    with site.stream("GET", "/assets/large-3c4d.js", headers={"accept-encoding": taken}) as response:
        sent = b"".join(response.iter_raw())
        headers = response.headers
    assert headers.get("content-encoding") == coding
    assert sent == {"br": b"as br", "gzip": SQUEEZED, None: b"plain"}[coding]
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["vary"] == "accept-encoding"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"


def test_each_coding_is_a_file_of_its_own_to_a_cache(site: httpx2.Client) -> None:
    tags = {
        site.head("/assets/large-3c4d.js", headers={"accept-encoding": coding}).headers["etag"]
        for coding in ("br", "gzip", "identity")
    }
    assert len(tags) == 3


@pytest.mark.parametrize(
    "path",
    [
        "/assets/large-3c4d.js.br",
        "/assets/large-3c4d.js.gz",
        "/assets/gone.js",
        "/assets/gone",
        "/gone.txt",
        "/.build.json",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/link.txt",
        "/a%00b.txt",
        "/" + "a" * 300 + ".txt",
        "/auth/other",
        "/graphql/other",
        "/health/other",
        "/graphiql",
        "/graphiql.html",
    ],
)
def test_what_is_not_there_is_coded_json(site: httpx2.Client, path: str) -> None:
    response = site.get(path)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"
    assert "secret" not in response.text


def test_other_methods_are_refused(site: httpx2.Client) -> None:
    response = site.post("/reports")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    assert response.json()["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert site.head("/reports").status_code == 200


def test_headers_of_pages(site: httpx2.Client) -> None:
    headers = site.get("/").headers
    policy = dict(one.split(" ", 1) for one in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "script-src" not in policy
    assert (policy["frame-ancestors"], policy["object-src"], policy["base-uri"]) == ("'none'", "'none'", "'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers


def test_headers_of_everything_else(site: httpx2.Client) -> None:
    for path in ("/health/live", "/gone.txt", "/graphql"):
        headers = site.get(path).headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff"


def test_https_is_kept(settings: Settings, serve, folder: Path) -> None:
    secure = settings.model_copy(update={"public_origin": "https://portal.example", "graphiql": True})
    with serve(made(secure, folder)) as origin:
        response = httpx2.get(f"{origin}/graphiql")
    assert response.text == "<title>graphiql</title>"
    assert "worker-src 'self' blob:" in response.headers["content-security-policy"]
    assert response.headers["strict-transport-security"].startswith("max-age=31536000")


def test_without_a_build_everything_else_is_served(settings: Settings, serve, tmp_path: Path) -> None:
    with serve(made(settings, tmp_path / "missing")) as origin:
        assert httpx2.get(f"{origin}/").status_code == 404
        assert httpx2.get(f"{origin}/health/live").status_code == 200
    assert FOLDER.name == "static"
