"""The languages people are written to in."""

from __future__ import annotations

import enum


class Language(enum.StrEnum):
    EN = "EN"
    DE = "DE"
    ES = "ES"
