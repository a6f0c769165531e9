"""A process that writes batches to a store until it is killed; it prints what is written.

Run as `python -m tests.unit.adapters.sqlite.writer FILE`: goes on at the store's own offset.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from plimsoll.adapters.sqlite.store import SqliteScoreStore
from plimsoll.settings.store import StoreSettings
from tests.contracts.rows import D0, P0, batch, dead, score

ROWS = 20


async def write_on(path: Path) -> None:
    """Writes rows whose IDs are their offsets, with every fourth a duplicate of the one before."""
    store = SqliteScoreStore(StoreSettings(path=path, busy_timeout_ms=120_000))
    await store.start()
    offsets = await store.claim([P0, D0])
    at = offsets[P0]
    while True:
        rows = [
            score(f"r{n - (n % 4 == 3)}", n, payload=b"x" * 3_000) for n in range(at, at + ROWS)
        ]
        letters = [dead(n, source=n) for n in range(at, at + ROWS)]
        await store.write(batch(*rows, *letters))
        at += ROWS
        print(at, flush=True)


if __name__ == "__main__":
    asyncio.run(write_on(Path(sys.argv[1])))
