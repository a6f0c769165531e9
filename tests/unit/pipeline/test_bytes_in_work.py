"""How much memory the records in work may take."""

from __future__ import annotations

import asyncio

from plimsoll.domain.record import OutRecord, Record
from plimsoll.pipeline.attempt import Outcomes
from plimsoll.pipeline.limits import Limits
from tests.unit.pipeline.stage import Stage, publish


async def test_the_bytes_in_flight_are_bounded() -> None:
    """Large records wait for those that were begun; one that is larger than all still begins."""
    stage = Stage(limits=Limits(max_in_flight_bytes=50))
    for number, size in enumerate((20, 20, 20, 20, 500, 20)):
        stage.log.append(OutRecord("results", f"{number}".encode(), b"v" * (size - 1), (), 0))
    begun: list[int] = []
    gates = [asyncio.Event() for _ in range(6)]

    async def wait(record: Record) -> Outcomes:
        begun.append(record.offset)
        await gates[record.offset].wait()
        return publish(record)

    worker = stage.worker(wait)
    await stage.until(lambda: stage.clock.seconds > 1_005)
    assert begun == [0, 1, 2]
    gates[0].set()
    await stage.until(lambda: stage.clock.seconds > 1_010)
    assert begun == [0, 1, 2, 3]
    gates[1].set()
    await stage.until(lambda: stage.clock.seconds > 1_015)
    assert begun == [0, 1, 2, 3, 4]
    for gate in gates[2:4]:
        gate.set()
    await stage.until(lambda: stage.clock.seconds > 1_020)
    assert begun == [0, 1, 2, 3, 4]
    for gate in gates[4:]:
        gate.set()
    await stage.until(lambda: len(stage.scored()) == 6)
    await worker.drains()
