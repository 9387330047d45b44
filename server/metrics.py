"""What is counted: one registry per process, and labels of which there can only be a few."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_OPERATIONS = 200
OTHER = "other"

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("portico_requests", "HTTP requests answered.", ["operation", "status"], registry=REGISTRY)
REQUEST_SECONDS = Histogram(
    "portico_request_seconds",
    "Time from head to answer.",
    ["operation"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
IN_FLIGHT = Gauge("portico_requests_in_flight", "HTTP requests being answered.", registry=REGISTRY)
STATEMENTS = Histogram(
    "portico_operation_statements",
    "SQL statements read by one operation.",
    buckets=(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64),
    registry=REGISTRY,
)
_WAYS = Counter("portico_operations", "Operations executed, by the way they took.", ["way"], registry=REGISTRY)
COMPILED, FIELD_BY_FIELD = _WAYS.labels("compiled"), _WAYS.labels("field by field")
SOCKETS = Gauge("portico_sockets_open", "WebSockets that are open.", registry=REGISTRY)
SUBSCRIPTIONS = Gauge("portico_subscriptions_open", "Subscriptions that are open.", registry=REGISTRY)
DELIVERED = Counter("portico_events_delivered", "Events written to sockets.", registry=REGISTRY)
WITHHELD = Counter(
    "portico_frames_withheld", "Frames not written because rights had changed since they were made.", registry=REGISTRY
)
FENCE_SECONDS = Histogram(
    "portico_fence_wait_seconds",
    "How long a change of access waited for all processes.",
    buckets=_SECONDS,
    registry=REGISTRY,
)

_operations: set[str] = set()


def operation_label(name: str) -> str:
    """``name`` as a label: callers choose it, so only the first two hundred of a process are told apart."""
    if name not in _operations:
        if len(_operations) >= MOST_OPERATIONS or len(name) > 64:
            return OTHER
        _operations.add(name)
    return name


@cache
def _counted(label: str, status: int) -> tuple[Counter, Histogram]:
    """The two metrics of a request: looking them up costs more than counting does."""
    return REQUESTS.labels(label, str(status)), REQUEST_SECONDS.labels(label)


def answered(name: str, status: int, seconds: float) -> None:
    """Count a request that was answered, by the name of its operation or its kind."""
    count, times = _counted(operation_label(name), status)
    count.inc()
    times.observe(seconds)


class _OfThisProcess:
    """The registry with the process in every sample: each worker counts for itself, whichever of them is asked."""

    def collect(self) -> Iterator[Metric]:
        mine = {"pid": str(os.getpid())}
        for metric in REGISTRY.collect():
            metric.samples = [sample._replace(labels={**sample.labels, **mine}) for sample in metric.samples]
            yield metric


def exposition() -> bytes:
    """All metrics of this process, in the text format of Prometheus."""
    return generate_latest(cast("CollectorRegistry", _OfThisProcess()))
