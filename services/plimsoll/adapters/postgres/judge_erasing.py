"""Erasing replies of judges inside one transaction, by who asked for them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.ports.memo import Asker

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection

_SUBJECT_BYTES = 16
_NOTE = """
    INSERT INTO askers (tenant, result_id, digest, subject) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
"""
# Askers of whoever else asked the same go, too: there is nothing left to find by them.
_BY_ASKER = """
    WITH named AS (SELECT DISTINCT digest FROM askers WHERE tenant = $1 AND {column} = $2),
    gone AS (
        DELETE FROM memo m USING named n WHERE m.tenant = $1 AND m.digest = n.digest RETURNING 1
    ), forgotten AS (
        DELETE FROM askers a USING named n WHERE a.tenant = $1 AND a.digest = n.digest
    ) SELECT count(*) FROM gone
"""
_ALL = """
    WITH gone AS (DELETE FROM memo WHERE tenant = $1 RETURNING 1),
    forgotten AS (DELETE FROM askers WHERE tenant = $1)
    SELECT count(*) FROM gone
"""


async def note(on: Connection, tenant: str, digest: str, asker: Asker) -> None:
    """Keeps who asks."""
    await on.execute(_NOTE, tenant, asker.result_id, digest, _subject(asker.subject_id))


async def erase(on: Connection, orders: Collection[Erasure]) -> int:
    """Deletes what these name, and notes that the table has to be made anew."""
    gone = 0
    for order in orders:
        gone += await _erase(on, order)
    if gone:
        await on.execute("INSERT INTO owed VALUES ('vacuum') ON CONFLICT DO NOTHING")
    return gone


async def is_vacuum_owed(on: Connection) -> bool:
    """Whether bytes of erased replies may still be in the table's files."""
    return bool(await on.fetchval("SELECT EXISTS (SELECT 1 FROM owed)"))


async def _erase(on: Connection, order: Erasure) -> int:
    if order.by is Erased.TENANT:
        return int(await on.fetchval(_ALL, order.tenant))
    if order.by is Erased.RESULT:
        return int(await on.fetchval(_BY_ASKER.format(column="result_id"), order.tenant, order.id))
    subject = _subject(order.id)
    return int(await on.fetchval(_BY_ASKER.format(column="subject"), order.tenant, subject))


def _subject(subject_id: str) -> bytes:
    """Somebody's ID in 16 bytes, whatever its length; nobody is no bytes."""
    if not subject_id:
        return b""
    return hashlib.blake2b(subject_id.encode(), digest_size=_SUBJECT_BYTES).digest()
