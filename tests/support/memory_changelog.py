"""A changelog and a quality topic in memory, that die in the middle of a write where told to."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from plimsoll.domain.errors import RetryableError
from plimsoll.domain.quality import QualityWindow
from plimsoll.domain.record import OutRecord
from plimsoll.ports.changelog import PartitionStart
from plimsoll.wire.quality import decode_quality
from plimsoll.wire.window_state import newer_value

_T = TypeVar("_T")


class KilledError(BaseException):
    """The process is gone."""


class MemoryChangelog:
    """What is durable outlives the process; `fuse` rows and records from now it is killed.

    Of the call that is cut short any part may have become durable, as on a broker that had several
    records in flight.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.fuse: int | None = None
        self.refusals = 0
        self.ends: dict[int, int] = {}
        self.rows: defaultdict[int, dict[bytes, bytes]] = defaultdict(dict)
        self.published: list[QualityWindow] = []
        self.writes: list[tuple[int, bytes, bytes | None]] = []

    async def write(self, partition: int, rows: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Durable, or killed or refused with a part of it durable."""
        for key, value in self._survivors(rows):
            self.writes.append((partition, key, value))
            held = self.rows[partition].get(key)
            if value is None:
                self.rows[partition].pop(key, None)
            else:
                self.rows[partition][key] = value if held is None else newer_value(held, value)
        self._burn(len(rows))

    def behind(self, partition: int, position: int) -> int | None:
        """As a test says; by itself nobody knows."""
        end = self.ends.get(partition)
        return None if end is None else max(0, end - position)

    async def publish(self, records: Sequence[OutRecord]) -> None:
        """The same for the quality topic."""
        for record in self._survivors(records):
            if record.value is None:
                raise AssertionError("a window without a value")
            self.published.append(decode_quality(record.value))
        self._burn(len(records))

    def start(self, partition: int, begin: int, end: int) -> PartitionStart:
        """What a process that starts now is given."""
        return PartitionStart(tuple(self.rows[partition].items()), begin, end)

    def _survivors(self, all_of_them: Sequence[_T]) -> list[_T]:
        if self.refusals or (self.fuse is not None and self.fuse < len(all_of_them)):
            return [one for one in all_of_them if self._chance.random() < 0.5]
        return list(all_of_them)

    def _burn(self, count: int) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RetryableError("the broker is away")
        if self.fuse is None:
            return
        if self.fuse < count:
            raise KilledError
        self.fuse -= count
