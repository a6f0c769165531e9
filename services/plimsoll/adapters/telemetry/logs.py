"""Log lines: structlog, to stderr, for people or for machines."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor

from plimsoll.adapters.telemetry.current import current_trace
from plimsoll.adapters.telemetry.repeats import Repeats
from plimsoll.domain.errors import ConfigurationError

_LEVELS = {name: getattr(logging, name) for name in ("DEBUG", "INFO", "WARNING", "ERROR")}
# Libraries speak up from here on, unless everything is to be seen.
_LIBRARIES = ("aiokafka", "faust", "mode", "grpc", "asyncio")


def configure_logs(level: str, form: str) -> None:
    """Sets up structlog and the libraries' logging; ConfigurationError names a wrong setting."""
    if level.upper() not in _LEVELS:
        raise ConfigurationError(f"log_level {level!r} is none of {', '.join(_LEVELS)}")
    if form not in {"console", "json"}:
        raise ConfigurationError(f"log_format {form!r} is neither console nor json")
    threshold = _LEVELS[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(form))
    )
    handler.addFilter(Repeats(_LIBRARIES))
    logging.basicConfig(handlers=[handler], level=threshold, force=True)
    for library in _LIBRARIES:
        quiet = threshold if threshold == logging.DEBUG else max(threshold, logging.WARNING)
        logging.getLogger(library).setLevel(quiet)


def _with_trace(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The trace and span that a line is within, as W3C Trace Context writes them."""
    # Who never loaded OpenTelemetry has no span, and need not load it to find out.
    if "opentelemetry.trace" in sys.modules and (parent := current_trace().parent):
        _, event["trace_id"], event["span_id"], _ = parent.split("-")
    return event


def _rendering(form: str) -> list[Processor]:
    clean = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        return [clean, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    # Plain tracebacks: richer ones show local variables, and with them what users wrote.
    plain = structlog.dev.plain_traceback
    colors = sys.stderr.isatty()
    return [clean, structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
