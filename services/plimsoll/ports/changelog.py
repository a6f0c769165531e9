"""A stream with keyed state beside it, kept in a compacted topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from plimsoll.domain.record import OutRecord, Record


@dataclass(frozen=True, slots=True)
class PartitionStart:
    """A source partition's saved rows, its first offset, and the one its next record will get."""

    rows: Sequence[tuple[bytes, bytes]]
    begin: int
    end: int


class Changelog(Protocol):
    """Keyed state by source partition, and a way out; both wait for the broker's answer."""

    async def write(self, partition: int, rows: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Returns when these rows (None deletes) are durable, in this order.

        RetryableError where any of them may be missing; writing them again is harmless. FatalError
        where they are refused for good.
        """

    def behind(self, partition: int, position: int) -> int | None:
        """About how many records the source partition has from an offset on; asks nobody.

        As brokers said lately: 0 where there was none, None where that is not known.
        """

    async def publish(self, records: Sequence[OutRecord]) -> None:
        """Returns when these are acknowledged; raises as `write` does."""


class StreamHandler(Protocol):
    """What becomes of a stream's records; what any of these raises ends the stream."""

    async def recovered(self, partitions: Mapping[int, PartitionStart]) -> None:
        """These source partitions and no others are ours, with their state; records follow."""

    async def revoked(self) -> None:
        """No partition is ours any more."""

    async def take(self, record: Record, done: Callable[[], object]) -> int | None:
        """One record; `done` lets its offset go, once it may.

        Gives an offset to read the partition from where records before this one are missing.
        """

    def positions(self) -> Mapping[int, int]:
        """The offset that each partition is to be read from."""
