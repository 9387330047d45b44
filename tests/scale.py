"""How much of what a long test can do without end is done: all that is promised, or a share of it.

``TEST_SHARE=0.2`` takes a fifth: what was shown in full on one version of PostgreSQL is shown in little on another.
"""

import os

SHARE = float(os.environ.get("TEST_SHARE", "1"))


def scaled(count: int) -> int:
    """The share of so many, in full hundreds."""
    return max(100, round(count * SHARE / 100) * 100)
