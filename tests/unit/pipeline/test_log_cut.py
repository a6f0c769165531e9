"""A log that ends before where its group stood is read from its beginning, and nobody stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.record import OutRecord, TopicPartition
from plimsoll.pipeline.commits import Commits
from plimsoll.pipeline.limits import Limits
from plimsoll.pipeline.takeover import Takeover
from plimsoll.ports.telemetry import OFFSETS_MISSING
from tests.support.fake_log import FakeConsumer
from tests.unit.pipeline.stage import GROUP, Stage, publish


class Endless(FakeConsumer):
    """Nobody tells it where partitions end."""

    async def end_offsets(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """No answer."""
        raise RetryableError("brokers are away")


async def test_a_commit_beyond_the_end_stops_no_worker() -> None:
    """A log that was cut while nobody read it is scored from the start, its neighbours as ever."""
    stage = Stage(partitions=2)
    stage.feed(5, partition=0)
    stage.feed(5, partition=1)
    beyond = "plimsoll1 idle starts=0 alone=0 until=0"
    stage.log.commits[GROUP, TopicPartition("results", 0)] = (1_000, beyond)
    worker = stage.worker(publish)
    await stage.until(lambda: stage.committed(0) == stage.committed(1) == 5)
    assert sorted(stage.scored()) == [f"{p}-{n}" for p in range(2) for n in range(5)]
    await worker.drains()
    assert stage.committed() == 5


async def test_a_log_that_is_made_anew_under_a_worker_is_read_from_its_start() -> None:
    """What is in work of the old log is finished, and its late end commits nothing of the new."""
    stage = Stage()
    stage.feed(3)
    worker = stage.worker(publish)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_002)
    partition = TopicPartition("results", 0)
    stage.log.topics["results"] = [[]]
    for name in (b"new-0", b"new-1"):
        stage.log.append(OutRecord("results", name, b"value", (), 0))
    worker.consumer.seek(partition, 0)
    await stage.until(lambda: stage.clock.seconds > 1_004)
    for name in (b"0-0", b"0-1", b"0-2"):
        worker.producer.release(name)
    await stage.until(lambda: stage.clock.seconds > 1_006)
    assert stage.committed() == 0
    worker.producer.release()
    await stage.until(lambda: stage.committed() == 2)
    assert stage.scored() == ["0-0", "0-1", "0-2", "new-0", "new-1"]
    await worker.drains()


async def test_results_that_were_deleted_before_they_were_read_are_counted() -> None:
    """A group that stood still for longer than its topic keeps records says how many it lost."""
    stage = Stage(partitions=2)
    stage.feed(9, partition=0)
    stage.feed(9, partition=1)
    at = TopicPartition("results", 0)
    stage.log.commits[GROUP, at] = (2, "plimsoll1 running starts=1 alone=2 until=3")
    stage.log.begins[at] = 6
    worker = stage.worker(publish)
    await stage.until(lambda: stage.committed(0) == stage.committed(1) == 9)
    assert worker.telemetry.value(OFFSETS_MISSING, ("results",)) == 4
    assert [key for key in stage.scored() if key.startswith("0-")] == ["0-6", "0-7", "0-8"]
    assert stage.dead() == []
    await worker.drains()


async def test_what_is_gone_counts_once() -> None:
    """Where nothing has come since, the next worker goes on from where this one stood."""
    stage = Stage()
    stage.feed(5)
    at = TopicPartition("results", 0)
    stage.log.commits[GROUP, at] = (2, "plimsoll1 idle starts=0 alone=0 until=0")
    stage.log.begins[at] = 5
    lost = 0.0
    for _ in range(2):
        worker = stage.worker(publish)
        await stage.until(lambda: stage.committed() == 5)
        await worker.drains()
        lost += worker.telemetry.value(OFFSETS_MISSING, ("results",))
    assert lost == 3


async def test_a_new_group_has_lost_nothing() -> None:
    """It begins at the earliest record that there is."""
    stage = Stage()
    stage.feed(9)
    stage.log.begins[TopicPartition("results", 0)] = 6
    worker = stage.worker(publish)
    await stage.until(lambda: stage.committed() == 9)
    assert worker.telemetry.value(OFFSETS_MISSING, ("results",)) == 0
    await worker.drains()


async def test_a_takeover_that_comes_to_nothing_tells_of_nothing() -> None:
    """Brokers that go away in the middle of it: it is begun again, and counts then."""
    stage = Stage(partitions=2)
    cut, whole = (TopicPartition("results", number) for number in range(2))
    stage.log.commits[GROUP, cut] = (2, "plimsoll1 idle starts=0 alone=0 until=0")
    stage.log.commits[GROUP, whole] = (0, "plimsoll1 running starts=1 alone=0 until=3")
    stage.log.begins[cut] = 5
    consumer, telemetry = Endless(stage.log, ("results",), GROUP), PrometheusTelemetry()
    takeover = Takeover(consumer, Commits(consumer, telemetry), Limits(), telemetry)
    with pytest.raises(RetryableError, match="brokers are away"):
        await takeover.begin([cut, whole])
    assert telemetry.value(OFFSETS_MISSING, ("results",)) == 0
