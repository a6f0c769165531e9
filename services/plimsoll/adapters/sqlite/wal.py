"""Keeping the write-ahead log small where readers never pause long enough for SQLite to do so."""

from __future__ import annotations

import sqlite3
from pathlib import Path

LIMIT_BYTES = 64 * 1024 * 1024
# How long one attempt may hold up the writer, who waits for readers to let go.
_PATIENCE_MS = 50


class WriteAheadLog:
    """Cuts the log where it has outgrown its limit; a reader that sits in it puts that off.

    After a vain attempt the next one comes `pause_commits` later.
    """

    def __init__(
        self, path: Path, limit_bytes: int = LIMIT_BYTES, pause_commits: int = 1_000
    ) -> None:
        self._file = path.with_name(path.name + "-wal")
        self._limit_bytes = limit_bytes
        self._pause_commits = pause_commits
        self._skip = 0

    def keep_small(self, connection: sqlite3.Connection) -> None:
        """To be called after each commit, on the writer's connection."""
        if self._skip:
            self._skip -= 1
            return
        try:
            size_bytes = self._file.stat().st_size
        except FileNotFoundError:
            return
        if size_bytes <= self._limit_bytes:
            return
        (timeout_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {timeout_ms:d}")
        self._skip = self._pause_commits if busy else 0
