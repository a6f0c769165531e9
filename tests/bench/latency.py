"""From publish to visible, at half of what one core can score, with the indexer at work."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.records import sample_records
from tests.bench.rig import Rig, say
from tests.support.load import producing
from tests.support.services import wait_for_members

LOOK_EVERY_S = 0.004
DEADLINE_S = 300.0


async def measure(rig: Rig, sample: Sequence[bytes], per_core_second: float) -> list[Figure]:
    """Publishes at a steady rate and watches the store; both on this process's clock."""
    rate = per_core_second / 2
    rig.fleet.scorer(rig.settings)
    rig.fleet.indexer(rig.settings)
    await wait_for_members(rig.bootstrap, rig.settings.scorer.group_id, 1)
    # Warms both services and makes the store's file.
    await run_at(rig, sample, rate, 1.0, "warm")
    taken = sorted(await run_at(rig, sample, rate, rig.sizes.latency_seconds, "lat"))
    p50, p99 = (taken[min(int(len(taken) * part), len(taken) - 1)] * 1e3 for part in (0.5, 0.99))
    say(f"latency at {rate:,.0f}/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    return [
        Figure("publish_to_visible_p50", p50, "ms"),
        Figure("publish_to_visible_p99", p99, "ms", aim="under 250 ms"),
        Figure("publish_to_visible_load", rate, "1/s"),
    ]


async def run_at(
    rig: Rig, sample: Sequence[bytes], rate: float, seconds: float, prefix: str
) -> list[float]:
    """Seconds from handing each record to the producer until a reader saw its row."""
    records = list(sample_records(sample, max(int(rate * seconds), 20), prefix))
    sent: dict[str, float] = {}
    watcher = asyncio.create_task(watch(rig.settings.store.path, sent, len(records)))
    async with producing(rig.bootstrap) as producer:
        start = time.monotonic()
        for number, (key, value) in enumerate(records):
            ahead = start + number / rate - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
            sent[key.decode()] = time.monotonic()
            await producer.send(rig.settings.topics.results, value, key=key)
        await producer.flush()
        return await watcher


async def watch(path: Path, sent: dict[str, float], count: int) -> list[float]:
    """Polls for new rows until all have come."""
    deadline = time.monotonic() + DEADLINE_S
    waits: list[float] = []
    last = 0
    while len(waits) < count:
        await asyncio.sleep(LOOK_EVERY_S)
        for row_id, tenant, result_id in new_rows(path, last):
            last = row_id
            at = sent.get(f"{tenant}/{result_id}")
            if at is not None:
                waits.append(time.monotonic() - at)
        if time.monotonic() > deadline:
            raise AssertionError(f"{len(waits)} of {count} became visible in {DEADLINE_S} s")
    return waits


def new_rows(path: Path, after: int) -> list[tuple[int, str, str]]:
    """Rows that came after one."""
    statement = "SELECT id, tenant, result_id FROM visible WHERE id > ? ORDER BY id"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(statement, (after,)).fetchall()
    except sqlite3.OperationalError:
        # The indexer has yet to make the file.
        return []
