"""Looks after what faust may leave undone after a rebalance: records unread, partitions undealt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog
from aiokafka.errors import KafkaError
from faust.types import TP

from plimsoll.domain.errors import RetryableError
from plimsoll.ports.clock import Clock

_log = structlog.get_logger(__name__)

_EVERY_S = 1.0
# A partition that stands still for so many looks while its topic goes on is read again. What it
# was given is lost by that, and a stream that is only slow needs more time for the same records:
# each further time before it is at its end comes after twice as many, and the last at the same
# place ends the stream.
_STILL_LOOKS = (3, 6, 12, 24)

Offsets = Mapping[TP, int]


class Watch:
    """Looks at the stream every second; `limit` is how long it may be without partitions."""

    def __init__(
        self,
        clock: Clock,
        limit: timedelta,
        positions: Callable[[], Offsets],
        ends: Callable[[frozenset[TP]], Awaitable[Offsets]],
        seek: Callable[[Offsets], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._limit_s = limit.total_seconds()
        self._positions = positions
        self._ends = ends
        self._seek = seek
        self._undealt_since: float | None = clock.monotonic()
        # Where each partition stood, and for how many looks.
        self._still: dict[TP, tuple[int, int]] = {}
        # From where each partition was read again, and how often.
        self._read_from: dict[TP, tuple[int, int]] = {}
        # How often since it was last seen at its end, wherever it stood.
        self._since_end: dict[TP, int] = {}

    def dealt(self) -> None:
        """The group has given us our partitions, which may be none."""
        self._undealt_since = None

    def taken_away(self) -> None:
        """The group is dealing its partitions anew."""
        self._undealt_since = self._clock.monotonic()

    async def run(self) -> None:
        """Never returns; RetryableError where the stream has got stuck."""
        while True:
            await self._clock.sleep(_EVERY_S)
            since = self._undealt_since
            if since is not None:
                self._still.clear()
                if self._clock.monotonic() - since > self._limit_s:
                    raise RetryableError(f"no partitions were dealt within {self._limit_s:g} s")
            else:
                await self._look()

    async def _look(self) -> None:
        positions = self._positions()
        for tp, offset in positions.items():
            at, looks = self._still.get(tp, (-1, 0))
            self._still[tp] = offset, looks + 1 if at == offset else 0
        still = frozenset(tp for tp in positions if self._still[tp][1] >= self._patience(tp))
        if not still:
            return
        try:
            ends = await asyncio.wait_for(self._ends(still), self._limit_s)
            unread = {tp: positions[tp] for tp in still if ends.get(tp, 0) > positions[tp]}
            for tp in still - unread.keys():
                self._since_end.pop(tp, None)
            if unread:
                await self._read_again(unread)
        except (KafkaError, TimeoutError):
            # The brokers are away, or the partitions are: the next look will tell.
            pass
        for tp in still:
            self._still[tp] = positions[tp], 0

    def _patience(self, tp: TP) -> int:
        return _STILL_LOOKS[min(self._since_end.get(tp, 0), len(_STILL_LOOKS) - 1)]

    def _times_read(self, tp: TP, offset: int) -> int:
        """How often the partition was read again from this very offset."""
        at, times = self._read_from.get(tp, (-1, 0))
        return times if at == offset else 0

    async def _read_again(self, unread: Offsets) -> None:
        times = {tp: self._times_read(tp, offset) + 1 for tp, offset in unread.items()}
        stuck = [tp for tp, number in times.items() if number == len(_STILL_LOOKS)]
        if stuck:
            raise RetryableError(f"partitions stand still, even read again: {sorted(stuck)}")
        _log.warning("observer.partitions.unread", partitions=sorted(unread))
        for tp, number in times.items():
            self._read_from[tp] = unread[tp], number
            self._since_end[tp] = self._since_end.get(tp, 0) + 1
        await asyncio.wait_for(self._seek(unread), self._limit_s)
