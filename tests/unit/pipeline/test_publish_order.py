"""What outcomes publish arrives in its order, and what goes wrong on the way is never silent."""

from __future__ import annotations

import asyncio

import pytest

from plimsoll.domain.errors import FatalError, PoisonError
from plimsoll.domain.outcome import Publish
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.pipeline.attempt import Outcomes
from tests.unit.pipeline.stage import Stage, publish


def asks_first(record: Record) -> Outcomes:
    """A request, and an event that rests on it."""
    request = OutRecord("rescores", b"request", record.value, (), 0)
    return (Publish((request, OutRecord("scores", record.key, record.value, (), 0))),)


async def test_what_one_outcome_publishes_arrives_in_order() -> None:
    """Until the first record is acknowledged the second is not sent, and the offset is not done."""
    stage = Stage()
    stage.feed(1)
    worker = stage.worker(asks_first)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_002)
    worker.producer.release(b"0-0")
    assert stage.scored() == []
    worker.producer.release(b"request")
    await stage.until(lambda: stage.clock.seconds > 1_004)
    assert (stage.scored(), stage.committed()) == ([], 0)
    worker.producer.release()
    await stage.until(lambda: stage.committed() == 1)
    assert stage.scored() == ["0-0"]
    await worker.drains()


async def test_what_follows_a_refused_record_is_sent_all_the_same() -> None:
    """Where the first record is too large it is parked, and the second arrives."""
    stage = Stage()
    stage.feed(1)
    worker = stage.worker(asks_first)
    worker.producer.send_errors.append(PoisonError("too_large", "9 MB"))
    await stage.until(lambda: stage.committed() == 1)
    assert (stage.scored(), stage.dead()) == (["0-0"], [("0-0", "unpublishable")])
    await worker.drains()


async def test_a_death_leaves_no_event_without_its_request() -> None:
    """Whichever acknowledgement a worker dies after, what rests on the other is not there."""
    stage = Stage()
    stage.feed(1)
    worker = stage.worker(asks_first)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_002)
    worker.producer.release(b"0-0")
    await worker.dies()
    assert (stage.scored(), stage.log.records("rescores")) == ([], [])


async def test_a_mistake_beside_the_loop_stops_the_worker() -> None:
    """A send that breaks for a slow result ends the worker as it does for a quick one."""
    stage = Stage()
    stage.feed(1)

    async def slow(record: Record) -> Outcomes:
        await asyncio.sleep(0)
        return publish(record)

    worker = stage.worker(slow)
    worker.producer.send = broken  # type: ignore[method-assign] # a producer that keeps no promise
    await stage.until(worker.running.done)
    with pytest.raises(FatalError, match="KeyError"):
        worker.running.result()
    assert stage.committed() == 0


async def broken(record: OutRecord) -> asyncio.Future[Position]:
    """Raises what no port promises."""
    raise KeyError(record.topic)
