"""What faust leaves undone is noticed and mended."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiokafka.errors import KafkaConnectionError
from faust.types import TP

from plimsoll.adapters.faust.watch import Offsets, Watch
from plimsoll.domain.errors import RetryableError
from tests.support.fake_clock import FakeClock

FIRST, SECOND = TP("scores", 0), TP("scores", 1)


class OverError(Exception):
    """The time of a test is over."""


class EndingClock(FakeClock):
    """Ends whoever sleeps on it past `until`."""

    until = math.inf

    async def sleep(self, seconds: float) -> None:
        """Later, or over."""
        await super().sleep(seconds)
        if self.seconds > self.until:
            raise OverError


@dataclass
class Stage:
    """Two partitions that stand at 5 and 7 of 10; seeking moves those in `mended` to the end."""

    positions: dict[TP, int] = field(default_factory=lambda: {FIRST: 5, SECOND: 7})
    ends: dict[TP, int] = field(default_factory=lambda: {FIRST: 10, SECOND: 10})
    mended: frozenset[TP] = frozenset()
    away: bool = False
    seeks: list[Offsets] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = EndingClock()
        limit = timedelta(seconds=30)
        self.watch = Watch(self.clock, limit, lambda: self.positions, self.end_of, self.seek)

    async def end_of(self, partitions: frozenset[TP]) -> Offsets:
        """Ends, where the brokers answer."""
        if self.away:
            raise KafkaConnectionError
        return {tp: self.ends[tp] for tp in partitions}

    async def seek(self, offsets: Offsets) -> None:
        """Takes note, and moves what is mended."""
        self.seeks.append(dict(offsets))
        self.positions.update({tp: self.ends[tp] for tp in offsets if tp in self.mended})

    async def watched(self, seconds: float) -> None:
        """Lets the watch run for so long on its own clock; raises what it raises."""
        self.clock.until = self.clock.seconds + seconds
        with suppress(OverError):
            await self.watch.run()


async def test_partitions_that_are_never_dealt_end_the_stream() -> None:
    """A group that does not come to rest is left and joined anew."""
    with pytest.raises(RetryableError, match="no partitions were dealt within 30 s"):
        await Stage().watched(40)


async def test_partitions_that_were_taken_away_must_come_back() -> None:
    """The same holds for a rebalance that does not end."""
    stage = Stage(ends={FIRST: 5, SECOND: 7})
    stage.watch.dealt()
    await stage.watched(40)
    stage.watch.taken_away()
    with pytest.raises(RetryableError, match="no partitions were dealt"):
        await stage.watched(40)


async def test_a_group_may_deal_us_nothing() -> None:
    """More observers than partitions: the spare one waits without end."""
    stage = Stage(positions={})
    stage.watch.dealt()
    await stage.watched(100)
    assert stage.seeks == []


async def test_a_partition_left_unread_is_read_again() -> None:
    """Once, from where its state stands; what is at its end is left alone."""
    stage = Stage(ends={FIRST: 10, SECOND: 7}, mended=frozenset({FIRST}))
    stage.watch.dealt()
    await stage.watched(60)
    assert stage.seeks == [{FIRST: 5}]


async def test_a_partition_that_stays_unread_ends_the_stream() -> None:
    """Where reading again does not help, a new stream does."""
    stage = Stage(mended=frozenset({FIRST}))
    stage.watch.dealt()
    with pytest.raises(RetryableError, match=r"stand still.*partition=1"):
        await stage.watched(120)
    assert stage.seeks == [{FIRST: 5, SECOND: 7}, *[{SECOND: 7}] * 2]


async def test_a_stream_that_is_only_slow_goes_on() -> None:
    """A record every half minute is enough, and is read again less and less often meanwhile."""
    stage = Stage(ends={FIRST: 5, SECOND: 100})
    stage.watch.dealt()
    for offset in range(7, 17):
        stage.positions[SECOND] = offset
        await stage.watched(30)
        assert len([seek for seek in stage.seeks if seek == {SECOND: offset}]) <= 3


async def test_a_stream_that_is_slow_everywhere_is_left_to_its_work() -> None:
    """What moves on every five seconds is read again once, and not at each place anew."""
    stage = Stage(ends={FIRST: 5, SECOND: 100})
    stage.watch.dealt()
    for offset in range(7, 47):
        stage.positions[SECOND] = offset
        await stage.watched(5)
    assert stage.seeks == [{SECOND: 7}]


async def test_who_has_caught_up_is_read_again_as_soon_as_at_first() -> None:
    """It was slow once, and stood at its end since."""
    stage = Stage(ends={FIRST: 5, SECOND: 10})
    stage.watch.dealt()
    await stage.watched(10)
    stage.positions[SECOND] = 10
    await stage.watched(60)
    stage.ends[SECOND] = 11
    stage.seeks.clear()
    await stage.watched(5)
    assert stage.seeks == [{SECOND: 10}]


async def test_brokers_that_are_away_are_no_fault_of_the_stream() -> None:
    """Nothing can be read then, and nothing is concluded from it."""
    stage = Stage(away=True)
    stage.watch.dealt()
    await stage.watched(100)
    assert stage.seeks == []
