"""What a browser loads before it shows the first page: at most 200 kB, as it is sent."""

from __future__ import annotations

import gzip
import re

from tests.portal.conftest import STATIC

MOST = 200_000


def sent(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), 6))


def test_the_first_page_is_small() -> None:
    shell = (STATIC / "index.html").read_text()
    scripts = set(re.findall(r"assets/[\w.-]+\.js", shell))
    spoken = next(path for path in (STATIC / "assets").glob("en-*.js"))
    size = sum(map(sent, scripts)) + sent(f"assets/{spoken.name}")
    assert size <= MOST, f"{size} bytes of scripts"


def test_charts_and_the_staffs_rooms_are_not_among_it() -> None:
    shell = (STATIC / "index.html").read_text()
    assert not re.search(r"Figures|Room|graphiql|monaco", shell)
