"""The score store in PostgreSQL beside bare calls of its driver that do the same job."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import psutil

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.postgres.looking_up import GET
from plimsoll.adapters.postgres.rows import VISIBLE_COLUMNS, visible_values
from plimsoll.adapters.postgres.store import PostgresScoreStore
from plimsoll.ports.store import ScoreRow
from tests.bench.figures import Figure
from tests.bench.rig import Sizes, say
from tests.contracts.postgres import migrated_scores
from tests.contracts.rows import P0, batch, key, score
from tests.support.postgres import PostgresServer

if TYPE_CHECKING:
    Bare = asyncpg.Connection[asyncpg.Record]

ROWS = 500
_SLICES = 4
PAYLOAD = b"x" * 2_000
_TYPES = (
    *("text", "text", "text", "bigint", "text", "text", "text", "bigint", "bigint"),
    *("timestamptz", "text", "text", "text", "float8", "float8", "bigint", "bytea"),
)
_COLUMNS = ", ".join(VISIBLE_COLUMNS)
# One table with the indexes that look-ups, lists and watches need, and the offset in another.
_PLAIN = f"""
    CREATE TABLE plain (
        {", ".join(f"{name} {kind}" for name, kind in zip(VISIBLE_COLUMNS, _TYPES, strict=True))},
        PRIMARY KEY (tenant, result_id)
    );
    CREATE INDEX ON plain (event_time, tenant, result_id);
    CREATE INDEX ON plain (tenant, event_time, result_id);
    CREATE INDEX ON plain (topic, log_partition, log_offset);
    CREATE TABLE plain_offsets (log_partition bigint PRIMARY KEY, next_offset bigint);
    INSERT INTO plain_offsets VALUES (0, 0);
"""
_UPSERT = f"""
    INSERT INTO plain AS p ({_COLUMNS})
    SELECT * FROM unnest({", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_TYPES, 1))})
    ON CONFLICT (tenant, result_id) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in VISIBLE_COLUMNS[2:])}
    WHERE (-excluded.revision, excluded.log_offset) < (-p.revision, p.log_offset)
"""


class Meter:
    """Processor time of this process and of the server, which others' load does not stretch."""

    def __init__(self, server: PostgresServer) -> None:
        if server.process is None:
            raise AssertionError("the server does not run")
        self._server = psutil.Process(server.process.pid)
        # As in "postgres: plimsoll postgres 127.0.0.1(34402) idle".
        self._of_a_client = f"{server.host}("

    def now(self) -> float:
        """Seconds so far; both sides keep their connections, so that none of these goes.

        What the server does by itself, as vacuuming, comes and goes.
        """
        total = time.process_time()
        for one in self._server.children():
            with suppress(psutil.NoSuchProcess):
                if self._of_a_client in " ".join(one.cmdline()):
                    times = one.cpu_times()
                    total += times.user + times.system
        return total


async def measure(server: PostgresServer, sizes: Sizes) -> list[Figure]:
    """Batches of rows of 2 kB, then look-ups one after another, each in turn with the driver's."""
    settings = (await migrated_scores(server)).model_copy(update={"pool_size": 2})
    store = PostgresScoreStore(settings, SystemClock())
    await store.start()
    await store.claim([P0])
    bare = await asyncpg.connect(
        server.dsn(), server_settings={"search_path": settings.schema_name}, command_timeout=120.0
    )
    await bare.execute(_PLAIN)
    try:
        meter = Meter(server)
        upserted = await upserts(store, bare, sizes, meter)
        await bare.execute("ANALYZE")
        return [upserted, await look_ups(store, bare, sizes, meter)]
    finally:
        await bare.close()
        await store.close()


async def upserts(store: PostgresScoreStore, bare: Bare, sizes: Sizes, meter: Meter) -> Figure:
    """Rows a second of a core, in transactions of five hundred with their offset."""
    spent: dict[str, list[float]] = {"store": [], "bare": []}
    at = 0
    for number in range(_SLICES * sizes.repetitions + 2):
        rows = made(at)
        at += ROWS
        began = meter.now()
        await store.write(batch(*rows))
        between = meter.now()
        await upsert(bare, rows, at)
        if number >= 2:
            spent["store"].append(between - began)
            spent["bare"].append(meter.now() - between)
    mine, theirs = sum(spent["store"]), sum(spent["bare"])
    count = ROWS * len(spent["store"])
    say(f"store: {mine / count * 1e6:.0f} µs a row, the driver alone {theirs / count * 1e6:.0f}")
    aim = "rows per core: 0.8 of bare upserts or more"
    return Figure("postgres_upserts", count / mine, "1/s", count / theirs, theirs / mine, aim)


async def upsert(bare: Bare, rows: Sequence[ScoreRow], offset: int) -> None:
    """What somebody would write who has only the driver."""
    async with bare.transaction():
        columns = zip(*(visible_values(row, 0) for row in rows), strict=True)
        await bare.execute(_UPSERT, *(list(column) for column in columns))
        await bare.execute("UPDATE plain_offsets SET next_offset = $1", offset)


async def look_ups(store: PostgresScoreStore, bare: Bare, sizes: Sizes, meter: Meter) -> Figure:
    """Look-ups a second of a core, one after another."""
    calls = max(sizes.calls // 4, 20)
    spent: dict[str, list[float]] = {"store": [], "bare": []}
    for number in range(_SLICES * sizes.repetitions + 1):
        began = meter.now()
        for n in range(calls):
            assert await store.get([key(f"r{n % ROWS}")])
        between = meter.now()
        for n in range(calls):
            assert await bare.fetchrow(GET, "default", f"r{n % ROWS}")
        if number:
            spent["store"].append(between - began)
            spent["bare"].append(meter.now() - between)
    mine, theirs = sum(spent["store"]), sum(spent["bare"])
    count = calls * len(spent["store"])
    say(f"store: {mine / count * 1e6:.0f} µs a look-up, driver {theirs / count * 1e6:.0f}")
    aim = "calls per core: 0.8 of bare ones or more"
    return Figure("postgres_look_ups", count / mine, "1/s", count / theirs, theirs / mine, aim)


def made(start: int) -> list[ScoreRow]:
    """New results of the last weeks, each tenth a rescore of one before."""
    rows = []
    for n in range(start, start + ROWS):
        of, revision = (n - ROWS, n) if n % 10 == 9 and n >= ROWS else (n, 0)
        row = score(f"r{of}", n, revision=revision, age_s=of % 1_000_000, payload=PAYLOAD)
        rows.append(replace(row, score_id=uuid4().hex))
    return rows
