"""The repository says nothing about the machine it was written on or the index its packages came from."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written apart, so that this file does not hold what it looks for.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "registry" + ".npmjs.org", "registry" + ".yarnpkg.com"]
PATHS = ["/" + "root/", "/" + "home/", "/" + "work/", "/" + "Users/"]
ROOTED = [rf"(?<![\w.\-/~$}}]){re.escape(path)}\w" for path in PATHS]
FORBIDDEN = re.compile("|".join([*map(re.escape, HOSTS), *ROOTED]))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def words(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def test_no_registry_and_no_path_of_a_machine() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    said = {str(path.relative_to(ROOT)): FORBIDDEN.findall(words(path)) for path in tracked()}
    assert {name: found for name, found in said.items() if found} == {}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_has_hashes_and_no_address(name: str) -> None:
    entries = re.split(r"\n(?=\w)", (ROOT / name).read_text())[1:]
    assert [entry for entry in entries if "--hash=sha256:" not in entry or "://" in entry] == []
