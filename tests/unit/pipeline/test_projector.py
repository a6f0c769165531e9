"""The indexer's loop on a log and a store in memory."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from plimsoll.domain.errors import FatalError, FencedError, RetryableError
from plimsoll.domain.record import OutRecord, TopicPartition
from plimsoll.ports.store import ScoreFilter
from plimsoll.ports.telemetry import (
    EVENTS_PROJECTED,
    INDEXER_LAG,
    OFFSETS_MISSING,
    RECORDS_UNREADABLE,
    STORE_ROWS,
    STORE_WAITS,
)
from tests.unit.pipeline.projecting import DELAY, GROUP, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Topics and a store without anybody at work."""
    one = World()
    yield one
    await one.close()


async def visible(world: World) -> set[str]:
    """IDs that the store shows."""
    page, _ = await world.indexers[0].store.list(ScoreFilter(), 10_000, "")
    return {found.row.key.result_id for found in page}


def fill(world: World, count: int) -> set[str]:
    """Publishes so many scores, and a dead letter for every fifth."""
    names = {f"r{n}" for n in range(count)}
    for n in range(count):
        world.score(f"r{n}")
        if n % 5 == 0:
            world.park(f"dead-{n}")
    return names


async def test_everything_is_projected(world: World) -> None:
    """Scores and dead letters come into the store; the figures of the funnel follow."""
    names = fill(world, 50)
    one = world.start()
    await world.until(world.projected)
    assert await visible(world) == names
    rows = (STORE_ROWS.name, "visible")
    await world.until(lambda: one.figures.totals[rows] == 50)
    assert one.figures.totals[STORE_ROWS.name, "dead"] == 10
    assert one.figures.totals[EVENTS_PROJECTED.name,] == 60
    assert one.figures.totals[INDEXER_LAG.name, "scores", "0"] == 0


async def test_the_store_says_where_to_go_on(world: World) -> None:
    """What the group has committed is not believed: it may be ahead of a store that was lost."""
    names = fill(world, 20)
    for n in (0, 1):
        world.log.commits[GROUP, TopicPartition("scores", n)] = (9, "")
    world.start()
    await world.until(world.projected)
    assert await visible(world) == names


async def test_a_second_run_reads_nothing_twice(world: World) -> None:
    """After a stop the next indexer goes on after the last written event."""
    fill(world, 20)
    first = world.start()
    await world.until(world.projected)
    first.projector.stop()
    await first.running
    world.score("later")
    second = world.start()
    await world.until(world.projected)
    assert second.figures.totals[EVENTS_PROJECTED.name,] == 1


async def test_a_stop_tells_the_group(world: World) -> None:
    """The group's offsets are those of the store when an indexer leaves."""
    fill(world, 20)
    one = world.start()
    await world.until(world.projected)
    one.projector.stop()
    await one.running
    for n in (0, 1):
        end = len(world.log.topics["scores"][n])
        assert world.log.committed(GROUP, "scores", n) == end


async def test_poison_on_our_own_topics_is_passed_over(world: World) -> None:
    """Bytes that are no event, and numbers no store can hold, cost their row and nothing else."""
    world.score("before")
    for value in (b"\xff\xff\xff", b"", None):
        world.log.append(OutRecord("scores", b"default/x", value))
    world.score("huge", revision=2**63)
    world.log.append(OutRecord("dead", b"default/x", b"", (("plimsoll-dlq-topic", b"t"),)))
    world.score("after")
    one = world.start()
    await world.until(world.projected)
    assert await visible(world) == {"before", "after"}
    totals = one.figures.totals
    skipped = sum(n for labels, n in totals.items() if labels[0] == RECORDS_UNREADABLE.name)
    assert skipped == 5
    assert totals[RECORDS_UNREADABLE.name, "scores", "out_of_range"] == 1


async def test_a_store_that_is_away_is_waited_for(world: World) -> None:
    """Nothing is lost or doubled, and the member goes on polling while it waits."""
    names = fill(world, 30)
    one = world.start()
    one.store.faults = [RetryableError("disk full", DELAY) for _ in range(6)]
    await world.until(world.projected)
    assert await visible(world) == names
    assert one.figures.totals[STORE_WAITS.name,] == 6
    assert len(world.memory.events) == 30


