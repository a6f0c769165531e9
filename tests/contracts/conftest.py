"""Score stores of every kind, for the suites that hold them to the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from plimsoll.adapters.sqlite.store import SqliteScoreStore
from plimsoll.ports.store import ScoreStore
from plimsoll.settings.store import StoreSettings
from tests.contracts.memory_store import Memory, MemoryScoreStore
from tests.contracts.opening import opening
from tests.contracts.postgres import fresh_scores
from tests.contracts.rows import D0, P0, P1

Opener = Callable[[], Awaitable[ScoreStore]]


@pytest.fixture(params=["sqlite", "memory", "postgres"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opener]:
    """Opens stores on the same rows: a second one is a second process."""
    memory = Memory()
    made: Callable[[], ScoreStore] = lambda: MemoryScoreStore(memory)  # noqa: E731 - one of three
    if request.param == "sqlite":
        patient = StoreSettings(path=tmp_path / "store.db", busy_timeout_ms=120_000)
        made = partial(SqliteScoreStore, patient)
    elif request.param == "postgres":
        made = await fresh_scores(request.getfixturevalue("postgres"))
    async with opening(made) as open_one:
        yield open_one


@pytest.fixture
async def store(opened: Opener) -> ScoreStore:
    """A store that has claimed two partitions of scores and one of dead letters."""
    store = await opened()
    await store.claim([P0, P1, D0])
    return store
