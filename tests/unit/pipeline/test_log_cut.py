"""A log that ends before where its group stood is read from its beginning, and nobody stops."""

from __future__ import annotations

from plimsoll.domain.record import OutRecord, TopicPartition
from tests.unit.pipeline.stage import GROUP, Stage, publish


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
