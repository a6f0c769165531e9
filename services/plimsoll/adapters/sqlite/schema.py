"""The tables of the store, and how a connection to them is opened."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from plimsoll.adapters.sqlite.wal import LIMIT_BYTES
from plimsoll.domain.errors import FatalError

SCHEMA_VERSION = 2

_BUSY_PAUSE_S = 0.01


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of one kind of file; `mend` says what to do where a file cannot be read."""

    version: int
    tables: tuple[str, ...]
    mend: str


# Rowid tables whose keys grow with time: new rows go to the end of the file whatever their IDs.
# `payload` stands last, so that scans over the columns before it never touch its pages.
_TABLES = (
    """
    CREATE TABLE visible (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        result_id TEXT NOT NULL,
        score_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        input_digest TEXT NOT NULL,
        content_digest TEXT NOT NULL,
        topic TEXT NOT NULL,
        log_partition INTEGER NOT NULL,
        log_offset INTEGER NOT NULL,
        event_time_us INTEGER NOT NULL,
        model TEXT NOT NULL,
        task_kind TEXT NOT NULL,
        verdict TEXT NOT NULL,
        point REAL,
        lower REAL,
        sequence INTEGER NOT NULL,
        input_conflicts INTEGER NOT NULL DEFAULT 0,
        first_digest TEXT,
        first_offset INTEGER,
        first_partition INTEGER,
        payload BLOB NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX visible_key ON visible (tenant, result_id)",
    "CREATE INDEX visible_position ON visible (topic, log_partition, log_offset)",
    "CREATE INDEX visible_time ON visible (event_time_us, tenant, result_id)",
    "CREATE INDEX visible_tenant_time ON visible (tenant, event_time_us, result_id)",
    # One row for each distinct scoring of a result, visible or not.
    """
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        visible_id INTEGER NOT NULL,
        score_id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        input_digest TEXT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX events_scoring ON events (visible_id, score_id)",
    """
    CREATE TABLE dead_letters (
        id INTEGER PRIMARY KEY,
        source_topic TEXT NOT NULL,
        source_partition INTEGER NOT NULL,
        source_offset INTEGER NOT NULL,
        source_index INTEGER NOT NULL,
        topic TEXT NOT NULL,
        log_partition INTEGER NOT NULL,
        log_offset INTEGER NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        event_time_us INTEGER NOT NULL,
        tenant TEXT,
        result_id TEXT
    )
    """,
    """
    CREATE UNIQUE INDEX dead_letters_source
        ON dead_letters (source_topic, source_partition, source_offset, source_index)
    """,
    "CREATE INDEX dead_letters_key ON dead_letters (tenant, result_id)",
    """
    CREATE TABLE offsets (
        topic TEXT NOT NULL,
        log_partition INTEGER NOT NULL,
        next_offset INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        PRIMARY KEY (topic, log_partition)
    )
    """,
    "CREATE TABLE tallies (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    # Whom results are about, as 16 bytes: how an erasure finds them.
    """
    CREATE TABLE subjects (
        subject BLOB NOT NULL,
        tenant TEXT NOT NULL,
        result_id TEXT NOT NULL,
        PRIMARY KEY (subject, tenant, result_id)
    ) WITHOUT ROWID
    """,
    # What was erased and never comes back, as 16 bytes, and the orders that said so.
    "CREATE TABLE tombstones (digest BLOB PRIMARY KEY) WITHOUT ROWID",
    """
    CREATE TABLE erasures (
        erasure_id TEXT PRIMARY KEY,
        scores INTEGER NOT NULL,
        dead_letters INTEGER NOT NULL
    )
    """,
    # What has still to be done to the file itself.
    "CREATE TABLE owed (work TEXT PRIMARY KEY)",
)

SCORES = Layout(
    SCHEMA_VERSION,
    _TABLES,
    "stop the services, move the file away and rebuild it from the scores topic"
    " with `plimsoll indexer --rebuild`",
)


def open_writer(path: Path, busy_timeout_ms: int, layout: Layout = SCORES) -> sqlite3.Connection:
    """A connection that may write; makes the file and its tables where they are missing.

    Raises sqlite3.Error as SQLite says, FatalError where another version made the tables.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path, busy_timeout_ms)
    try:
        _log_ahead(connection, busy_timeout_ms)
        # An answered write survives a power cut; group commit pays for the one fsync.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {LIMIT_BYTES}")
        _ensure_tables(connection, path, layout)
    except BaseException:
        # Whoever waits for a file tries many times.
        connection.close()
        raise
    return connection


def open_reader(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    """A connection that only reads what `open_writer` made."""
    connection = _connect(path, busy_timeout_ms)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    # Each connection is used by one thread at a time; the store closes them all from its own.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms:d}")
    return connection


def _log_ahead(connection: sqlite3.Connection, busy_timeout_ms: int) -> None:
    """Writes ahead to a log from now on.

    Where several processes open a new file at once, SQLite answers "busy" to some of them at once,
    whatever the busy timeout (each holds a lock that the others wait for), so the wait is here.
    """
    deadline = time.monotonic() + busy_timeout_ms / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_BUSY_PAUSE_S)
        else:
            return


def _ensure_tables(connection: sqlite3.Connection, path: Path, layout: Layout) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in layout.tables:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {layout.version}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    if version not in {0, layout.version}:
        raise FatalError(
            f"{path} has schema version {version}, this program reads {layout.version}:"
            f" {layout.mend}"
        )
