"""Serving an application from a thread of the tests."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from server.streams import StreamingProtocol
from server.ws_protocol import FencedProtocol


@contextmanager
def serving(app: ASGIApp, **config: Any) -> Iterator[str]:
    """Serve ``app`` from a thread for as long as the context is open."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=0,
            lifespan="on",
            log_config=None,
            access_log=False,
            http=StreamingProtocol,
            ws=FencedProtocol,
            **config,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        _wait(lambda: server.started or not thread.is_alive())
        assert server.started
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        # Left behind by a test that fails, its worker would take the queue from those of the tests to come.
        server.should_exit = True
        thread.join(30)
    assert not thread.is_alive()


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)
