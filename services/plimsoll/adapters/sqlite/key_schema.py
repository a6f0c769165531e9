"""The tables of evidence's keys."""

from __future__ import annotations

from plimsoll.adapters.sqlite.schema import Layout

_TABLES = (
    """
    CREATE TABLE keys (
        tenant TEXT NOT NULL,
        result BLOB NOT NULL,
        subject BLOB NOT NULL,
        master TEXT NOT NULL,
        wrapped BLOB NOT NULL,
        PRIMARY KEY (tenant, result, subject)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX keys_subject ON keys (subject, tenant) WHERE subject <> x''",
    # What was erased and gets no key again, as 16 bytes, and the orders that said so.
    "CREATE TABLE tombstones (digest BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE erasures (erasure_id TEXT PRIMARY KEY, keys INTEGER NOT NULL)",
    # What has still to be done to the file itself.
    "CREATE TABLE owed (work TEXT PRIMARY KEY)",
)

KEYS = Layout(
    1,
    _TABLES,
    "stop the services and restore a backup; without one, move the file away: evidence that was"
    " sealed cannot be read any more, and numbers stay as they are",
)
