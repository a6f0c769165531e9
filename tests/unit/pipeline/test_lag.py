"""How long the oldest record of a partition has waited: measured, 0 for none, or unknown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.pipeline.attempt import Outcomes
from plimsoll.pipeline.lag import Lag
from plimsoll.pipeline.limits import Limits
from plimsoll.ports.telemetry import CONSUMER_LAG_SECONDS, INDEXER_LAG
from tests.support.fake_clock import FakeClock
from tests.unit.pipeline.projecting import World
from tests.unit.pipeline.stage import GROUP, Stage, Worker, publish
from tests.unit.pipeline.test_observing import Stage as ObservingStage
from tests.unit.pipeline.test_observing import stage as observing

__all__ = ["observing"]

AT = TopicPartition("t", 0)


class Told:
    """A lag of one partition with everything around it to be said by a test."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.telemetry = PrometheusTelemetry()
        self.waiting: int | None = None
        self.lag = Lag("g", lambda _: self.waiting, self.clock, self.telemetry)

    def ago(self, seconds: float) -> int:
        """A timestamp so long ago, in milliseconds."""
        return round((self.clock.now().timestamp() - seconds) * 1_000)

    def tell(self, oldest_ms: int | None) -> None:
        """Tells of one partition, whenever it was told last."""
        self.clock.seconds += 5
        self.lag.tell(lambda: {AT: oldest_ms})

    def told(self, partition: int = 0) -> float | None:
        """What a scrape sees; None where there is no series."""
        return found(self.telemetry, ("g", "t", str(partition)))


def found(telemetry: PrometheusTelemetry, labels: tuple[str, ...]) -> float | None:
    """The lag that a scrape sees; None where there is no series."""
    for family in telemetry.collect():
        if family.name == CONSUMER_LAG_SECONDS.name:
            for sample in family.samples:
                if tuple(sample.labels.values()) == labels:
                    return float(sample.value)
    return None


