"""Keeping the write-ahead log small where readers never pause long enough for SQLite to do so."""

from __future__ import annotations

import sqlite3
from pathlib import Path

LIMIT_BYTES = 64 * 1024 * 1024
# How long one attempt may hold up the writer, who waits for readers to let go.
_PATIENCE_MS = 50


class WriteAheadLog:
    """Cuts the log where it has outgrown its limit; a reader that sits in it puts that off.

    After a vain attempt the next one comes when the log has grown by the limit once more.
    """

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._file = path.with_name(path.name + "-wal")
        self._limit_bytes = limit_bytes
        self._next_attempt_bytes = limit_bytes

    def keep_small(self, connection: sqlite3.Connection) -> None:
        """To be called after a commit, on the writer's connection."""
        try:
            size_bytes = self._file.stat().st_size
        except FileNotFoundError:
            return
        if size_bytes < self._next_attempt_bytes:
            return
        (timeout_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {timeout_ms:d}")
        self._next_attempt_bytes = self._limit_bytes + (size_bytes if busy else 0)
