"""A span of the topic of results: from when to when, and how many records at most."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.cli.inputs import ingest_rules
from plimsoll.domain.errors import ConfigurationError, PoisonError
from plimsoll.domain.record import TopicPartition
from plimsoll.domain.result import LlmResult
from plimsoll.settings.model import Settings
from plimsoll.wire.records import decode


@dataclass(frozen=True, slots=True)
class Span:
    """Records whose time is in [since, until); None is the first, or the newest there is now.

    Of what is more than `most` records the newest of each partition are taken, alike in each.
    """

    since: datetime | None
    until: datetime | None
    most: int

    def holds(self, time_ms: int) -> bool:
        """Whether a record of this time is in the span, whatever unit its producer meant."""
        return (self.since is None or time_ms >= self.since.timestamp() * 1_000) and (
            self.until is None or time_ms < self.until.timestamp() * 1_000
        )


@dataclass(slots=True)
class Counted:
    """Records of a span: how many there are by their offsets, are asked for, and were read.

    Read are fewer where the topic was compacted; `unreadable` would be dead letters.
    """

    there: int = 0
    asked: int = 0
    read: int = 0
    unreadable: int = 0

    @property
    def said(self) -> str:
        """In a line."""
        newest = f", the newest of {self.there:,}" if self.asked < self.there else ""
        return f"{self.read:,} records read{newest}; {self.unreadable:,} hold what is no result"


def typed_time(text: str) -> datetime | None:
    """A time as ISO 8601 has it, in UTC where it names no zone; None where there is none."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{text!r} is no time: give one such as 2026-01-31T09:00 or 2026-01-31T09:00+01:00"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


async def results_in(span: Span, settings: Settings, counted: Counted) -> AsyncIterator[LlmResult]:
    """Every result of the span, read as a scorer reads it; `counted` is kept up to date.

    ConfigurationError where there is no such topic.
    """
    topic, rules = settings.topics.results, ingest_rules(settings)
    async with KafkaAdmin(settings.kafka) as admin, KafkaReader(settings.kafka) as reader:
        counts = {facts.name: facts.partitions for facts in await admin.describe()}
        if topic not in counts:
            raise ConfigurationError(f"there is no topic {topic}: see topics.results")
        partitions = [TopicPartition(topic, number) for number in range(counts[topic])]
        bounds = await _bounds(reader, partitions, span)
        most = fair_share(span.most, [end - begin for begin, end in bounds.values()])
        starts = {tp: max(begin, end - most) for tp, (begin, end) in bounds.items()}
        ends = {tp: end for tp, (_, end) in bounds.items()}
        counted.there = sum(max(0, end - begin) for begin, end in bounds.values())
        counted.asked = sum(max(0, ends[tp] - starts[tp]) for tp in partitions)
        async for batch in reader.stretch(starts, ends):
            for record in batch:
                counted.read += 1
                # Offsets by time are a bound only: producers' clocks differ, and some brokers
                # know no times.
                if not span.holds(record.timestamp_ms):
                    continue
                for item in decode(record, rules):
                    if isinstance(item, PoisonError):
                        counted.unreadable += 1
                    else:
                        yield item.result


async def _bounds(
    reader: KafkaReader, partitions: list[TopicPartition], span: Span
) -> Mapping[TopicPartition, tuple[int, int]]:
    """First and next offset of each partition, within the span's times."""
    bounds = await reader.bounds(partitions)
    first = await reader.offsets_at(partitions, span.since) if span.since else {}
    last = await reader.offsets_at(partitions, span.until) if span.until else {}
    found = {}
    for tp, (begin, end) in bounds.items():
        # From a time after the newest record on there is nothing, and up to it everything.
        since = first.get(tp, end) if span.since else begin
        until = last.get(tp, end) if span.until else end
        found[tp] = (max(begin, since), min(end, until))
    return found


def fair_share(most: int, sizes: Sequence[int]) -> int:
    """The most records of one partition, so that those of all are together at most `most`.

    What small partitions leave of their part is for the others.
    """
    left = most
    for number, size in enumerate(sorted(max(0, size) for size in sizes)):
        fair = left // (len(sizes) - number)
        if size > fair:
            return fair
        left -= size
    return most
