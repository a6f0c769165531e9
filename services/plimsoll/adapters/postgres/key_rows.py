"""Keys of evidence in one transaction: kept, found, destroyed, wrapped anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plimsoll.domain.scopes import Erased, Scope, tenant_digest
from plimsoll.domain.sealing import KeyName, WrappedKey

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection

_KEEP = "SELECT kept_master, kept_wrapped FROM keep_key($1, $2, $3, $4, $5, $6)"
_FIND = """
    SELECT n.number, k.master, k.wrapped
    FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[])
        WITH ORDINALITY AS n (tenant, result, subject, by_tenant, number)
    LEFT JOIN keys k
        ON k.tenant = n.tenant AND k.result = n.result AND k.subject = n.subject
    WHERE k.master IS NOT NULL OR EXISTS (
        SELECT 1 FROM tombstones WHERE digest IN (n.result, n.subject, n.by_tenant)
    )
"""
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('plimsoll keys', 0))"
_BEFORE = "SELECT keys FROM erasures WHERE erasure_id = $1"
_REACHED = {
    Erased.RESULT: "tenant = $1 AND result = $2",
    # All keys of the results that were about the subject, whoever else they were about.
    Erased.SUBJECT: """tenant = $1 AND result IN (
        SELECT s.result FROM keys s WHERE s.subject = $2 AND s.subject <> '' AND s.tenant = $1
    )""",
    Erased.TENANT: "tenant = $1 AND $2::bytea IS NOT NULL",
}
_BURY = "INSERT INTO tombstones VALUES ($1) ON CONFLICT DO NOTHING"
# By name too: who comes back without the subject's ID is known by the result's.
_BURY_RESULTS = """
    INSERT INTO tombstones SELECT DISTINCT result FROM keys
    WHERE subject = $2 AND subject <> '' AND tenant = $1 ON CONFLICT DO NOTHING
"""
_OWE = """
    INSERT INTO owed SELECT DISTINCT tableoid::regclass::text FROM keys WHERE {}
    ON CONFLICT DO NOTHING
"""
_DESTROY = "WITH gone AS (DELETE FROM keys WHERE {} RETURNING 1) SELECT count(*) FROM gone"
_NOTE = "INSERT INTO erasures VALUES ($1, $2)"
_OTHERWISE = """
    SELECT tenant, result, subject, master, wrapped FROM keys
    WHERE (tenant, result, subject) > ($1::text, $2::bytea, $3::bytea) AND master <> $4
    ORDER BY tenant, result, subject LIMIT $5
"""
_REWRAP = """
    UPDATE keys SET master = $4, wrapped = $5
    WHERE tenant = $1 AND result = $2 AND subject = $3 AND master = $6 AND wrapped = $7
"""


async def keep(on: Connection, name: KeyName, fresh: WrappedKey) -> WrappedKey | None:
    """The key that stands, in one round trip."""
    row = await on.fetchrow(
        _KEEP,
        name.tenant,
        name.result,
        name.subject,
        tenant_digest(name.tenant),
        fresh.master,
        fresh.wrapped,
    )
    return None if row is None else WrappedKey(row[0], bytes(row[1]))


async def find(on: Connection, names: Sequence[KeyName]) -> Mapping[KeyName, WrappedKey | None]:
    """Those that are there, and None for those that were erased."""
    rows = await on.fetch(
        _FIND,
        [one.tenant for one in names],
        [one.result for one in names],
        [one.subject for one in names],
        [tenant_digest(one.tenant) for one in names],
    )
    return {
        names[number - 1]: None if master is None else WrappedKey(master, bytes(wrapped))
        for number, master, wrapped in rows
    }


async def erase(on: Connection, erasure_id: str, scope: Scope) -> int:
    """Deletes what the scope reaches, buries it, notes which files have to be made anew."""
    await on.execute(_ALONE)
    before = await on.fetchval(_BEFORE, erasure_id)
    if before is not None:
        return int(before)
    await on.execute(_BURY, scope.digest)
    if scope.by is Erased.SUBJECT:
        await on.execute(_BURY_RESULTS, scope.tenant, scope.digest)
    reached = _REACHED[scope.by]
    await on.execute(_OWE.format(reached), scope.tenant, scope.digest)
    gone = int(await on.fetchval(_DESTROY.format(reached), scope.tenant, scope.digest))
    await on.execute(_NOTE, erasure_id, gone)
    return gone


async def owed(on: Connection) -> list[str]:
    """Parts in whose files destroyed keys may still be."""
    return [name for (name,) in await on.fetch("SELECT relation FROM owed ORDER BY relation")]


async def note_vacuumed(on: Connection, relation: str) -> None:
    """They are not, in this one."""
    await on.execute("DELETE FROM owed WHERE relation = $1", relation)


async def wrapped_otherwise(
    on: Connection, master: str, after: KeyName | None, limit: int
) -> list[tuple[KeyName, WrappedKey]]:
    """A page of keys that another master wraps."""
    start = ("", b"", b"") if after is None else (after.tenant, after.result, after.subject)
    rows = await on.fetch(_OTHERWISE, *start, master, limit)
    return [
        (KeyName(tenant, bytes(result), bytes(subject)), WrappedKey(wrapped_by, bytes(wrapped)))
        for tenant, result, subject, wrapped_by, wrapped in rows
    ]


async def rewrap(on: Connection, name: KeyName, old: WrappedKey, new: WrappedKey) -> bool:
    """Puts one wrapping in the other's place."""
    changed = await on.execute(
        _REWRAP,
        *(name.tenant, name.result, name.subject),
        *(new.master, new.wrapped),
        *(old.master, old.wrapped),
    )
    return changed == "UPDATE 1"
