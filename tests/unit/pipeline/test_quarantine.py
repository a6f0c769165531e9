"""Records that kill are found out; records that only stood by are not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.record import Record
from plimsoll.pipeline.attempt import Outcomes
from tests.unit.pipeline.stage import Stage, Worker, publish


class Killer:
    """A path that is a SIGKILL for whoever begins one of these records."""

    def __init__(self, *deadly: tuple[int, int]) -> None:
        self.deadly = set(deadly)
        self.deaths = 0
        self.worker: Worker | None = None

    def __call__(self, record: Record) -> Outcomes | Coroutine[Any, Any, Outcomes]:
        """Publishes, or never comes back."""
        if (record.partition, record.offset) in self.deadly:
            return self._die()
        return publish(record)

    async def _die(self) -> Outcomes:
        self.deaths += 1
        assert self.worker is not None
        self.worker.is_killed()
        await asyncio.Event().wait()
        raise AssertionError("nobody comes back")


async def run_until_done(stage: Stage, killer: Killer, total: int) -> None:
    """Starts a worker whenever one has died, until everything is committed."""
    for _ in range(12):
        worker = killer.worker = stage.worker(killer)

        def over(worker: Worker = worker) -> bool:
            done = sum(stage.committed(p) for p in range(stage.partitions)) == total
            return worker.running.done() or done

        await stage.until(over, turns=100_000)
        if not worker.running.done():
            await worker.drains()
            return
    raise AssertionError(f"{killer.deaths} deaths and no end")


async def test_a_record_that_always_kills_is_quarantined() -> None:
    """The deadly record is parked as crashed after at most six deaths; every other is scored."""
    stage = Stage()
    stage.feed(60)
    killer = Killer((0, 31))
    await run_until_done(stage, killer, 60)
    assert stage.dead() == [("0-31", "crashed")]
    assert set(stage.scored()) == {f"0-{n}" for n in range(60) if n != 31}
    assert killer.deaths <= 6


async def test_a_neighbour_partition_is_not_blamed() -> None:
    """Two partitions of one worker, a killer in each: those two are parked, and no other."""
    stage = Stage(partitions=3)
    for partition in range(3):
        stage.feed(30, partition=partition)
    killer = Killer((0, 0), (1, 7))
    await run_until_done(stage, killer, 90)
    assert sorted(stage.dead()) == [("0-0", "crashed"), ("1-7", "crashed")]
    assert len(set(stage.scored())) == 88


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=12))
def test_kills_at_random_blame_nobody(turns: list[int]) -> None:
    """Workers that are killed from outside, at any time and again and again, park no record."""

    async def play() -> None:
        stage = Stage(partitions=2)
        stage.feed(150, partition=0)
        stage.feed(150, partition=1)
        for pause in turns:
            worker = stage.worker(publish)
            for _ in range(pause):
                await asyncio.sleep(0)
            await worker.dies()
        last = stage.worker(publish)
        await stage.until(lambda: stage.committed(0) + stage.committed(1) == 300, turns=100_000)
        await last.drains()
        assert stage.dead() == []
        assert len(set(stage.scored())) == 300

    asyncio.run(play())


async def test_a_drain_in_the_middle_of_care_loses_no_count() -> None:
    """A worker that leaves while it reads with care hands the care to the next one."""
    stage = Stage()
    stage.feed(40)
    killer = Killer((0, 20))
    for _ in range(3):
        worker = killer.worker = stage.worker(killer)
        await stage.until(worker.running.done)
    begun: list[int] = []

    def stands_still(record: Record) -> Outcomes | Coroutine[Any, Any, Outcomes]:
        begun.append(record.offset)
        return stuck() if record.offset == 20 else publish(record)

    careful = stage.worker(stands_still)
    await stage.until(lambda: stage.clock.seconds > 1_030)
    assert begun[-1] == 20
    await careful.drains()
    await run_until_done(stage, killer, 40)
    assert stage.dead() == [("0-20", "crashed")]


async def stuck() -> Outcomes:
    """Never ends."""
    await asyncio.Event().wait()
    return ()
