"""The wheel, built and installed into an environment of its own, is the whole service."""

import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, at: Path = ROOT) -> str:
    """Run a program without our environment's paths; its output is in the failure if it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        command, cwd=at, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    return next(folder.glob("portico-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the locked runtime dependencies and the wheel, and nothing for development."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    run(sys.executable, ROOT / "tools/environment.py", "wheel", folder, wheel)
    return folder / "bin"


def test_the_wheel_holds_packages_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops & {"tests", "bench", "tools", "portal_web", "docs"} == set()
    assert {"migrations/env.py", "migrations/script.py.mako", "server/cli.py"} <= set(names)
    assert "server/static/index.html" in names or not (ROOT / "portal_web/package.json").exists()


@pytest.mark.parametrize("command", [["--help"], ["serve", "--help"], ["schema"], ["policy"]])
def test_the_installed_command_works(installed: Path, tmp_path: Path, command: list[str]) -> None:
    assert run(installed / "portico", *command, at=tmp_path)


def test_the_installed_modules_are_those_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    found = run(installed / "python", "-c", "import schema; print(schema.__file__)", at=tmp_path)
    assert str(installed.parent) in found


def test_the_installed_service_serves(installed: Path, tmp_path: Path, fresh_database_url: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": fresh_database_url,
        "PORTICO_HOME": str(tmp_path / "home"),
        "PYTHONPATH": "",
    }
    command = [installed / "portico", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)
    try:
        assert answer(f"http://127.0.0.1:{port}/health/ready") == 200
        page = httpx2.get(f"http://127.0.0.1:{port}/")
        assert '<div id="root">' in page.text
    finally:
        process.terminate()
        # The signal is passed on once everything is stopped, as supervisors expect it.
        assert process.wait(30) in (0, -signal.SIGTERM)


def answer(url: str) -> int:
    """The status at ``url``, once anybody answers there."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            response = httpx2.get(url)
        except httpx2.TransportError:
            time.sleep(0.1)
            continue
        if response.status_code == 200:
            return 200
        time.sleep(0.1)
    return 0
