"""The pool and the transactions below the stores in PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from pydantic import SecretStr

from plimsoll.adapters.postgres.connecting import address
from plimsoll.adapters.postgres.database import Database
from plimsoll.domain.errors import ConfigurationError, RetryableError
from plimsoll.settings.postgres import ScorePostgresSettings
from tests.contracts.postgres import migrated_scores
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection


@pytest.fixture
async def settings(postgres: PostgresServer) -> ScorePostgresSettings:
    """Settings of an empty store."""
    return await migrated_scores(postgres)


async def test_who_gives_up_spoils_no_connection(settings: ScorePostgresSettings) -> None:
    """A call that is cancelled in the middle closes its connection; the next one has another."""
    where = address(settings.dsn, "dsn", None)
    few = settings.model_copy(update={"pool_size": 2})
    database = Database(where, few, few.schema_name, "test")
    with pytest.raises(RetryableError, match="not open"):
        await database.read(lambda on: on.fetchval("SELECT 1"))
    await database.open()
    assert database._pool is not None
    # To connect may take as long as it takes; a turn is not waited for.
    database._pool._wait_s = 0.1
    asleep = [
        asyncio.create_task(database.once(lambda on: on.fetchval("SELECT pg_sleep(60)")))
        for _ in range(2)
    ]
    # Both have their turn as soon as they have begun.
    await asyncio.sleep(0)
    with pytest.raises(RetryableError, match="all connections are in use"):
        await database.once(lambda on: on.fetchval("SELECT 1"))
    for one in asleep:
        one.cancel()
    await asyncio.gather(*asleep, return_exceptions=True)
    assert [await database.read(lambda on: on.fetchval("SELECT 7")) for _ in range(5)] == [7] * 5
    await database.close()


async def test_a_password_that_changes_first_at_the_server_is_waited_for(
    settings: ScorePostgresSettings, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Where its file follows later, or is away, a call that needs a new connection fails just then.

    A password that stands in the settings never changes: there a refusal is for good.
    """
    role, file = f"r{uuid4().hex[:12]}", tmp_path / "password"
    postgres.sql(f"CREATE ROLE {role} LOGIN PASSWORD 'first'")
    file.write_text("first\n", encoding="utf-8")
    name = settings.dsn.get_secret_value().rpartition("/")[2]
    host = f"{postgres.host}:{postgres.port}/{name}"
    renewed = address(SecretStr(f"postgresql://{role}@{host}"), "dsn", file)
    fixed = address(SecretStr(f"postgresql://{role}:first@{host}"), "dsn", None)
    databases = [Database(one, settings, settings.schema_name, "test") for one in (renewed, fixed)]
    for database in databases:
        await database.open()
    postgres.sql(f"ALTER ROLE {role} PASSWORD 'second'")
    with pytest.raises(RetryableError, match="refuses this user"):
        await databases[0].once(lambda _first: databases[0].once(_one))
    with pytest.raises(ConfigurationError, match="refuses this user"):
        await databases[1].once(lambda _first: databases[1].once(_one))
    file.unlink()
    with pytest.raises(RetryableError, match="password_file cannot be read: No such") as away:
        await databases[0].once(lambda _first: databases[0].once(_one))
    # Whoever looks something up is told of it, and the path is nothing to them.
    assert str(tmp_path) not in str(away.value)
    file.write_text("second\n", encoding="utf-8")
    assert await databases[0].once(lambda _first: databases[0].once(_one)) == 1
    for database in databases:
        await database.close()


async def _one(connection: Connection) -> int:
    found: int = await connection.fetchval("SELECT 1")
    return found


async def test_a_mistake_in_a_transaction_leaves_nothing_behind(
    settings: ScorePostgresSettings,
) -> None:
    """What was written before the mistake is undone, and the connection serves on."""
    where = address(settings.dsn, "dsn", None)
    database = Database(where, settings, settings.schema_name, "test")
    await database.open()

    async def mistaken(on: Connection) -> None:
        await on.execute("UPDATE expired SET dead = 5")
        raise LookupError("ours")

    with pytest.raises(LookupError, match="ours"):
        await database.write(mistaken)
    assert await database.read(lambda on: on.fetchval("SELECT dead FROM expired")) == 0
    await database.close()


async def test_what_is_kept_prepared_outlives_a_migration(settings: ScorePostgresSettings) -> None:
    """Where a query gives other types than before, it is asked anew, and no call fails."""
    where = address(settings.dsn, "dsn", None)
    database = Database(where, settings, settings.schema_name, "test")
    await database.open()
    query = "SELECT number FROM moving WHERE number::text <> $1"

    async def found() -> object:
        row = await database.read(lambda on: on.first_row(query, "0"))
        return None if row is None else row["number"]

    await database.write(lambda on: on.execute("CREATE TABLE moving AS SELECT 7::bigint AS number"))
    assert [await found(), await found()] == [7, 7]
    await database.write(
        lambda on: on.execute("ALTER TABLE moving ALTER number TYPE text USING number || '!'")
    )
    assert [await found(), await found()] == ["7!", "7!"]
    await database.close()


async def test_what_is_kept_prepared_may_be_forgotten(settings: ScorePostgresSettings) -> None:
    """A server that no longer knows the statement, as after DISCARD ALL, is asked anew."""
    where = address(settings.dsn, "dsn", None)
    database = Database(where, settings, settings.schema_name, "test")
    await database.open()

    async def thrice(on: Connection) -> list[object]:
        found: list[object] = []
        for _ in range(3):
            row = await on.first_row("SELECT $1::text", "0")
            found.append(row and row[0])
            if len(found) == 1:
                await on.execute("DEALLOCATE ALL")
        return found

    try:
        assert await database.read(thrice) == ["0", "0", "0"]
    finally:
        await database.close()


async def test_what_waited_for_a_lock_sees_what_was_done_under_it(
    settings: ScorePostgresSettings,
) -> None:
    """Any other default is overruled: a snapshot from before the lock would miss an erasure."""
    dsn = settings.dsn.get_secret_value()
    more = "&" if "?" in dsn else "?"
    strict = f"{dsn}{more}default_transaction_isolation=serializable"
    where = address(SecretStr(strict), "dsn", None)
    database = Database(where, settings, settings.schema_name, "test")
    await database.open()
    try:
        shown = "SHOW transaction_isolation"
        assert await database.write(lambda on: on.fetchval(shown)) == "read committed"
        assert await database.once(lambda on: on.fetchval(shown)) == "read committed"
    finally:
        await database.close()
