"""Letters, written from templates: ``templates/<language>/<template>.txt`` is the source of the text and of the HTML.

Its first line is the subject. A paragraph that begins with ``>`` is the button with the letter's link, one that begins
with ``#`` is what the reader copies; all others are words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from models import Language
from outbox.post import Letter

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Part:
    """A paragraph: ``words``, the ``button`` with the link, or a ``code`` to copy."""

    kind: str
    said: str


def written(template: str, language: Language, values: Mapping[str, str], *, link: str, code: str = "") -> Letter:
    """The letter in its language. A value is one line, whatever somebody typed."""
    shown = {name: " ".join(value.split()) for name, value in values.items()}
    said = (
        _templates()
        .get_template(f"{language.lower()}/{template}.txt")
        .render(**shown, link=link, code=code, moment=_moment)
    )
    subject, _, body = said.partition("\n")
    parts = list(_parts(body))
    html = (
        _templates()
        .get_template("layout.html")
        .render(language=language.lower(), subject=subject, parts=parts, link=link, company=shown["company"])
    )
    return Letter(subject.strip(), _as_text(parts, link), html)


def _parts(body: str) -> Iterator[Part]:
    for paragraph in body.split("\n\n"):
        words = " ".join(paragraph.split())
        if words.startswith("> "):
            yield Part("button", words[2:])
        elif words.startswith("# "):
            yield Part("code", words[2:])
        elif words:
            yield Part("words", words)


def _as_text(parts: list[Part], link: str) -> str:
    shown = {"words": "{0}", "code": "    {0}", "button": "{0}:\n{1}"}
    return "\n\n".join(shown[part.kind].format(part.said, link) for part in parts) + "\n"


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _moment(instant: str, time_zone: str) -> str:
    """An instant as everybody reads it, in the company's time: 2026-03-05 10:00 (UTC)."""
    local = datetime.fromisoformat(instant).astimezone(UTC if time_zone == "UTC" else ZoneInfo(time_zone))
    return f"{local:%Y-%m-%d %H:%M} ({time_zone})"
