"""What a browser loads before it shows the first page: at most 200 kB, as it is sent."""

from __future__ import annotations

import re

from tests.portal.conftest import STATIC

MOST = 200_000
SHELL = STATIC / "index.html"


def first_scripts() -> set[str]:
    """The scripts the shell names, and those of the pages' words and of the first page itself."""
    named = set(re.findall(r"assets/[\w.-]+\.js", SHELL.read_text()))
    later = {
        f"assets/{path.name}" for pattern in ("en-*.js", "pages-*.js") for path in STATIC.glob(f"assets/{pattern}")
    }
    return named | later


def sent(name: str) -> int:
    """As many bytes as go out to a browser that knows gzip; what the build has not compressed is sent as it is."""
    squeezed = STATIC / f"{name}.gz"
    return (squeezed if squeezed.exists() else STATIC / name).stat().st_size


def test_the_first_page_is_small() -> None:
    scripts = first_scripts()
    assert len(scripts) > 4
    size = sum(map(sent, scripts))
    assert size <= MOST, f"{size} bytes of scripts"


def test_charts_and_the_staffs_rooms_and_words_are_not_among_it() -> None:
    assert not re.search(r"Figures|Room|workspace|graphiql|monaco", SHELL.read_text() + " ".join(first_scripts()))


def test_every_text_of_some_size_is_there_compressed() -> None:
    texts = [
        path for path in STATIC.rglob("*") if path.suffix in {".js", ".css", ".html"} and path.stat().st_size >= 1000
    ]
    assert texts
    for path in texts:
        small, smaller = (path.with_name(path.name + ending).stat().st_size for ending in (".gz", ".br"))
        assert smaller < small < path.stat().st_size, path.name
