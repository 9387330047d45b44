"""Runs all tests: most of them in as many processes as there are processors, then alone what is marked so.

    python tools/run_tests.py [--second-try] [arguments for pytest]

Every process has databases of its own, and a PostgreSQL unless one is given, so tests beside each other share nothing
but the machine.

``--second-try`` has what failed run once more at the end, with nothing beside it, and accepts that it passes then. Many
tests are of real processes, sockets and leases, and measure what those do in seconds; a machine of two processors that
is busy with something else can make one of thousands fail for nothing. A mistake fails twice, and a failure that does
not come again is said as loudly as one that does: it is a mistake too, of the test or of what it tests.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAILED = ROOT / ".pytest_cache/v/cache/lastfailed"
MOST_TRIED_AGAIN = 10
PASSED, SOME_FAILED, NONE_FOUND = 0, 1, 5


def pytest(*arguments: str) -> int:
    """Run pytest and say how it ended."""
    command = [sys.executable, "-m", "pytest", "--durations=25", "--durations-min=2", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def failed() -> list[str]:
    """What has failed and not passed since, as pytest remembers it from run to run."""
    return sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []


def side_by_side(arguments: list[str], marked: str) -> int:
    """Run what can be run beside each other, a process for each processor.

    A PostgreSQL that is given is one for all of them: two take some forty of the hundred connections it has as a rule.
    """
    most = 2 if os.environ.get("TEST_DATABASE_URL") else 4
    beside = ("-n", str(max(1, min(most, os.cpu_count() or 1))), "--dist", "worksteal")
    return pytest(*arguments, "--cache-clear", "-m", f"{marked}not alone", *beside)


def tried_again() -> bool:
    """Run what failed once more, with nothing beside it, and say what came of it."""
    before = failed()
    if not 0 < len(before) <= MOST_TRIED_AGAIN:
        print(f"== {len(before)} failed: that is no coincidence, so nothing is tried again", flush=True)
        return False
    print(f"== {len(before)} failed and are tried once more, alone: {' '.join(before)}", flush=True)
    status = pytest("--last-failed", "--last-failed-no-failures=none")
    again = failed()
    for name in before:
        print(f"== {'FAILED TWICE' if name in again else 'PASSED ONLY AT THE SECOND TRY'}: {name}", flush=True)
    return status == PASSED and not again


def main(arguments: list[str]) -> int:
    """Run the tests; 0 if they pass."""
    second_try = "--second-try" in arguments
    arguments = [one for one in arguments if one != "--second-try"]
    marked = f"({os.environ['TEST_MARKS']}) and " if os.environ.get("TEST_MARKS") else ""
    ended = [side_by_side(arguments, marked), pytest(*arguments, "-m", f"{marked}alone")]
    if not set(ended) <= {PASSED, SOME_FAILED, NONE_FOUND} or set(ended) == {NONE_FOUND}:
        print(f"== pytest could not run the tests: it ended with {ended}", flush=True)
        return 2
    if SOME_FAILED not in ended:
        return 0
    return 0 if second_try and tried_again() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
