"""Numbered SQL files brought into a schema: in order, once, under a lock, never backwards."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import asyncpg

from plimsoll.adapters.postgres.connecting import Address, connect
from plimsoll.adapters.postgres.errors import classify
from plimsoll.domain.errors import FatalError
from plimsoll.settings.postgres import PostgresSettings

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_APPLIED = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        number integer PRIMARY KEY,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
# Building an index on much data takes longer than any look-up may.
_STATEMENT_TIMEOUT_MS = 3_600_000
_LOCK_TIMEOUT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; the checksum is the SHA-256 of its text."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """In hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Applied:
    """What a schema says of a migration that was brought into it."""

    name: str
    checksum: str


def migrations(kind: str) -> tuple[Migration, ...]:
    """The files that ship for `scores`, `judges` or `keys`, numbered from 1 without a gap."""
    folder = resources.files("plimsoll.adapters.postgres") / "migrations" / kind
    found = []
    for file in folder.iterdir():
        named = _NAME.fullmatch(file.name)
        if named:
            name = file.name.removesuffix(".sql")
            found.append(Migration(int(named[1]), name, file.read_text(encoding="utf-8")))
    found.sort(key=lambda migration: migration.number)
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise FatalError(f"migrations of {kind} have a gap: install Plimsoll again")
    return tuple(found)


def pending(
    ours: Sequence[Migration], applied: Mapping[int, Applied], where: str
) -> tuple[Migration, ...]:
    """What is still to be brought in, in order.

    FatalError where the schema is newer than this program, or holds another text of a migration.
    """
    newest = max(applied, default=0)
    if newest > len(ours):
        raise FatalError(
            f"schema {where} is at migration {newest}, this program knows {len(ours)}:"
            " deploy the newer program; schemas do not go back"
        )
    for one in ours[:newest]:
        known = applied.get(one.number)
        if known is None or (known.name, known.checksum) != (one.name, one.checksum):
            raise FatalError(
                f"schema {where} holds another migration {one.number} than {one.name}: it was"
                " changed after it was applied; restore a backup, or start with an empty schema"
            )
    return tuple(ours[newest:])


async def applied_in(connection: Connection, schema: str) -> dict[int, Applied]:
    """What has been brought into a schema; nothing where there is no such schema yet."""
    if not await connection.fetchval(
        "SELECT to_regclass(quote_ident($1) || '.schema_migrations') IS NOT NULL", schema
    ):
        return {}
    rows = await connection.fetch("SELECT number, name, checksum FROM schema_migrations")
    return {number: Applied(name, checksum) for number, name, checksum in rows}


async def demand_current(connection: Connection, kind: str, schema: str, where: str) -> None:
    """FatalError where the schema is older or newer than this program."""
    named = f"{schema} of {where}"
    missing = pending(migrations(kind), await applied_in(connection, schema), named)
    if missing:
        raise FatalError(
            f"schema {named} lacks {len(missing)} migrations, from {missing[0].name} on:"
            " run `plimsoll migrate`"
        )


async def still_to_do(
    where: Address, settings: PostgresSettings, kind: str, schema: str
) -> tuple[Migration, ...]:
    """What `migrate` would bring in; changes nothing."""
    try:
        connection = await connect(where, settings, schema, "plimsoll-migrate")
        try:
            applied = await applied_in(connection, schema)
        finally:
            await connection.close()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise classify(error, where.shown) from None
    return pending(migrations(kind), applied, f"{schema} of {where.shown}")


async def migrate(
    where: Address, settings: PostgresSettings, kind: str, schema: str
) -> tuple[Migration, ...]:
    """Brings in what is missing, each file in a transaction; gives what it brought in.

    Whoever else migrates the same schema waits, and then finds nothing to do.
    """
    patient = settings.model_copy(update={"statement_timeout_ms": _STATEMENT_TIMEOUT_MS})
    try:
        connection = await connect(where, patient, schema, "plimsoll-migrate")
        try:
            await connection.execute(f"SET lock_timeout = {_LOCK_TIMEOUT_MS}")
            return await _bring_in(connection, where, kind, schema)
        finally:
            await connection.close()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise classify(error, where.shown) from None


async def _bring_in(
    connection: Connection, where: Address, kind: str, schema: str
) -> tuple[Migration, ...]:
    await connection.execute(
        "SELECT pg_advisory_lock(hashtextextended($1, 0))", f"plimsoll {schema}"
    )
    # The name is one of letters, digits and underscores: the settings see to it.
    if not await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", schema):
        await connection.execute(f'CREATE SCHEMA "{schema}"')
    await connection.execute(_APPLIED)
    missing = pending(
        migrations(kind), await applied_in(connection, schema), f"{schema} of {where.shown}"
    )
    for one in missing:
        async with connection.transaction():
            await connection.execute(one.sql)
            await connection.execute(
                "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
                one.number,
                one.name,
                one.checksum,
            )
    return missing
