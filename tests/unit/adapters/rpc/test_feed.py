"""The one poller that all waiting calls share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from plimsoll.adapters.rpc.feed import ProjectionFeed
from plimsoll.domain.errors import DataRefusedError, FatalError, RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.store import DeadLetterRow, VisibleScore
from tests.contracts.memory_store import Memory, MemoryScoreStore
from tests.contracts.rows import D0, P0, batch, dead, key, score
from tests.support.fake_clock import FakeClock

# More than any machine stands still: deadlines run on the loop's own clock.
LONG = timedelta(seconds=600)


class CountingStore(MemoryScoreStore):
    """Counts look-ups, and fails when told."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self.looks = 0
        self.asked: list[int] = []
        self.faults: list[Exception] = []

    async def next_offsets(self) -> Mapping[TopicPartition, int]:
        """Counts."""
        self.looks += 1
        return await super().next_offsets()

    async def get(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, VisibleScore]:
        """Counts keys."""
        if self.faults:
            raise self.faults.pop(0)
        self.asked.append(len(keys))
        return await super().get(keys)


@pytest.fixture
async def store() -> CountingStore:
    """A store that has claimed its partitions."""
    store = CountingStore(Memory())
    await store.claim([P0, D0])
    return store


@pytest.fixture
async def feed(store: CountingStore) -> AsyncIterator[ProjectionFeed]:
    """A running feed."""
    feed = ProjectionFeed(store, FakeClock(), timedelta(milliseconds=20))
    running = asyncio.create_task(feed.run())
    yield feed
    running.cancel()
    with suppress(asyncio.CancelledError, FatalError):
        await running


async def turns(count: int = 50) -> None:
    """Lets everything else run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_nobody_waits_and_nothing_is_asked(
    feed: ProjectionFeed, store: CountingStore
) -> None:
    """An idle feed leaves the store alone, before the first waiter and after the last."""
    await turns()
    assert store.looks == 0
    assert await feed.outcome(key("a"), timedelta(milliseconds=5)) is None
    await turns()
    looks = store.looks
    await turns()
    assert store.looks == looks
    assert feed.waiters == 0


async def test_a_thousand_waiters_cost_one_look_at_the_offsets(
    feed: ProjectionFeed, store: CountingStore
) -> None:
    """While nothing comes in, keys are looked up once; then all together, in a few bites."""
    waiting = [asyncio.create_task(feed.outcome(key(f"r{n}"), LONG)) for n in range(1_000)]
    await turns(100)
    assert sum(store.asked) == 1_000
    store.asked.clear()
    await store.write(batch(*(score(f"r{n}", n) for n in range(1_000))))
    found = await asyncio.gather(*waiting)
    assert [one.row.key.result_id for one in found if isinstance(one, VisibleScore)] == [
        f"r{n}" for n in range(1_000)
    ]
    assert len(store.asked) <= 4


async def test_what_came_just_before_is_not_missed(
    feed: ProjectionFeed, store: CountingStore
) -> None:
    """A key that was written before its waiter came is found without any movement."""
    first = asyncio.create_task(feed.outcome(key("other"), LONG))
    await turns()
    await store.write(batch(score("a", 0)))
    await turns()
    assert isinstance(await feed.outcome(key("a"), LONG), VisibleScore)
    first.cancel()


async def test_dead_letters_end_a_wait(feed: ProjectionFeed, store: CountingStore) -> None:
    """Whoever waits for a result that is parked learns so."""
    waiting = asyncio.create_task(feed.outcome(key("a"), LONG))
    await turns()
    await store.write(batch(dead(0, source=3, of=key("a"))))
    assert isinstance(await waiting, DeadLetterRow)


async def test_a_store_that_is_away_loses_nobody(
    feed: ProjectionFeed, store: CountingStore
) -> None:
    """A look that fails is made again, though nothing moves any more."""
    waiting = asyncio.create_task(feed.outcome(key("a"), LONG))
    await turns()
    store.faults = [RetryableError("busy"), RetryableError("busy")]
    await store.write(batch(score("a", 0)))
    assert isinstance(await waiting, VisibleScore)
    assert store.faults == []


class RefusingStore(CountingStore):
    """Refuses one key, alone or among others."""

    async def get(self, keys: Sequence[ResultKey]) -> Mapping[ResultKey, VisibleScore]:
        """What is asked for with that key is not answered."""
        if key("odd") in keys:
            raise DataRefusedError("the store refuses a value")
        return await super().get(keys)


async def test_a_key_that_the_store_refuses_ends_its_own_wait() -> None:
    """Whoever waits for another hears of it, and the feed goes on for those who come later."""
    store = RefusingStore(Memory())
    await store.claim([P0, D0])
    feed = ProjectionFeed(store, FakeClock(), timedelta(milliseconds=20))
    running = asyncio.create_task(feed.run())
    await store.write(batch(score("a", 0), score("b", 1)))
    odd, a = (asyncio.create_task(feed.outcome(key(one), LONG)) for one in ("odd", "a"))
    with pytest.raises(DataRefusedError):
        await odd
    assert isinstance(await a, VisibleScore)
    assert isinstance(await feed.outcome(key("b"), LONG), VisibleScore)
    running.cancel()


async def test_a_fatal_store_ends_the_feed(store: CountingStore) -> None:
    """FatalError passes through to whoever runs the feed."""
    feed = ProjectionFeed(store, FakeClock(), timedelta(milliseconds=20))
    store.faults = [FatalError("damaged")]
    waiting = asyncio.create_task(feed.outcome(key("a"), LONG))
    with pytest.raises(FatalError, match="damaged"):
        await feed.run()
    waiting.cancel()


async def test_a_drain_lets_everybody_go(feed: ProjectionFeed) -> None:
    """Those who wait hear so at once, and those who come later too."""
    waiting = asyncio.create_task(feed.outcome(key("a"), LONG))
    moved = feed.movement()
    await turns()
    feed.drain()
    with pytest.raises(RetryableError, match="stopping"):
        await waiting
    with pytest.raises(RetryableError, match="stopping"):
        await feed.outcome(key("b"), LONG)
    assert moved.is_set()
