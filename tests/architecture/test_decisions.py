"""A rule without a check is a wish: each decision names its checks, and they exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/decisions").glob("*.md"))
LONGEST = 60


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_decision_is_a_page_and_names_its_check(page: Path) -> None:
    text = page.read_text()
    kept = text.rpartition("\nKept by: ")[2]
    cited = re.findall(r"`(tests/[\w/.]+)`", kept)
    assert cited
    assert [path for path in cited if not (ROOT / path).exists()] == []
    assert len(text.splitlines()) <= LONGEST


def test_their_numbers_follow_each_other() -> None:
    assert [page.name[:4] for page in PAGES] == [f"{number:04}" for number in range(1, len(PAGES) + 1)]
    assert [page.read_text().split(".")[0] for page in PAGES] == [f"# {number}" for number in range(1, len(PAGES) + 1)]


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=str)
def test_pages_refer_to_pages_that_exist(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
