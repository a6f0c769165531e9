"""Erasing scores inside one transaction, and keeping what was erased from coming back."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence

from plimsoll.adapters.sqlite.scrubbing import owe
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scopes import Erased, Scope, result_digest, tenant_digest
from plimsoll.ports.store import DeadLetterRow, ErasedRows, ScoreRow

_OF_SUBJECT = "SELECT result_id FROM subjects WHERE subject = ? AND tenant = ?"
_BURY = "INSERT INTO tombstones VALUES (?) ON CONFLICT DO NOTHING"
_OF_RESULT = "tenant = :tenant AND result_id = :result_id"
_OF_TENANT = "tenant = :tenant"
_LOWER = """
    INSERT INTO tallies VALUES (?, -?)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value
"""


def erase(on: sqlite3.Connection, erasure_id: str, scope: Scope) -> ErasedRows:
    """Deletes what the scope reaches, buries its digest, notes that the file is to be redone."""
    before = on.execute(
        "SELECT scores, dead_letters FROM erasures WHERE erasure_id = ?", (erasure_id,)
    ).fetchone()
    if before is not None:
        return ErasedRows(*before)
    on.execute(_BURY, (scope.digest,))
    if scope.by is Erased.TENANT:
        gone = _delete(on, _OF_TENANT, scope.tenant, "")
    else:
        counts = [_delete(on, _OF_RESULT, key.tenant, key.result_id) for key in _results(on, scope)]
        gone = ErasedRows(sum(c.scores for c in counts), sum(c.dead_letters for c in counts))
    on.execute(_LOWER, ("visible", gone.scores))
    on.execute(_LOWER, ("dead", gone.dead_letters))
    on.execute(
        "INSERT INTO erasures VALUES (?, ?, ?)", (erasure_id, gone.scores, gone.dead_letters)
    )
    if gone.scores or gone.dead_letters:
        owe(on)
    return gone


def erased(on: sqlite3.Connection, keys: Collection[ResultKey]) -> frozenset[ResultKey]:
    """Those keys that are buried themselves or with their tenant."""
    return frozenset(
        key for key in keys if _is_buried(on, (result_digest(key), tenant_digest(key.tenant)))
    )


def without_erased(
    on: sqlite3.Connection, rows: Sequence[ScoreRow | DeadLetterRow]
) -> frozenset[ResultKey]:
    """Keys among these rows that were erased; those of an erased subject are buried by name."""
    if on.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is None:
        return frozenset()
    gone = set(erased(on, {row.key for row in rows if row.key is not None}))
    for row in rows:
        if isinstance(row, ScoreRow) and row.key not in gone and _is_buried(on, (row.subject,)):
            on.execute(_BURY, (result_digest(row.key),))
            gone.add(row.key)
    return frozenset(gone)


def note_subjects(on: sqlite3.Connection, rows: Iterable[ScoreRow]) -> None:
    """Keeps whom these are about."""
    on.executemany(
        "INSERT INTO subjects VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(row.subject, row.key.tenant, row.key.result_id) for row in rows if row.subject],
    )


def _results(on: sqlite3.Connection, scope: Scope) -> list[ResultKey]:
    """The results of a scope; those of a subject are buried by name, for look-ups."""
    if scope.by is Erased.RESULT:
        return [ResultKey(scope.tenant, scope.result_id)]
    rows = on.execute(_OF_SUBJECT, (scope.digest, scope.tenant)).fetchall()
    keys = [ResultKey(scope.tenant, result_id) for (result_id,) in rows]
    on.executemany(_BURY, [(result_digest(key),) for key in keys])
    return keys


def _delete(on: sqlite3.Connection, where: str, tenant: str, result_id: str) -> ErasedRows:
    named = {"tenant": tenant, "result_id": result_id}
    on.execute(
        f"DELETE FROM events WHERE visible_id IN (SELECT id FROM visible WHERE {where})",  # noqa: S608 - made of constants
        named,
    )
    scores = on.execute(f"DELETE FROM visible WHERE {where}", named).rowcount  # noqa: S608 - as above
    letters = on.execute(f"DELETE FROM dead_letters WHERE {where}", named).rowcount  # noqa: S608 - as above
    on.execute(f"DELETE FROM subjects WHERE {where}", named)  # noqa: S608 - as above
    return ErasedRows(scores, letters)


def _is_buried(on: sqlite3.Connection, digests: Sequence[bytes]) -> bool:
    return any(
        on.execute("SELECT 1 FROM tombstones WHERE digest = ?", (digest,)).fetchone() is not None
        for digest in digests
        if digest
    )
