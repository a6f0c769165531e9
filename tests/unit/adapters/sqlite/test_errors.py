"""The truth table of SQLite's faults."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from plimsoll.adapters.sqlite.errors import classify
from plimsoll.adapters.sqlite.schema import SCORES
from plimsoll.domain.errors import FatalError, RetryableError

PATH = Path("/data/plimsoll.db")


def fault(code: int) -> sqlite3.Error:
    """An error as the module raises it."""
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, RetryableError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, RetryableError),
        (sqlite3.SQLITE_LOCKED, RetryableError),
        (sqlite3.SQLITE_PROTOCOL, RetryableError),
        (sqlite3.SQLITE_INTERRUPT, RetryableError),
        (sqlite3.SQLITE_FULL, RetryableError),
        (sqlite3.SQLITE_IOERR, RetryableError),
        (sqlite3.SQLITE_IOERR_WRITE, RetryableError),
        (sqlite3.SQLITE_NOMEM, RetryableError),
        (sqlite3.SQLITE_CORRUPT, FatalError),
        (sqlite3.SQLITE_NOTADB, FatalError),
        (sqlite3.SQLITE_CANTOPEN, FatalError),
        (sqlite3.SQLITE_READONLY, FatalError),
        (sqlite3.SQLITE_PERM, FatalError),
        (sqlite3.SQLITE_AUTH, FatalError),
        (sqlite3.SQLITE_ERROR, FatalError),
        (sqlite3.SQLITE_CONSTRAINT, FatalError),
    ],
)
def test_each_code_has_its_verdict(code: int, expected: type[Exception]) -> None:
    """A passing fault is retryable, any other fatal; both name the file."""
    verdict = classify(fault(code), PATH, SCORES.mend)
    assert type(verdict) is expected
    assert str(PATH) in str(verdict)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB])
def test_a_damaged_file_can_be_rebuilt_and_says_so(code: int) -> None:
    """The message tells what to do."""
    assert "plimsoll indexer --rebuild" in str(classify(fault(code), PATH, SCORES.mend))


def test_an_error_without_a_code_is_fatal() -> None:
    """Misuse of the module is a bug of ours, not something to wait for."""
    assert isinstance(classify(sqlite3.ProgrammingError("closed"), PATH, SCORES.mend), FatalError)
