"""The processes that serve, and the one that watches over them when there are several.

A new process answers its supervisor from here: whatever takes long to import is loaded afterwards, by the application.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable

import uvicorn
from uvicorn.supervisors import Multiprocess, multiprocess

before_shutdown: list[Callable[[], Awaitable[None]]] = []
"""What a process awaits when it is told to stop, while it still listens."""


class Server(uvicorn.Server):
    """Sends the open sockets away in small numbers before the listening socket is closed."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then stop as uvicorn does."""
        for drain in before_shutdown:
            await drain()
        await super().shutdown(sockets)
        # Being told to stop was no failure: raising the signals again would end us by them, with nothing cleaned up.
        self._captured_signals.clear()


class Worker(multiprocess.Process):
    """A process of several: it runs our server."""

    @property
    def server(self) -> uvicorn.Server:
        """The server of this process, made in it."""
        if self._server is None:
            self._server = Server(self.config)
        return self._server


def run(config: uvicorn.Config) -> None:
    """Serve in this process, or in as many as the configuration says behind one listening socket."""
    if config.workers == 1:
        Server(config).run()
        return
    # The supervisor starts and replaces its processes by this name; it has no other way to be told of ours.
    multiprocess.Process = Worker
    Multiprocess(config, sockets=[config.bind_socket()]).run()
