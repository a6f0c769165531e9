"""Runs a record's path and turns whatever it raises into an outcome."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from plimsoll.domain.errors import FatalError, PoisonError
from plimsoll.domain.outcome import Outcome, Park
from plimsoll.domain.record import Record
from plimsoll.domain.shortage import shortage

_log = structlog.get_logger(__name__)

Outcomes = tuple[Outcome, ...]
# Outcomes at once where nothing has to be waited for, otherwise a coroutine that gives them.
# It never raises RetryableError: it waits for what it needs, or answers with an absence.
RecordPath = Callable[[Record], "Outcomes | Coroutine[Any, Any, Outcomes]"]


def begin(path: RecordPath, record: Record) -> Outcomes | Coroutine[Any, Any, Outcomes]:
    """The path's answer; what it raises parks the record.

    FatalError passes, and so does the end of what the machine has.
    """
    try:
        return path(record)
    except FatalError:
        raise
    except Exception as error:  # noqa: BLE001 - home of `except Exception`: one record that meets a mistake of ours must not stop all others
        return _parked(record, error)


async def finish(record: Record, waiting: Coroutine[Any, Any, Outcomes]) -> Outcomes:
    """The same for a path that has to wait."""
    try:
        return await waiting
    except FatalError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        return _parked(record, error)


def _parked(record: Record, error: Exception) -> Outcomes:
    if isinstance(error, PoisonError):
        return (Park(error.reason, error.detail, error.index, error.key),)
    if (fatal := shortage(error)) is not None:
        raise fatal from error
    _log.error(
        "record.path_failed",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        # Type and place only: a message may quote the result.
        error=type(error).__name__,
        where=_place(error),
    )
    return (Park("internal_error", f"{type(error).__name__} while scoring: a defect of Plimsoll"),)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
