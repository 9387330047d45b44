"""Makes .venv from the lock, with nothing but the standard library.

uv installs in seconds what pip installs in a minute, so pip fetches uv first. uv does not read pip's
configuration, though: whatever index, proxy certificate or wheel folder the user gave pip is handed on to it, and
should uv still not find its way, pip installs the same lock. Both refuse a file whose hash is not in the lock.
"""

import ast
import hashlib
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "requirements-dev.lock"
STAMP = ENVIRONMENT / ".lock-digest"
LOCKS = (("requirements.lock", ()), ("requirements-dev.lock", ("--group", "dev", "--constraint", "requirements.lock")))

UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


def digest() -> str:
    """What the environment depends on: the lock and the interpreter it was made with."""
    return hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()


def is_current() -> bool:
    """Whether the environment already holds the lock."""
    return PYTHON.exists() and STAMP.is_file() and STAMP.read_text() == digest()


def uv_settings(pip_config: str) -> dict[str, str]:
    """What the user told pip, under the names of uv; `pip config list` names the winner last."""
    found = re.findall(r"^(?:global|install|:env:)\.([\w-]+)=(.+)$", pip_config, re.MULTILINE)
    given = {key: str(ast.literal_eval(value)) for key, value in found}
    named = {UV_NAMES[key]: value for key, value in given.items() if key in UV_NAMES}
    # pip asks all indexes for the best version, uv only the first that knows the name.
    return named | {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_PYTHON_DOWNLOADS": "never"}


def uv_environment() -> dict[str, str]:
    """The process environment for uv; what the user set for uv itself stays."""
    listed = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    return uv_settings(listed.stdout) | dict(os.environ)


def pip(*arguments: str) -> None:
    """Run the environment's pip; -qq, because pip warns once for each package an extra index lacks."""
    subprocess.run([PYTHON, "-m", "pip", "install", "-qq", *arguments], cwd=ROOT, check=True)


def uv(*arguments: str) -> bool:
    """Run the environment's uv and say whether it succeeded."""
    command = [PYTHON, "-m", "uv", *arguments]
    return subprocess.run(command, cwd=ROOT, env=uv_environment(), check=False).returncode == 0


def fetch_uv() -> None:
    """Install uv as the lock has it, hashes included."""
    entry = re.search(r"^uv==(?:.*\\\n)*.*\n", LOCK.read_text(), re.MULTILINE)
    if entry is None:
        raise SystemExit(f"{LOCK.name} does not hold uv: run `make lock` on a working environment.")
    requirement = ENVIRONMENT / "uv.lock"
    requirement.write_text(entry.group())
    pip("--require-hashes", "-r", str(requirement))


def create() -> None:
    """Make an empty environment with pip in it."""
    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ModuleNotFoundError) as error:
        raise SystemExit("This Python cannot make environments with pip (on Debian: install python3-venv).") from error


def install() -> None:
    """Make the environment if it is not there, and bring it to the lock."""
    if is_current():
        return
    print(f"Installing {LOCK.name} into {ENVIRONMENT.name} ...", flush=True)
    if not PYTHON.exists():
        create()
    fetch_uv()
    if not uv("pip", "sync", "--quiet", "--require-hashes", "--python", str(PYTHON), LOCK.name):
        print("uv could not install the lock; pip tries (about a minute).", flush=True)
        pip("--require-hashes", "-r", LOCK.name)
    STAMP.write_text(digest())


def lock(*upgrades: str) -> None:
    """Resolve pyproject.toml anew; versions stay unless it (or `upgrades`) says otherwise."""
    install()
    for name, extra in LOCKS:
        resolved = uv(
            *("pip", "compile", "--quiet", "pyproject.toml", *extra, "--output-file", name),
            *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate"),
            *("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock", *upgrades),
        )
        if not resolved:
            raise SystemExit(f"{name} could not be resolved.")
    install()


def install_wheel(folder: str, wheel: str) -> None:
    """Make an environment elsewhere with the locked runtime dependencies and a wheel: what a production host has."""
    venv.create(folder, with_pip=False)
    at = str(Path(folder, PYTHON.relative_to(ENVIRONMENT)))
    locked = uv("pip", "install", "--quiet", "--require-hashes", "--python", at, "-r", "requirements.lock")
    if not (locked and uv("pip", "install", "--quiet", "--no-deps", "--python", at, wheel)):
        raise SystemExit(f"{wheel} could not be installed.")


def main() -> None:
    """`environment.py` installs, `... lock [--upgrade ...]` resolves first, `... wheel FOLDER WHEEL` tries a wheel."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"Portico needs Python 3.11 or later; this is {sys.version.split()[0]} (set PYTHON=...).")
    if sys.argv[1:2] == ["lock"]:
        lock(*sys.argv[2:])
    elif sys.argv[1:2] == ["wheel"]:
        install_wheel(*sys.argv[2:])
    else:
        install()


if __name__ == "__main__":
    main()
