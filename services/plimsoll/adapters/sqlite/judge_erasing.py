"""Erasing replies of judges inside one transaction, by who asked for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from plimsoll.adapters.sqlite.scrubbing import owe
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.ports.memo import Asker

_ASKED = {
    Erased.RESULT: "SELECT DISTINCT digest FROM askers WHERE tenant = ? AND result_id = ?",
    Erased.SUBJECT: "SELECT DISTINCT digest FROM askers WHERE tenant = ? AND subject_id = ?",
}


def note(on: sqlite3.Connection, tenant: str, digest: str, asker: Asker) -> None:
    """Keeps who asks."""
    on.execute(
        "INSERT INTO askers (tenant, result_id, digest, subject_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (tenant, asker.result_id, digest, asker.subject_id),
    )


def erase(on: sqlite3.Connection, orders: Collection[Erasure]) -> int:
    """Deletes what these name, and notes that the file has to be made anew."""
    gone = sum(_erase(on, order) for order in orders)
    if gone:
        owe(on)
    return gone


def _erase(on: sqlite3.Connection, order: Erasure) -> int:
    if order.by is Erased.TENANT:
        on.execute("DELETE FROM askers WHERE tenant = ?", (order.tenant,))
        return on.execute("DELETE FROM memo WHERE tenant = ?", (order.tenant,)).rowcount
    gone = 0
    for (digest,) in on.execute(_ASKED[order.by], (order.tenant, order.id)).fetchall():
        key = (order.tenant, digest)
        gone += on.execute("DELETE FROM memo WHERE tenant = ? AND digest = ?", key).rowcount
        # Of whoever else asked the same, too: there is nothing left to find by it.
        on.execute("DELETE FROM askers WHERE tenant = ? AND digest = ?", key)
    return gone
