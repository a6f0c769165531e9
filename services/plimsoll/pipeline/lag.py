"""How long the oldest record of each partition has waited, told every few seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from plimsoll.domain.record import Record, TopicPartition
from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import CONSUMER_LAG_SECONDS, Telemetry

_EVERY_S = 5.0

# By partition the timestamp in milliseconds of the oldest record in hand; None where none is.
Oldest = Mapping[TopicPartition, int | None]


class Lag:
    """The age of the oldest record in hand; 0 where there is none and none waits.

    Of a record that waits with the brokers the age is not known before it is taken. What has not
    become known from one time to the next is taken away, and not guessed.
    """

    def __init__(
        self,
        group: str,
        behind: Callable[[TopicPartition], int | None],
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._group = group
        self._behind = behind
        self._clock = clock
        self._telemetry = telemetry
        self._told, self._unknown = set[TopicPartition](), set[TopicPartition]()
        self._last: float | None = None

    def tell(self, oldest: Callable[[], Oldest]) -> None:
        """Tells of these partitions where it is time to; call it often, and while waiting, too."""
        now = self._clock.monotonic()
        if self._last is not None and now - self._last < _EVERY_S:
            return
        self._last = now
        unknown = set()
        found = oldest()
        for partition, timestamp_ms in found.items():
            if timestamp_ms is not None:
                self._set(partition, timestamp_ms)
            elif self._behind(partition) == 0:
                self._telemetry.set(CONSUMER_LAG_SECONDS, 0.0, self._labels(partition))
            else:
                unknown.add(partition)
        self.forget((unknown & self._unknown) | (self._told - found.keys()))
        self._told, self._unknown = set(found), unknown

    def took(self, records: Sequence[Record]) -> None:
        """These were taken just now, each partition's in their order."""
        for record in records if self._unknown else ():
            partition = TopicPartition(record.topic, record.partition)
            if partition in self._unknown:
                self._unknown.discard(partition)
                self._set(partition, record.timestamp_ms)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Nothing is known of these any more, as of those that have gone."""
        for partition in partitions:
            self._unknown.discard(partition)
            self._telemetry.forget(CONSUMER_LAG_SECONDS, self._labels(partition))

    def _set(self, partition: TopicPartition, timestamp_ms: int) -> None:
        if timestamp_ms < 0:  # Kafka's way to say that a record has none.
            self.forget([partition])
            return
        # A producer's clock may be ahead of ours.
        age_s = max(0.0, self._clock.now().timestamp() - timestamp_ms / 1_000)
        self._telemetry.set(CONSUMER_LAG_SECONDS, age_s, self._labels(partition))

    def _labels(self, partition: TopicPartition) -> tuple[str, str, str]:
        return self._group, partition.topic, str(partition.partition)