async def test_partitions_move_while_the_store_is_away(world: World) -> None:
    """A batch in hand is dropped with its partition; whoever has it now reads it again."""
    names = fill(world, 30)
    first = world.start()
    await first.ready.wait()
    first.store.faults = [RetryableError("disk full", DELAY) for _ in range(40)]
    await world.until(lambda: first.store.attempts > 2)
    second = world.start()
    await world.until(world.projected)
    assert await visible(world) == names
    assert len(world.memory.events) == 30
    assert second.figures.totals[EVENTS_PROJECTED.name,] > 0


async def test_a_fenced_writer_claims_anew(world: World) -> None:
    """Somebody claimed our partitions: what was in hand is read again, nothing falls between."""
    names = fill(world, 30)
    one = world.start()
    one.store.faults = [FencedError("another claimed it")]
    await world.until(world.projected)
    assert await visible(world) == names
    assert len(world.memory.events) == 30


async def test_an_emptied_store_is_filled_again(world: World) -> None:
    """A rebuild under a running indexer that has nothing to write is noticed all the same."""
    names = fill(world, 30)
    world.start()
    await world.until(world.projected)
    world.memory.events.clear()
    world.memory.letters.clear()
    for tp in world.memory.offsets:
        world.memory.offsets[tp] = 0
        world.memory.epochs[tp] += 1
    await world.until(world.projected)
    assert await visible(world) == names


async def test_a_topic_that_was_recreated(world: World) -> None:
    """A stored offset beyond the topic's end is fatal, and says what to do."""
    world.memory.offsets[TopicPartition("scores", 1)] = 100
    world.score("a")
    one = world.start()
    with pytest.raises(FatalError, match=r"scores-1 up to 100.*--rebuild"):
        await one.running


async def test_offsets_that_are_gone_are_counted(world: World) -> None:
    """Where retention was faster than the indexer, it goes on and says how many are missing."""
    fill(world, 20)
    for number, records in enumerate(world.log.topics["scores"]):
        world.memory.offsets[TopicPartition("scores", number)] = 1
        gone = records[1:4]
        records[1:4] = [record._replace(offset=4) for record in records[4:5] * len(gone)]
    one = world.start()
    await world.until(world.projected)
    assert one.figures.totals[OFFSETS_MISSING.name, "scores"] == 6


async def test_an_idle_indexer_tends_its_store(world: World) -> None:
    """Where no batch comes, what time asks of the store is done all the same."""
    one = world.start()
    await world.until(lambda: one.store.tended > 2)
    assert one.store.attempts == 0


async def test_a_fatal_store_ends_it(world: World) -> None:
    """FatalError passes through, and the group is told nothing of what was not written."""
    fill(world, 5)
    one = world.start()
    one.store.faults = [FatalError("damaged")]
    with pytest.raises(FatalError, match="damaged"):
        await one.running
    assert world.log.history == []


async def test_who_may_not_commit_leaves_the_group(world: World) -> None:
    """A right that is taken away ends an indexer, and the others need not wait for it to be out."""
    one = world.start()
    # As many as it may try, at its end too.
    one.consumer.commit_errors = [FatalError("not authorised for the group")] * 100
    fill(world, 5)
    with pytest.raises(FatalError, match="not authorised"):
        await one.running
    assert one.consumer not in world.log.members


@pytest.mark.parametrize("seed", range(20))
async def test_any_trouble_ends_in_the_same_rows(world: World, seed: int) -> None:
    """Members that come, go and die, faults and fences in any order: each event counts once."""
    draw = random.Random(seed)
    published = 0
    world.start(draw.randint(1, 9))
    for _ in range(25):
        for _ in range(draw.randint(0, 6)):
            world.score(f"r{published}")
            published += 1
        one = draw.choice(world.indexers)
        match draw.choice(["fault", "fence", "join", "leave", "die", "rebalance"]):
            case "fault":
                one.store.faults.append(RetryableError("away", DELAY))
            case "fence":
                one.store.faults.append(FencedError("claimed"))
            case "join" if len(world.indexers) < 4:
                world.start(draw.randint(1, 9))
            case "leave":
                one.projector.stop()
            case "die":
                one.consumer.vanish()
                one.running.cancel()
                await world.log.rebalance(GROUP)
            case _:
                await world.log.rebalance(GROUP)
        for _ in range(draw.randint(0, 30)):
            await asyncio.sleep(0)
    world.start()
    await world.until(world.projected)
    assert await visible(world) == {f"r{n}" for n in range(published)}
    assert len(world.memory.events) == published