def record(timestamp_ms: int, partition: int = 0) -> Record:
    """A record of that time."""
    return Record("t", partition, 0, timestamp_ms, None, b"", ())


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Topics and a store without anybody at work."""
    one = World()
    yield one
    await one.close()


def test_the_oldest_record_in_hand_says_how_old_it_is() -> None:
    """From its timestamp to now, whatever else waits with the brokers."""
    one = Told()
    one.waiting = 7
    one.tell(one.ago(25))
    assert one.told() == 30


def test_nothing_in_hand_and_nothing_waiting_is_no_lag() -> None:
    """Caught up is 0."""
    one = Told()
    one.waiting = 0
    one.tell(None)
    assert one.told() == 0


@pytest.mark.parametrize("waiting", [None, 3])
def test_what_is_not_known_is_not_told(waiting: int | None) -> None:
    """Brokers that say nothing, or a record that nobody has seen, give no number."""
    one = Told()
    one.waiting = waiting
    one.tell(None)
    one.tell(None)
    assert one.told() is None


def test_what_stays_unknown_is_taken_away() -> None:
    """The last figure stands for one turn more, and does not stay for good."""
    one = Told()
    one.tell(one.ago(25))
    one.tell(None)
    assert one.told() == 30
    one.tell(None)
    assert one.told() is None


def test_a_record_that_comes_makes_its_partition_known() -> None:
    """The first that is taken was the oldest; those after it change nothing, and others neither."""
    one = Told()
    one.waiting = 3
    one.tell(None)
    one.lag.took([record(one.ago(9), partition=1), record(one.ago(8)), record(one.ago(7))])
    assert (one.told(), one.told(1)) == (8, None)
    one.lag.took([record(one.ago(99))])
    assert one.told() == 8


def test_no_timestamp_is_no_age() -> None:
    """Kafka says -1 where a record has none."""
    one = Told()
    one.tell(one.ago(25))
    one.tell(-1)
    assert one.told() is None


def test_a_producers_clock_that_is_ahead_gives_no_negative_age() -> None:
    """Time to come counts as now."""
    one = Told()
    one.tell(one.ago(-3_600))
    assert one.told() == 0


def test_a_partition_that_is_no_more_told_of_is_forgotten() -> None:
    """Also where nobody said that it has gone."""
    one = Told()
    one.tell(one.ago(25))
    one.clock.seconds += 5
    one.lag.tell(dict)
    assert one.told() is None


async def until_told(stage: Stage, worker: Worker, value: float | None) -> None:
    """Waits for what the scorer tells of the first partition of results."""
    labels = (GROUP, "results", "0")
    await stage.until(lambda: found(worker.telemetry, labels) == value)


async def test_the_scorer_tells_the_age_of_the_first_record_that_is_not_done() -> None:
    """It grows while nothing is acknowledged, later records done or not, and is 0 at the end."""
    stage = Stage()
    stage.feed(3)
    worker = stage.worker(publish)
    worker.producer.hold()
    await stage.until(lambda: stage.clock.seconds > 1_090)
    worker.producer.release(b"0-1")
    await stage.until(lambda: (found(worker.telemetry, (GROUP, "results", "0")) or 0) > 100)
    worker.producer.release()
    await until_told(stage, worker, 0)
    await worker.drains()


async def test_a_scorer_that_lost_a_partition_tells_nothing_of_it() -> None:
    """The series goes with the partition, to whoever has it then."""
    stage = Stage()
    worker = stage.worker(publish)
    await until_told(stage, worker, 0)
    await worker.consumer.lose()
    assert found(worker.telemetry, (GROUP, "results", "0")) is None
    await worker.drains()


async def test_a_paused_partition_is_not_caught_up() -> None:
    """Records that nobody has taken wait behind poison: there is no figure, and no 0."""

    def poison(record: Record) -> Outcomes:
        raise ValueError(record.offset)

    stage = Stage(limits=Limits(max_poison_run=2, poison_pause_s=1e6, max_in_flight=2))
    worker = stage.worker(poison)
    await until_told(stage, worker, 0)
    stage.feed(9)
    await stage.until(lambda: len(stage.dead()) >= 2)
    await until_told(stage, worker, None)
    assert len(stage.dead()) < 9
    await worker.drains()


async def test_the_indexer_tells_how_long_scores_wait_for_the_store(world: World) -> None:
    """While the store is away the age grows; afterwards it is 0, for each partition."""
    one = world.start()
    await world.until(one.ready.is_set)
    world.score("r-1")
    one.store.faults = [RetryableError("away", timedelta(seconds=5)) for _ in range(20)]
    ages = [0]

    def grown() -> bool:
        told = [
            value
            for name, value in one.figures.totals.items()
            if name[:3] == (CONSUMER_LAG_SECONDS.name, "indexers", "scores")
        ]
        ages.append(max(told, default=0))
        return ages[-1] >= 50

    await world.until(grown)
    await world.until(world.projected)
    labels = [("scores", "0"), ("scores", "1"), ("dead", "0")]
    names = [(CONSUMER_LAG_SECONDS.name, "indexers", *rest) for rest in labels]
    await world.until(lambda: [one.figures.totals.get(name) for name in names] == [0, 0, 0])


async def test_an_indexer_that_lost_its_partitions_tells_nothing_of_them(world: World) -> None:
    """Neither records nor seconds: another member tells."""
    one = world.start()
    await world.until(lambda: (INDEXER_LAG.name, "scores", "0") in one.figures.totals)
    await one.consumer.lose()
    lags = {CONSUMER_LAG_SECONDS.name, INDEXER_LAG.name}
    assert [name for name in one.figures.totals if name[0] in lags] == []


async def test_the_observer_tells_how_old_what_it_has_not_saved_is(
    observing: ObservingStage,
) -> None:
    """The oldest gathered record; 0 once all is saved and nothing waits; nothing when it goes."""
    labels = ("observers", "scores", "0")
    await observing.observing.save()
    await observing.take(5)
    age_s = found(observing.telemetry, labels)
    # Its records are of the year 1970.
    assert age_s == observing.clock.now().timestamp()
    observing.clock.seconds += 5
    await observing.observing.save()
    assert found(observing.telemetry, labels) == age_s + 5
    observing.changelog.ends[0] = 6
    observing.clock.seconds += 5
    await observing.observing.save()
    assert found(observing.telemetry, labels) == 0
    await observing.observing.revoked()
    assert found(observing.telemetry, labels) is None
