"""What each of SQLite's faults means: wait, or stop."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from plimsoll.domain.errors import FatalError, PlimsollError, RetryableError

_BUSY_DELAY = timedelta(milliseconds=100)
_DISK_DELAY = timedelta(seconds=1)

# By primary result code, https://www.sqlite.org/rescode.html
_RETRYABLE = {
    sqlite3.SQLITE_BUSY: ("is locked by another process", _BUSY_DELAY),
    sqlite3.SQLITE_LOCKED: ("is locked by another connection", _BUSY_DELAY),
    sqlite3.SQLITE_PROTOCOL: ("is being recovered by another process", _BUSY_DELAY),
    sqlite3.SQLITE_INTERRUPT: ("was interrupted", _BUSY_DELAY),
    sqlite3.SQLITE_FULL: ("has no room left on its disk: free some", _DISK_DELAY),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: look at its disk", _DISK_DELAY),
    sqlite3.SQLITE_NOMEM: ("ran out of memory", _DISK_DELAY),
}
_MEND = "{mend}"
_FATAL = {
    sqlite3.SQLITE_CORRUPT: f"is damaged: {_MEND}",
    sqlite3.SQLITE_NOTADB: f"is not a store: {_MEND}",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check that its folder exists and is ours to write",
    sqlite3.SQLITE_READONLY: "is read-only: check who owns the file and its folder",
    sqlite3.SQLITE_PERM: "is not ours to open: check its permissions",
    sqlite3.SQLITE_AUTH: "is not ours to open: check its permissions",
}


def classify(error: sqlite3.Error, path: Path, mend: str) -> PlimsollError:
    """The verdict on an error of SQLite: RetryableError, or FatalError that says what to do.

    `mend` is what to do with a file that cannot be read.
    """
    # The low byte is the primary code; errors of the module itself carry none.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _RETRYABLE:
        what, delay = _RETRYABLE[code]
        return RetryableError(f"store {path} {what} ({error})", delay)
    what = _FATAL.get(code, "failed").replace(_MEND, mend)
    return FatalError(f"store {path} {what} ({error})")
