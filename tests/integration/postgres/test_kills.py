"""Writers and servers that die in the middle leave a store that is whole."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.postgres.store import PostgresScoreStore
from tests.contracts.postgres import migrated_scores
from tests.contracts.rows import D0, P0, batch
from tests.integration.postgres.dump import assert_whole, dump
from tests.integration.postgres.writers import Nursery, events
from tests.support.postgres import PostgresServer, temporary_directory

KILLS = 50
# A crash of the server at each so many-th kill.
CRASH_EVERY = 10
_DEADLINE_S = 300.0


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server of the test's own, that it may kill."""
    directory = temporary_directory()
    server = PostgresServer(directory)
    server.start()
    yield server
    server.remove()


async def left_alone(server: PostgresServer) -> None:
    """Returns when nobody is connected: what a writer has sent is done after its death, too."""
    others = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
    async with asyncio.timeout(_DEADLINE_S):
        while server.sql(f"SELECT 1 FROM pg_stat_activity WHERE {others}"):  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.05)


@pytest.mark.fault
async def test_fifty_kills_leave_the_store_whole(own_postgres: PostgresServer) -> None:
    """SIGKILL of the writer fifty times, five times a crash of the server with it.

    After each no batch is there in part and none that was acknowledged is lost; in the end the
    store says what one does that was written in peace, in other bites.
    """
    settings = await migrated_scores(own_postgres)
    nursery, chance = Nursery(), random.Random(1912)
    acknowledged = 0
    for kill in range(1, KILLS + 1):
        writer, told = nursery.start(settings)
        for _ in range(chance.randint(1, 3)):
            assert told.poll(_DEADLINE_S)
            acknowledged = told.recv()
        # Somewhere within the next batch.
        await asyncio.sleep(chance.uniform(0.0, 0.02))
        if kill % CRASH_EVERY == 0:
            own_postgres.crash()
        writer.kill()
        writer.join()
        while told.poll(0):
            try:
                acknowledged = told.recv()
            except EOFError:
                break
        assert_whole(own_postgres, settings, acknowledged)
    await left_alone(own_postgres)
    killed = dump(own_postgres, settings)
    in_peace = await migrated_scores(own_postgres)
    store = PostgresScoreStore(in_peace, SystemClock())
    await store.start()
    await store.claim([P0, D0])
    end = len(killed["dead_letters"])
    for start in range(0, end, 333):
        await store.write(batch(*events(start, min(end, start + 333))))
    await store.close()
    assert acknowledged > KILLS
    assert dump(own_postgres, in_peace) == killed


async def test_a_backup_restores_everything(postgres: PostgresServer, tmp_path: Path) -> None:
    """pg_dump of the schema and pg_restore into another database give the same store."""
    settings = await migrated_scores(postgres)
    store = PostgresScoreStore(settings, SystemClock())
    await store.start()
    await store.claim([P0, D0])
    await store.write(batch(*events(0, 300)))
    await store.close()
    file = str(tmp_path / "scores.dump")
    postgres.run("pg_dump", "-Fc", "-n", settings.schema_name, "-f", file, postgres.dsn())
    database = postgres.create_database()
    postgres.run("pg_restore", "-d", postgres.dsn(database), "--exit-on-error", file)
    assert dump(postgres, settings, database) == dump(postgres, settings)
    restored = settings.model_copy(update={"dsn": type(settings.dsn)(postgres.dsn(database))})
    again = PostgresScoreStore(restored, SystemClock())
    await again.start()
    assert await again.claim([P0, D0]) == {P0: 300, D0: 300}
    await again.write(batch(*events(300, 310)))
    await again.close()
