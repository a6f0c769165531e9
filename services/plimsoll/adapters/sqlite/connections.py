"""Connections to one SQLite file: the writer's, one per reading thread, and the event loop's."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from plimsoll.adapters.sqlite.errors import classify
from plimsoll.adapters.sqlite.schema import SCORES, Layout, open_reader, open_writer
from plimsoll.adapters.sqlite.wal import WriteAheadLog
from plimsoll.domain.errors import FatalError, RetryableError

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[[sqlite3.Connection], T]

# The event loop must not wait for a lock; readers of a write-ahead log hardly ever meet one.
_LOOP_TIMEOUT_MS = 10


class Connections:
    """Opens connections, runs work in transactions, and classifies what goes wrong."""

    def __init__(self, path: Path, busy_timeout_ms: int, layout: Layout = SCORES) -> None:
        self._path = path
        self._layout = layout
        self._busy_timeout_ms = busy_timeout_ms
        self._writer: sqlite3.Connection | None = None
        self._loop_reader: sqlite3.Connection | None = None
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._inode = 0
        self._log = WriteAheadLog(path)

    def open(self) -> None:
        """Opens the writer's connection, creating file and tables where they are missing."""
        with self._classified():
            self._writer = self._note(open_writer(self._path, self._busy_timeout_ms, self._layout))
            self._loop_reader = self._note(open_reader(self._path, _LOOP_TIMEOUT_MS))
            self._inode = self._path.stat().st_ino

    def write(self, work: Work[T]) -> T:
        """Runs work in one transaction of the writer: all of it is kept, or nothing."""
        connection = self._open(self._writer)
        with self._classified():
            connection.execute("BEGIN IMMEDIATE")
            try:
                done = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some faults, as a full disk.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            self._log.keep_small(connection)
        return done

    def write_anew(self) -> None:
        """Writes the file anew from its rows and empties its log: nothing deleted is left in it.

        RetryableError where another writer or reader is in the way for the whole busy timeout.
        """
        with self._classified():
            connection = self._open(self._writer)
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise RetryableError(f"the write-ahead log of {self._path} is being read")

    def read_in_thread(self, work: Work[T]) -> T:
        """Runs work on the calling thread's own connection, at one moment of the store."""
        with self._classified():
            connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                self._open(self._writer)
                connection = self._note(open_reader(self._path, self._busy_timeout_ms))
                self._local.connection = connection
            connection.execute("BEGIN")
            try:
                return work(connection)
            finally:
                connection.execute("ROLLBACK")

    def read_here(
        self,
        work: Callable[Concatenate[sqlite3.Connection, P], T],
        *given: P.args,
        **more: P.kwargs,
    ) -> T:
        """Runs short work on the event loop's connection."""
        connection = self._loop_reader or self._open(None)
        try:
            return work(connection, *given, **more)
        except sqlite3.Error as error:
            raise classify(error, self._path, self._layout.mend) from error

    def check_file(self) -> None:
        """FatalError where another file has taken the place of the one that is open."""
        try:
            inode = self._path.stat().st_ino
        except OSError as error:
            raise FatalError(f"store {self._path} is gone: restart, then rebuild it") from error
        if inode != self._inode:
            raise FatalError(f"store {self._path} was replaced by another file: restart")

    def close(self) -> None:
        """Closes every connection; never raises."""
        self._writer = self._loop_reader = None
        while self._opened:
            with contextlib.suppress(sqlite3.Error):
                self._opened.pop().close()

    def _note(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        self._opened.append(connection)
        return connection

    def _open(self, connection: sqlite3.Connection | None) -> sqlite3.Connection:
        if connection is None:
            raise RetryableError(f"store {self._path} is not open")
        return connection

    @contextlib.contextmanager
    def _classified(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise classify(error, self._path, self._layout.mend) from error
        except OSError as error:
            raise FatalError(f"store {self._path} cannot be opened: {error}") from error
