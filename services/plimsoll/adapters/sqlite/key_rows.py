"""Keys of evidence inside one transaction: kept, found, destroyed, wrapped anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from plimsoll.adapters.sqlite.scrubbing import owe
from plimsoll.domain.scopes import Erased, Scope, tenant_digest
from plimsoll.domain.sealing import KeyName, WrappedKey

_KEY = "tenant = ? AND result = ? AND subject = ?"
_BURY = "INSERT INTO tombstones VALUES (?) ON CONFLICT DO NOTHING"
_REACHED = {
    Erased.RESULT: "tenant = :tenant AND result = :digest",
    Erased.SUBJECT: "subject = :digest AND subject <> x'' AND tenant = :tenant",
    Erased.TENANT: "tenant = :tenant",
}
_OTHERWISE = """
    SELECT tenant, result, subject, master, wrapped FROM keys
    WHERE (tenant, result, subject) > (?, ?, ?) AND master <> ?
    ORDER BY tenant, result, subject LIMIT ?
"""


def keep(on: sqlite3.Connection, name: KeyName, fresh: WrappedKey) -> WrappedKey | None:
    """The key that stands."""
    if _is_buried(on, name):
        return None
    on.execute(
        "INSERT INTO keys VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (name.tenant, name.result, name.subject, fresh.master, fresh.wrapped),
    )
    return _find(on, name)


def find(on: sqlite3.Connection, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
    """Those that are there, and None for those that were erased."""
    found: dict[KeyName, WrappedKey | None] = {}
    for name in names:
        key = _find(on, name)
        if key is not None or _is_buried(on, name):
            found[name] = key
    return found


def erase(on: sqlite3.Connection, erasure_id: str, scope: Scope) -> int:
    """Deletes what the scope reaches, buries it, notes that the file has to be made anew."""
    before = on.execute("SELECT keys FROM erasures WHERE erasure_id = ?", (erasure_id,)).fetchone()
    if before is not None:
        return int(before[0])
    on.execute(_BURY, (scope.digest,))
    reached, named = _REACHED[scope.by], {"tenant": scope.tenant, "digest": scope.digest}
    if scope.by is Erased.SUBJECT:
        # By name too: who comes back without the subject's ID is known by the result's.
        on.execute(
            f"INSERT INTO tombstones SELECT DISTINCT result FROM keys WHERE {reached}"  # noqa: S608 - made of constants
            " ON CONFLICT DO NOTHING",
            named,
        )
        # What the result was sealed with under another subject goes by the same order.
        reached = f"tenant = :tenant AND result IN (SELECT result FROM keys WHERE {reached})"  # noqa: S608 - as above
    gone = on.execute(f"DELETE FROM keys WHERE {reached}", named).rowcount  # noqa: S608 - as above
    on.execute("INSERT INTO erasures VALUES (?, ?)", (erasure_id, gone))
    if gone:
        owe(on)
    return gone


def wrapped_otherwise(
    on: sqlite3.Connection, master: str, after: KeyName | None, limit: int
) -> list[tuple[KeyName, WrappedKey]]:
    """A page of keys that another master wraps."""
    start = ("", b"", b"") if after is None else (after.tenant, after.result, after.subject)
    rows = on.execute(_OTHERWISE, (*start, master, limit)).fetchall()
    return [(KeyName(*row[:3]), WrappedKey(*row[3:])) for row in rows]


def rewrap(on: sqlite3.Connection, name: KeyName, old: WrappedKey, new: WrappedKey) -> bool:
    """Puts one wrapping in the other's place."""
    changed = on.execute(
        f"UPDATE keys SET master = ?, wrapped = ? WHERE {_KEY} AND master = ? AND wrapped = ?",  # noqa: S608 - made of constants
        (
            *(new.master, new.wrapped),
            *(name.tenant, name.result, name.subject),
            *(old.master, old.wrapped),
        ),
    )
    return changed.rowcount == 1


def _find(on: sqlite3.Connection, name: KeyName) -> WrappedKey | None:
    row = on.execute(
        f"SELECT master, wrapped FROM keys WHERE {_KEY}",  # noqa: S608 - made of constants
        (name.tenant, name.result, name.subject),
    ).fetchone()
    return None if row is None else WrappedKey(*row)


def _is_buried(on: sqlite3.Connection, name: KeyName) -> bool:
    # Nobody's digest is no bytes, which nothing is buried under.
    digests = (name.result, name.subject, tenant_digest(name.tenant))
    buried = "SELECT 1 FROM tombstones WHERE digest IN (?, ?, ?)"
    return on.execute(buried, digests).fetchone() is not None
