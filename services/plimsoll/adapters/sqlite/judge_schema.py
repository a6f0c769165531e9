"""The tables of what judges have cost and said: memo, budgets, reservations and quotas."""

from __future__ import annotations

from plimsoll.adapters.sqlite.schema import Layout

_TABLES = (
    # A rowid table: replies are some kilobytes, and digests come in no order.
    """
    CREATE TABLE memo (
        id INTEGER PRIMARY KEY,
        tenant TEXT NOT NULL,
        digest TEXT NOT NULL,
        reply BLOB NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX memo_key ON memo (tenant, digest)",
    # Which results asked what: how an erasure finds their replies.
    """
    CREATE TABLE askers (
        tenant TEXT NOT NULL,
        result_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        subject_id TEXT NOT NULL,
        PRIMARY KEY (tenant, result_id, digest, subject_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX askers_digest ON askers (tenant, digest)",
    "CREATE INDEX askers_subject ON askers (tenant, subject_id)",
    # What has still to be done to the file itself.
    "CREATE TABLE owed (work TEXT PRIMARY KEY)",
    # Who asks a judge now, so that others wait; a lease that has run out may be taken over.
    """
    CREATE TABLE asking (
        tenant TEXT NOT NULL,
        digest TEXT NOT NULL,
        holder TEXT NOT NULL,
        until_s REAL NOT NULL,
        PRIMARY KEY (tenant, digest)
    )
    """,
    """
    CREATE TABLE budgets (
        tenant TEXT NOT NULL,
        policy TEXT NOT NULL,
        day TEXT NOT NULL,
        used_tokens INTEGER NOT NULL,
        used_nano_usd INTEGER NOT NULL,
        reserved_tokens INTEGER NOT NULL,
        reserved_nano_usd INTEGER NOT NULL,
        PRIMARY KEY (tenant, policy, day)
    )
    """,
    # Numbers are never used twice, so that settling one again finds nothing.
    """
    CREATE TABLE reservations (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        tenant TEXT NOT NULL,
        policy TEXT NOT NULL,
        day TEXT NOT NULL,
        tokens INTEGER NOT NULL,
        nano_usd INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE quotas (
        name TEXT PRIMARY KEY,
        requests REAL NOT NULL,
        tokens REAL NOT NULL,
        at_s REAL NOT NULL
    )
    """,
)

JUDGES = Layout(
    2,
    _TABLES,
    "stop the scorers and restore a backup; without one, move the file away: judges are then asked"
    " again for what they were paid for, and today's budgets start anew",
)
