"""Every code the service answers with is explained in docs/errors.md, and every closing code in docs/live.md."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("auth", "domain", "outbox", "resolvers", "schema", "compiler", "server", "models")
CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
# Two words at least: what merely looks like a code is an exception below, so that a new code is noticed wherever it is.
SURELY = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
SPOKEN = re.compile(r"([A-Z]+(?:_[A-Z]+)+): ")

NO_CODES = {"BASE_RATE", "BASE_RATE_DESC", "DATABASE_URL", "LC_ALL", "PG_VERSION", "XDG_DATA_HOME"}
COMPOSED = {"DATABASE_FSYNC_OFF", "DATABASE_FULL_PAGE_WRITES_OFF", "DATABASE_SYNCHRONOUS_COMMIT_OFF"}
TELLERS = {"refused", "Refusal", "Fault", "Problem", "UserError", "NotJson", "_coded", "_body", "_note"}


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for package in PACKAGES for path in (ROOT / package).rglob("*.py")}


def texts(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def told_by(node: ast.AST) -> Iterator[str]:
    """What a piece of code says where only codes are said: `code = ...`, `code=...`, `"code": ...`, refused(...)."""
    match node:
        case ast.Assign(targets=[ast.Name(id="code"), *_]):
            yield from texts(node.value)
        case ast.keyword(arg="code"):
            yield from texts(node.value)
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                yield from texts(value) if "code" in texts(key) else ()
        case ast.Call(func=ast.Name(id=name)) if name in TELLERS:
            for argument in node.args:
                yield from (text for text in texts(argument) if CODE.fullmatch(text))
        case _:
            return


def in_code() -> set[str]:
    """Every code in the packages. The values of models/ are data, unless they are told as a code elsewhere."""
    told, seen, data = set(COMPOSED), set[str](), set(NO_CODES)
    for path, tree in trees().items():
        for node in ast.walk(tree):
            told.update(told_by(node))
            for text in texts(node):
                told.update(SPOKEN.findall(text[:64]) if SPOKEN.match(text) else ())
                (data if path.is_relative_to(ROOT / "models") else seen).add(text)
    guessed = {text for text in seen - data if SURELY.fullmatch(text) and not text.startswith("PORTICO_")}
    return {code for code in told | guessed if CODE.fullmatch(code)}


def in_page(name: str) -> set[str]:
    """The codes in the first column of the page's tables."""
    return set(re.findall(r"^\| `?([A-Z0-9_]+)`? \|", (ROOT / "docs" / name).read_text(), re.MULTILINE))


def test_every_code_is_explained_and_no_other() -> None:
    reasons = {code for code in in_page("live.md") if not code.isdigit()}
    explained = in_page("errors.md") | reasons
    assert in_code() | reasons == explained


def test_every_closing_code_is_explained_and_no_other() -> None:
    closing = {
        str(node.value)
        for path, tree in trees().items()
        if path.is_relative_to(ROOT / "server") and "demo" not in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) is int
        if node.value in (1007, 1009, 1012, 1013) or 4400 <= node.value < 4500
    }
    assert closing == {code for code in in_page("live.md") if code.isdigit()}
