"""A server process under test, and the nursery it is born in.

``python -m tests.promise.node`` imports the service once and then forks a process for every line it is given, each with
an environment of its own. It runs exactly as ``portico serve`` does; only a process whose environment names planted
bugs gets the application from ``tests.promise.planted`` instead.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback

from schema.root import graphql_schema
from server import serve, workers
from server.app import create_app  # noqa: F401  (What is imported here need not be imported after every fork.)
from server.settings import load_settings

PLANTED = "PROMISE_PLANTED"
_DIE_WITH_PARENT = 1


def run() -> None:
    """Serve by the settings of the environment until told to stop."""
    settings = load_settings()
    if not os.environ.get(PLANTED):
        serve.run(settings)
        return
    made = serve.config(settings)
    made.app = "tests.promise.planted:application"
    workers.run(made)


def _born(environment: dict[str, str], log: str) -> None:
    """Become a server process."""
    # Nothing outlives the nursery, which ends with whoever asked for it.
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(environment)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(target, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        run()
    except BaseException:  # noqa: BLE001  (The log is all that is left of the process.)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


def main() -> None:
    """Fork a process for every line of standard input and say its id."""
    graphql_schema()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _born(order["environment"], order["log"])
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
