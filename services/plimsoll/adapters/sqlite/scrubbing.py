"""Writing a file anew where rows were erased: once for all, also after a death in between."""

from __future__ import annotations

import sqlite3

from plimsoll.adapters.sqlite.connections import Connections


def owe(on: sqlite3.Connection) -> None:
    """Notes that bytes of erased rows may still be in the file."""
    on.execute("INSERT INTO owed VALUES ('vacuum') ON CONFLICT DO NOTHING")


def scrub(connections: Connections) -> None:
    """Deleting leaves copies in pages that were merged, and in the write-ahead log."""
    if connections.write(_is_owed):
        connections.write_anew()
        connections.write(_note_done)


def _is_owed(on: sqlite3.Connection) -> bool:
    return on.execute("SELECT 1 FROM owed").fetchone() is not None


def _note_done(on: sqlite3.Connection) -> None:
    on.execute("DELETE FROM owed")
