"""What is demanded of those who sign in."""

from __future__ import annotations

import enum


class FactorPolicy(enum.StrEnum):
    """Who must have a second factor: nobody, the staff who may change what others may do, or everybody."""

    OFF = "off"
    STAFF = "staff"
    EVERYONE = "everyone"
