"""A process that takes of one quota again and again, by a clock that stands still."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from plimsoll.adapters.postgres.judge_store import PostgresJudgeStore
from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.ports.judge_store import JudgeStore
from plimsoll.ports.quotas import Quota
from plimsoll.settings.judges import JudgeSettings
from plimsoll.settings.model import load_settings
from plimsoll.settings.postgres import StoreKind
from tests.support.fake_clock import FakeClock

# Ten a second, one at once.
QUOTA = Quota("eu/model", 600, None, timedelta(milliseconds=100))


async def take(settings: JudgeSettings, name: str, times: int) -> None:
    """Takes without waiting, and says how long each grant would have to."""
    store: JudgeStore = SqliteJudgeStore(settings, FakeClock())
    if settings.store.kind is StoreKind.POSTGRES:
        store = PostgresJudgeStore(settings.store.postgres, FakeClock())
    await store.start()
    for _ in range(times):
        grant = await store.take(QUOTA, 0)
        print(name, grant.wait.total_seconds(), flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(take(load_settings().judges, sys.argv[1], int(sys.argv[2])))
