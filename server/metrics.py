"""What is counted: one registry per process, and labels of which there can only be a few."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Protocol, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString  # pyright: ignore[reportUnknownVariableType]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MOST_OPERATIONS = 200
OTHER = "other"

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Series:
    """How often values fell between two bounds, for one choice of labels."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value in."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value


class Distribution(Collector):
    """A histogram for what is counted at every request, on the one thread that answers them: it needs no locks."""

    def __init__(self, name: str, about: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self._named = (name, about, labels)
        self._bounds = bounds
        self._series: dict[tuple[str, ...], Series] = {}
        REGISTRY.register(self)

    def labels(self, *values: str) -> Series:
        """The series of these labels."""
        series = self._series.get(values)
        if series is None:
            series = self._series[values] = Series(self._bounds)
        return series

    def collect(self) -> Iterator[Metric]:
        """All series, as the library writes them down."""
        name, about, labels = self._named
        family = HistogramMetricFamily(name, about, labels=labels)
        ends = [floatToGoString(one) for one in (*self._bounds, float("inf"))]
        for values, series in self._series.items():
            family.add_metric(values, list(zip(ends, accumulate(series.counts), strict=True)), series.total)
        yield family


class Cache(Protocol):
    """What remembers, and counts how often it knew what it was asked for."""

    hits: int
    misses: int


class Lookups(Collector):
    """How often the caches of this process knew what was asked of them."""

    def __init__(self, name: str, about: str) -> None:
        self._named = (name, about)
        self.caches: Mapping[str, Cache] = {}
        REGISTRY.register(self)

    def collect(self) -> Iterator[Metric]:
        """Two samples a cache."""
        family = CounterMetricFamily(*self._named, labels=["cache", "outcome"])
        for name, cache in self.caches.items():
            family.add_metric([name, "hit"], cache.hits)
            family.add_metric([name, "miss"], cache.misses)
        yield family


class Level:
    """How many there are of something just now."""

    def __init__(self, name: str, about: str) -> None:
        self.number = 0
        Gauge(name, about, registry=REGISTRY).set_function(lambda: self.number)


REQUEST_SECONDS = Distribution(
    "portico_request_seconds", "Time from head to answer of HTTP requests.", ["operation", "status"], _SECONDS
)
IN_FLIGHT = Level("portico_requests_in_flight", "HTTP requests being answered.")
STATEMENTS = Distribution(
    "portico_operation_statements",
    "SQL statements read by one operation, by the way it took.",
    ["way"],
    (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64),
)
COMPILED, FIELD_BY_FIELD = STATEMENTS.labels("compiled"), STATEMENTS.labels("field by field")
EVENTS = STATEMENTS.labels("events")
LOOKUPS = Lookups("portico_cache_lookups", "Documents and plans that were wanted, and whether they were still known.")
TOGETHER = Counter(
    "portico_reads_together", "Small reads that went to the database together with others.", registry=REGISTRY
)
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


@lru_cache(MOST_OPERATIONS * 2)
def _series(label: str, status: int) -> Series:
    return REQUEST_SECONDS.labels(label, str(status))


def answered(name: str, status: int, seconds: float) -> None:
    """Count a request that was answered, by the name of its operation or its kind."""
    _series(operation_label(name), status).observe(seconds)


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
