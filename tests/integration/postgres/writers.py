"""Processes that write batches to a store until they are killed."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

import asyncpg

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.postgres.connecting import address, connect
from plimsoll.adapters.postgres.store import PostgresScoreStore
from plimsoll.ports.store import DeadLetterRow, ScoreRow
from plimsoll.settings.postgres import ScorePostgresSettings
from tests.contracts.rows import D0, P0, batch, dead, score

if TYPE_CHECKING:
    Held = asyncpg.Connection[asyncpg.Record]

ROWS = 20


def events(start: int, end: int) -> Iterator[ScoreRow | DeadLetterRow]:
    """What stands on the topics: every fourth event a duplicate, every seventh a rescore."""
    for n in range(start, end):
        of = n - (n % 4 == 3)
        yield score(
            f"r{of % 500}", n, revision=of if n % 7 == 6 else 0, digest=f"d{of // 500}", age_s=n % 9
        )
        yield dead(n, source=n)


async def write_on(settings: ScorePostgresSettings, tell: Connection) -> None:
    """Goes on at the store's own offset; tells each offset that it has written up to."""
    store = PostgresScoreStore(settings, SystemClock())
    await store.start()
    at = (await store.claim([P0, D0]))[P0]
    while True:
        await store.write(batch(*events(at, at + ROWS)))
        at += ROWS
        tell.send(at)


async def in_a_transaction(settings: ScorePostgresSettings) -> Held:
    """A writer's connection that stands still in a transaction, and holds every partition.

    One whose begin has taken longer than its own limits is begun anew.
    """
    where = address(settings.dsn, "dsn", None)
    while True:
        connection = await connect(where, settings, settings.schema_name, "frozen")
        try:
            # In one message: it may stand still behind it, and not within.
            await connection.execute("BEGIN; SELECT * FROM offsets FOR UPDATE")
        except (asyncpg.PostgresError, TimeoutError):
            connection.terminate()
        else:
            return connection


def run(settings: ScorePostgresSettings, tell: Connection) -> None:
    """The process."""
    asyncio.run(write_on(settings, tell))


class Nursery:
    """Starts writers quickly: a server process has imported all that they need."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def start(self, settings: ScorePostgresSettings) -> tuple[BaseProcess, Connection]:
        """A writer, and where it tells what it has written."""
        listen, tell = self._context.Pipe(duplex=False)
        process = self._context.Process(target=run, args=(settings, tell), daemon=True)
        process.start()
        tell.close()
        return process, listen
