"""Log lines: one shape for ours and for those of libraries, as text or JSON, without secrets or personal data."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from traceback import FrameSummary, extract_tb
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from server.settings import LogFormat, Settings
from server.tracing import SERVED

HIDDEN = "[hidden]"
_SECRET_NAMES = re.compile(
    r"authori[sz]ation|cookie|credential|dsn|e_?mail|passw(or)?d|query|secret|token|url|variables", re.IGNORECASE
)
_SECRETS = re.compile(
    r"(?P<scheme>\b(?:bearer|basic)\s+)[\w.~+/=-]+"
    r"|(?P<cookie>portico=)[\w.~+/=-]+"
    r"|(?P<account>://)[^/\s@]+(?=@)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[A-Za-z0-9_-]{64,}\b",
    re.IGNORECASE,
)
# A path may hold them, and they would let a caller write lines of its own.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NOISY = ("uvicorn.access", "httpx", "httpcore", "websockets")
_DEEPEST = 30
_KEPT = frozenset({"exc_info", "_record", "_from_structlog"})


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Write every log line of this process to ``stream`` (standard error), as the settings say."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    out = stream or sys.stderr
    shared = _shared()
    renderer = _renderer(settings.log_format, out)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(shared, renderer))
    _take_over(handler, level)


def _shared() -> list[Processor]:
    return [
        tell_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
        tell_exception,
    ]


def _renderer(log_format: LogFormat, out: TextIO) -> Processor:
    if log_format is LogFormat.JSON:
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=24)


def _formatter(shared: list[Processor], renderer: Processor) -> logging.Formatter:
    """For lines that come by way of the standard library."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shared, renderer],
    )


def _take_over(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    # Our own line for every request says more, and says no query string.
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def tell_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the id of the request that is being served."""
    trace = SERVED.get(None)
    if trace is not None:
        event.setdefault("request_id", trace.request_id)
    return event


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what must not be in a log, by the name it is given and by how it looks."""
    return {name: value if name in _KEPT else _redacted(name, value) for name, value in event.items()}


def _redacted(name: str, value: Any) -> Any:
    if _SECRET_NAMES.search(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): _redacted(str(key), inner) for key, inner in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redacted(name, inner) for inner in cast("list[Any]", value)]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _CONTROLS.sub(_escaped, _SECRETS.sub(_hidden, str(value)))


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _hidden(found: re.Match[str]) -> str:
    return (found["scheme"] or found["cookie"] or found["account"] or "") + HIDDEN


def tell_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by where it happened and what kind it is.

    The text of an exception is left out: that of a database error holds the statement and the values in it.
    """
    error = _error(event.pop("exc_info", None))
    if error is not None:
        event["exception"] = "\n".join(_told(error))
    return event


def _error(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return cast("tuple[Any, BaseException | None, Any]", given)[1]
    return sys.exc_info()[1] if given else None


def _told(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield _kind(cause)
        yield from (f"  {_place(frame)}" for frame in _frames(cause.__traceback__))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _kind(error: BaseException) -> str:
    kind = type(error)
    sqlstate = getattr(error, "sqlstate", None)
    return f"{kind.__module__}.{kind.__qualname__}" + (f" (SQLSTATE {sqlstate})" if sqlstate else "")


def _frames(traceback: TracebackType | None) -> list[FrameSummary]:
    return list(extract_tb(traceback))[-_DEEPEST:]


def _place(frame: FrameSummary) -> str:
    """File, line and function, the file as its package knows it: where it is installed is nobody's business."""
    return f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}"
