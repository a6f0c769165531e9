"""The loops of services turn, as probes ask, whatever brokers and stores do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from plimsoll.domain.errors import RetryableError
from plimsoll.domain.record import Record
from plimsoll.pipeline.attempt import Outcomes
from plimsoll.ports.telemetry import LOOP_TURNS, PARTITIONS
from tests.unit.pipeline.projecting import World
from tests.unit.pipeline.stage import Stage, publish
from tests.unit.pipeline.test_observing import Stage as ObservingStage
from tests.unit.pipeline.test_observing import stage as observing

__all__ = ["observing"]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A log, a store and whoever runs on them; stopped at the end."""
    made = World()
    yield made
    await made.close()


async def test_the_scorers_loop_turns_without_records() -> None:
    """A quiet topic is no standstill."""
    stage = Stage()
    worker = stage.worker(publish)
    await stage.until(lambda: worker.telemetry.value(PARTITIONS) > 0)
    before = worker.telemetry.value(LOOP_TURNS)
    await stage.until(lambda: worker.telemetry.value(LOOP_TURNS) > before + 10)
    await worker.drains()


async def test_the_scorers_loop_turns_while_nothing_is_acknowledged() -> None:
    """Brokers that are away do not stop it."""
    stage = Stage()
    stage.feed(3)
    worker = stage.worker(publish)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_010)
    before = worker.telemetry.value(LOOP_TURNS)
    await stage.until(lambda: worker.telemetry.value(LOOP_TURNS) > before + 10)
    worker.producer.release()
    await stage.until(lambda: stage.committed() == 3)
    await worker.drains()


async def test_the_scorers_loop_turns_while_records_take_long() -> None:
    """On a machine without time to spare each of those taken at once is a turn: it is at work."""
    stage = Stage()
    stage.feed(40)
    turns: list[float] = []

    def path(record: Record) -> Outcomes:
        turns.append(worker.telemetry.value(LOOP_TURNS))
        stage.clock.seconds += 30
        return publish(record)

    worker = stage.worker(path)
    await stage.until(lambda: stage.committed() == 40)
    assert len(turns) == len(set(turns)) == 40
    await worker.drains()


async def test_the_indexers_loop_turns_while_the_store_is_away(world: World) -> None:
    """Each failed attempt counts as a turn, and a member says how many partitions it has."""
    world.score("r-1")
    one = world.start()
    delay = timedelta(seconds=5)
    one.store.faults = [RetryableError("disk full", delay) for _ in range(20)]
    await world.until(lambda: not one.store.faults)
    assert one.figures.totals[LOOP_TURNS.name,] >= 20
    assert one.figures.totals[PARTITIONS.name,] == 3
    await world.until(world.projected)


async def test_the_observers_loop_turns_while_writes_fail(observing: ObservingStage) -> None:
    """Each attempt counts; without partitions there are none to count for."""
    assert observing.telemetry.value(PARTITIONS) == 1
    await observing.take(5)
    observing.changelog.refusals = 3
    await observing.observing.save()
    assert observing.telemetry.value(LOOP_TURNS) == 4
    await observing.observing.revoked()
    assert observing.telemetry.value(PARTITIONS) == 0
