"""Running the service: one process, or several behind one socket."""

from __future__ import annotations

import gc
import os
from typing import Any

import uvicorn

from server import workers
from server.app import create_app
from server.logs import configure
from server.process import Process
from server.settings import Settings, load_settings
from server.streams import StreamingProtocol
from server.ws_protocol import FencedProtocol

LARGEST_MESSAGE = 64 * 1024
BACKLOG = 4096
GRACE = 15
ANSWERS_WITHIN = 15


def application() -> Any:
    """The ASGI application of this process, by the settings of its environment."""
    settings = load_settings()
    configure(settings)
    process = Process(settings)
    workers.before_shutdown.append(process.drain)
    settle_memory()
    return create_app(process)


def settle_memory() -> None:
    """What was loaded at the start stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def config(settings: Settings) -> uvicorn.Config:
    """How uvicorn runs the application."""
    return uvicorn.Config(
        "server.serve:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="auto",
        http=StreamingProtocol,
        ws=FencedProtocol,
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=25.0,
        ws_ping_timeout=20.0,
        backlog=BACKLOG,
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=30,
        timeout_worker_healthcheck=ANSWERS_WITHIN,
    )


def run(settings: Settings) -> None:
    """Serve until told to stop. Worker processes read their settings from the environment this one has."""
    _export(settings)
    workers.run(config(settings))


def _export(settings: Settings) -> None:
    assert settings.database_url is not None
    os.environ["PORTICO_DATABASE_URL"] = settings.database_url
    os.environ["PORTICO_HOME"] = str(settings.data_dir)
    os.environ["PORTICO_HOST"], os.environ["PORTICO_PORT"] = settings.host, str(settings.port)
    os.environ["PORTICO_LOG_LEVEL"] = settings.log_level
    os.environ["PORTICO_MAILBOX"] = "1" if settings.mailbox else "0"
    os.environ["PORTICO_WORKER_INSIDE"] = "1" if settings.worker_inside else "0"
    os.environ["PORTICO_GRAPHIQL"] = "1" if settings.graphiql else "0"
