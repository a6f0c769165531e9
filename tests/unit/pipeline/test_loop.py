"""The consume loop: nothing is committed before it is done, nothing is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from plimsoll.domain.errors import FatalError, PoisonError, RetryableError
from plimsoll.domain.outcome import Park, Publish, Skip
from plimsoll.domain.record import OutRecord, Record
from plimsoll.pipeline.attempt import Outcomes
from plimsoll.pipeline.limits import Limits
from plimsoll.ports.telemetry import DEAD_LETTERS, POISON_PAUSES, RESULTS_PUBLISHED
from tests.unit.pipeline.stage import GROUP, Stage, publish


async def test_every_record_is_published_and_committed() -> None:
    """A drain leaves nothing undone: all are published and the last offset is committed."""
    stage = Stage()
    stage.feed(100)
    worker = stage.worker(publish)
    await stage.until(lambda: len(stage.scored()) == 100)
    await worker.drains()
    assert stage.committed() == 100
    assert worker.telemetry.value(RESULTS_PUBLISHED, ("scores",)) == 100


async def test_nothing_is_committed_before_it_is_acknowledged() -> None:
    """While the brokers have not acknowledged a publication its offset is not committed."""
    stage = Stage()
    stage.feed(3)
    worker = stage.worker(publish)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_010)
    assert stage.committed() == 0
    worker.producer.release()
    await stage.until(lambda: stage.committed() == 3)
    await worker.drains()


async def test_late_acknowledgements_hold_the_prefix() -> None:
    """Publications may be acknowledged in any order; the commit stops at the first that is not."""
    stage = Stage()
    stage.feed(4)
    worker = stage.worker(publish)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_002)
    for key in (b"0-0", b"0-2", b"0-3"):
        worker.producer.release(key)
    await stage.until(lambda: stage.committed() == 1)
    worker.producer.release()
    await stage.until(lambda: stage.committed() == 4)
    await worker.drains()


async def test_a_record_with_many_outcomes_is_done_when_all_are() -> None:
    """A batch with a good, a poisonous and an idle result is done once two records have arrived."""
    stage = Stage()
    stage.feed(1)

    def path(record: Record) -> Outcomes:
        return (*publish(record), Park("bad", "no text", 1), Skip("empty"))

    worker = stage.worker(path)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_002)
    assert stage.committed() == 0
    worker.producer.release()
    await stage.until(lambda: stage.committed() == 1)
    assert (stage.scored(), stage.dead()) == (["0-0"], [("0-0", "bad")])
    await worker.drains()


async def test_poison_and_mistakes_are_parked_among_good_neighbours() -> None:
    """What a path raises parks its record with a reason; the records around it are scored."""
    stage = Stage()
    stage.feed(4)

    def path(record: Record) -> Outcomes:
        if record.offset == 1:
            raise PoisonError("truncated", "ends early")
        if record.offset == 2:
            raise ZeroDivisionError
        return publish(record)

    worker = stage.worker(path)
    await stage.until(lambda: stage.committed() == 4)
    assert stage.scored() == ["0-0", "0-3"]
    assert stage.dead() == [("0-1", "truncated"), ("0-2", "internal_error")]
    assert worker.telemetry.value(DEAD_LETTERS, ("truncated",)) == 1
    await worker.drains()


@pytest.mark.parametrize("waits", [False, True])
async def test_a_fatal_error_passes_through_and_commits_nothing(waits: bool) -> None:
    """FatalError ends the worker at once, whether the path waits or not; no offset moves."""
    stage = Stage()
    stage.feed(5)

    def path(record: Record) -> Outcomes | Coroutine[Any, Any, Outcomes]:
        if record.offset < 3:
            return publish(record)
        if waits:
            return slow_end()
        raise FatalError("the plan is gone")

    async def slow_end() -> Outcomes:
        await asyncio.sleep(0)
        raise FatalError("the plan is gone")

    worker = stage.worker(path)
    with pytest.raises(FatalError, match="the plan is gone"):
        await worker.running
    assert stage.committed() == 0


async def test_a_failed_send_is_tried_again() -> None:
    """Sends that fail with RetryableError are repeated until each record arrived once."""
    stage = Stage()
    stage.feed(5)
    worker = stage.worker(publish)
    worker.producer.send_errors = [RetryableError("broker away")] * 7
    await stage.until(lambda: stage.committed() == 5)
    assert sorted(stage.scored()) == [f"0-{n}" for n in range(5)]
    await worker.drains()


async def test_an_event_that_brokers_refuse_is_parked() -> None:
    """A scored event that is too large for its topic ends as a dead letter, not in a loop."""
    stage = Stage()
    stage.feed(1)
    worker = stage.worker(publish)
    worker.producer.send_errors = [PoisonError("too_large", "2 MB")]
    await stage.until(lambda: stage.committed() == 1)
    assert stage.dead() == [("0-0", "unpublishable")]
    await worker.drains()


async def test_a_dead_letter_that_brokers_refuse_goes_by_reference() -> None:
    """A record too large even for the dead letters leaves its coordinates there."""
    stage = Stage()
    stage.feed(1)
    worker = stage.worker(lambda _: (Park("too_large", "9 MB"),))
    worker.producer.send_errors = [PoisonError("too_large", "9 MB")]
    await stage.until(lambda: stage.committed() == 1)
    assert stage.dead() == [("", "too_large")]
    await worker.drains()


async def test_a_refused_reference_is_fatal() -> None:
    """A dead-letter topic that takes nothing at all stops the worker, which loses nothing."""
    stage = Stage()
    stage.feed(1)
    worker = stage.worker(lambda _: (Park("too_large", "9 MB"),))
    worker.producer.send_errors = [PoisonError("too_large", "9 MB")] * 2
    with pytest.raises(FatalError, match="too_large"):
        await worker.running
    assert stage.committed() == 0


async def test_slow_records_do_not_hold_up_fast_ones() -> None:
    """A record that waits is overtaken; the commit waits for it."""
    stage = Stage()
    stage.feed(10)
    done = asyncio.Event()

    async def slow(record: Record) -> Outcomes:
        await done.wait()
        return publish(record)

    worker = stage.worker(lambda r: slow(r) if r.offset == 0 else publish(r))
    await stage.until(lambda: len(stage.scored()) == 9)
    await stage.until(lambda: stage.clock.seconds > 1_010)
    assert stage.committed() == 0
    done.set()
    await stage.until(lambda: stage.committed() == 10)
    await worker.drains()


async def test_in_flight_is_bounded() -> None:
    """However many records wait, no more than the limits allow are in work."""
    stage = Stage(limits=Limits(max_in_flight=30, max_in_flight_per_partition=20), partitions=2)
    stage.feed(200, partition=0)
    stage.feed(200, partition=1)
    begun: list[int] = []
    never = asyncio.Event()

    async def wait(record: Record) -> Outcomes:
        begun.append(record.partition)
        await never.wait()
        return publish(record)

    worker = stage.worker(wait)
    await stage.until(lambda: stage.clock.seconds > 1_005)
    assert len(begun) <= 30
    assert max(begun.count(0), begun.count(1)) <= 20
    assert min(begun.count(0), begun.count(1)) > 0
    await worker.dies()


async def test_the_span_behind_a_straggler_is_bounded() -> None:
    """One record that never ends does not let its partition run ahead without end."""
    stage = Stage(limits=Limits(max_span=50))
    stage.feed(500)
    never = asyncio.Event()

    async def stuck(record: Record) -> Outcomes:
        await never.wait()
        return publish(record)

    worker = stage.worker(lambda r: stuck(r) if r.offset == 0 else publish(r))
    await stage.until(lambda: stage.clock.seconds > 1_020)
    assert len(stage.scored()) < 50 + Limits().max_in_flight_per_partition
    await worker.dies()


async def test_a_drain_that_runs_out_commits_the_prefix() -> None:
    """After drain_timeout the finished prefix is committed and the rest is left to others."""
    stage = Stage(limits=Limits(drain_timeout_s=2.0))
    stage.feed(5)
    never = asyncio.Event()

    async def stuck(record: Record) -> Outcomes:
        await never.wait()
        return publish(record)

    worker = stage.worker(lambda r: stuck(r) if r.offset == 3 else publish(r))
    await stage.until(lambda: len(stage.scored()) == 4)
    before = stage.clock.seconds
    await worker.drains()
    assert stage.committed() == 3
    assert stage.clock.seconds - before < 3.0


async def test_late_completions_do_not_touch_a_later_assignment() -> None:
    """What was begun before a revocation cannot finish an offset of the next assignment."""
    stage = Stage(limits=Limits(drain_timeout_s=0.5))
    stage.feed(3)
    worker = stage.worker(publish)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_002)
    # The sends of the first assignment are still open when the second one begins.
    rebalance = asyncio.ensure_future(stage.log.rebalance(GROUP))
    await stage.until(rebalance.done)
    held, worker.producer._held = worker.producer._held, []
    late = held[:3]
    for record, acknowledged in late:
        if not acknowledged.done():
            acknowledged.set_result(stage.log.append(record))
    await stage.until(lambda: stage.clock.seconds > 1_010)
    assert stage.committed() == 0
    worker.producer.release()
    await stage.until(lambda: stage.committed() == 3)
    await worker.drains()


async def test_failed_commits_only_mean_commits_later() -> None:
    """A commit that the group refuses is made again with the next one."""
    stage = Stage()
    worker = stage.worker(publish)
    await stage.until(lambda: stage.clock.seconds > 1_001)
    worker.consumer.commit_errors = [RetryableError("rebalancing")] * 2
    stage.feed(4)
    await stage.until(lambda: stage.committed() == 4)
    await worker.drains()


async def test_a_commit_that_is_forbidden_is_fatal() -> None:
    """A group that this worker may not commit for stops it; it leaves, and holds nobody up."""
    stage = Stage()
    worker = stage.worker(publish)
    await stage.until(lambda: stage.clock.seconds > 1_001)
    # As many as it may try, at its end too.
    worker.consumer.commit_errors = [FatalError("not authorised for the group")] * 100
    stage.feed(4)
    with pytest.raises(FatalError, match="not authorised"):
        await worker.running
    assert worker.consumer not in stage.log.members


async def test_a_run_of_poison_pauses_its_partition_only() -> None:
    """After max_poison_run one partition rests for poison_pause_s; the other goes on."""
    stage = Stage(limits=Limits(max_poison_run=10, poison_pause_s=60.0), partitions=2)
    stage.feed(400, partition=0)
    stage.feed(400, partition=1)

    def path(record: Record) -> Outcomes:
        return (Park("bad", "bytes"),) if record.partition == 0 else publish(record)

    worker = stage.worker(path)
    await stage.until(lambda: stage.committed(1) == 400)
    assert worker.telemetry.value(POISON_PAUSES, ("results", "0")) > 0
    assert len(stage.dead()) < 400
    await stage.until(lambda: len(stage.dead()) == 400, turns=200_000)
    assert stage.clock.seconds > 1_060
    await worker.drains()


async def test_later_topics_wait_but_never_starve() -> None:
    """Results go first; rescores get their turn although results never run out."""
    stage = Stage(limits=Limits(later_topics=frozenset({"rescores"}), max_in_flight=64))
    stage.feed(5_000)
    stage.feed(100, "rescores")
    order: list[str] = []

    def path(record: Record) -> Outcomes:
        order.append(record.topic)
        return publish(record)

    worker = stage.worker(path, "results", "rescores")
    await stage.until(lambda: order.count("results") == 5_000, turns=200_000)
    until_done = order[: len(order) - order[::-1].index("results")]
    assert 0 < until_done.count("rescores") < 1_000
    assert order[:100].count("rescores") == 0
    await stage.until(lambda: order.count("rescores") == 100)
    await worker.drains()


async def test_publishing_elsewhere_is_the_paths_choice() -> None:
    """A path may lead to several topics; the offset is done when all have arrived."""
    stage = Stage()
    stage.feed(1)

    def path(record: Record) -> Outcomes:
        again = OutRecord("rescores", record.key, record.value, (), 0)
        return (Publish((OutRecord("scores", record.key, b"incomplete", (), 0), again)),)

    worker = stage.worker(path)
    await stage.until(lambda: stage.committed() == 1)
    assert len(stage.log.records("rescores")) == len(stage.scored()) == 1
    await worker.drains()
