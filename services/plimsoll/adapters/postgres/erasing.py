"""Erasing scores inside one transaction, and keeping what was erased from coming back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from plimsoll.domain.identity import ResultKey
from plimsoll.domain.scopes import Erased, Scope, result_digest, tenant_digest
from plimsoll.ports.store import DeadLetterRow, ErasedRows, ScoreRow

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection

# Writers hold the rows of their partitions: whoever holds all of them is alone with the tables.
_ALONE = "SELECT 1 FROM offsets ORDER BY topic, log_partition FOR UPDATE"
_BEFORE = "SELECT scores, dead_letters FROM erasures WHERE erasure_id = $1"
_NOTE = "INSERT INTO erasures (erasure_id, scores, dead_letters) VALUES ($1, $2, $3)"
_BURY = "INSERT INTO tombstones SELECT * FROM unnest($1::bytea[]) ON CONFLICT DO NOTHING"
_OF_SUBJECT = "SELECT result_id FROM subjects WHERE subject = $1 AND tenant = $2 ORDER BY 1"
_NOTE_SUBJECTS = """
    INSERT INTO subjects SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[])
    ON CONFLICT DO NOTHING
"""
_WHERE = "tenant = $1 AND ($2::text[] IS NULL OR result_id = ANY($2))"
# Which partitions hold bytes of the rows, before these are gone.
_OWE = f"""
    INSERT INTO owed SELECT DISTINCT v.tableoid::regclass::text FROM visible v
    WHERE {_WHERE} ON CONFLICT DO NOTHING
"""  # noqa: S608 - made of constants
_GONE = "WITH gone AS (DELETE FROM {} WHERE {} RETURNING 1) SELECT count(*) FROM gone"
_COUNT = "UPDATE expired SET visible = visible + $1, dead = dead + $2"


async def erase(on: Connection, erasure_id: str, scope: Scope) -> ErasedRows:
    """Deletes what the scope reaches, buries its digest, notes which tables are to be redone."""
    await on.execute(_ALONE)
    before = await on.fetchrow(_BEFORE, erasure_id)
    if before is not None:
        return ErasedRows(*before)
    result_ids = await _results(on, scope)
    buried = [scope.digest]
    if scope.by is Erased.SUBJECT and result_ids:
        # By name too, for look-ups.
        buried += [result_digest(ResultKey(scope.tenant, one)) for one in result_ids]
    await on.execute(_BURY, sorted(set(buried)))
    await on.execute(_OWE, scope.tenant, result_ids)
    letters = await _delete(on, "dead_letters", scope, result_ids)
    await _delete(on, "visible", scope, result_ids)
    await _delete(on, "scorings", scope, result_ids)
    await _delete(on, "subjects", scope, result_ids)
    scores = await _delete(on, "results", scope, result_ids)
    if letters:
        await on.execute("INSERT INTO owed VALUES ('dead_letters') ON CONFLICT DO NOTHING")
    await on.execute(_COUNT, scores, letters)
    await on.execute(_NOTE, erasure_id, scores, letters)
    return ErasedRows(scores, letters)


async def owed(on: Connection) -> list[str]:
    """Tables in whose files bytes of erased rows may still be."""
    return [name for (name,) in await on.fetch("SELECT relation FROM owed ORDER BY relation")]


async def note_vacuumed(on: Connection, relation: str) -> None:
    """They are not, in this one."""
    await on.execute("DELETE FROM owed WHERE relation = $1", relation)


async def erased(on: Connection, keys: Collection[ResultKey]) -> frozenset[ResultKey]:
    """Those keys that are buried themselves or with their tenant."""
    named = {key: (result_digest(key), tenant_digest(key.tenant)) for key in keys}
    buried = await _buried(on, {digest for pair in named.values() for digest in pair})
    return frozenset(key for key, pair in named.items() if not buried.isdisjoint(pair))


async def without_erased(
    on: Connection, rows: Sequence[ScoreRow | DeadLetterRow]
) -> frozenset[ResultKey]:
    """Keys among these rows that were erased; those of an erased subject are buried by name."""
    if not await on.fetchval("SELECT EXISTS (SELECT FROM tombstones)"):
        return frozenset()
    gone = set(await erased(on, {row.key for row in rows if row.key is not None}))
    about = [row for row in rows if isinstance(row, ScoreRow) and row.subject]
    buried = await _buried(on, {row.subject for row in about})
    late = {row.key for row in about if row.subject in buried} - gone
    if late:
        await on.execute(_BURY, sorted(result_digest(key) for key in late))
    return frozenset(gone | late)


async def note_subjects(on: Connection, rows: Sequence[ScoreRow]) -> None:
    """Keeps whom these are about."""
    named = [row for row in rows if row.subject]
    about = sorted({(row.subject, row.key.tenant, row.key.result_id) for row in named})
    if about:
        await on.execute(_NOTE_SUBJECTS, *([one[at] for one in about] for at in range(3)))


async def _results(on: Connection, scope: Scope) -> list[str] | None:
    """IDs of the results of a scope; None for all of the tenant."""
    match scope.by:
        case Erased.TENANT:
            return None
        case Erased.RESULT:
            return [scope.result_id]
        case Erased.SUBJECT:
            return [one for (one,) in await on.fetch(_OF_SUBJECT, scope.digest, scope.tenant)]


async def _delete(on: Connection, table: str, scope: Scope, result_ids: list[str] | None) -> int:
    return int(await on.fetchval(_GONE.format(table, _WHERE), scope.tenant, result_ids))


async def _buried(on: Connection, digests: Collection[bytes]) -> set[bytes]:
    if not digests:
        return set()
    rows = await on.fetch("SELECT digest FROM tombstones WHERE digest = ANY($1)", list(digests))
    return {bytes(digest) for (digest,) in rows}
