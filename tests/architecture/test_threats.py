"""The table of threats names tests that exist; and the oracle they are held against shares nothing with the service."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/threats.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TABLE)
OURS = {"auth", "compiler", "domain", "models", "outbox", "resolvers", "schema", "server"}
_CHECKS = {"A": 13, "B": 12, "C": 6}


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_what_a_line_names_is_there(path: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)


def test_every_check_has_a_line() -> None:
    said = set(re.findall(r"^\| ([ABC]\d+) ", TABLE, re.MULTILINE))
    assert said == {f"{group}{number}" for group, most in _CHECKS.items() for number in range(1, most + 1)}


def test_every_line_names_a_test() -> None:
    lines = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith("| Check")]
    assert len(lines) == len(NAMED)


@pytest.mark.parametrize("path", ["tests/matrix/oracle.py", "tests/matrix/policy.py", "tests/world/mirror.py"])
def test_the_oracle_imports_nothing_of_the_service(path: str) -> None:
    found = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not found & OURS
