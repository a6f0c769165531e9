"""Dead letters on their topic: listed, shown safely, and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.cli.inputs import ingest_rules
from plimsoll.domain.errors import ConfigurationError, FatalError, PoisonError
from plimsoll.domain.record import OutRecord, Record, TopicPartition
from plimsoll.ports.store import DeadLetterRow
from plimsoll.settings.kafka import KafkaSettings
from plimsoll.settings.model import Settings
from plimsoll.wire.dead_letters import dead_letter_row, redriven
from plimsoll.wire.records import decode


class Place(NamedTuple):
    """Where a dead letter stands on its topic; written as PARTITION:OFFSET."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A record of the dead-letter topic; `row` is None where it is none of ours."""

    record: Record
    row: DeadLetterRow | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.record.partition, self.record.offset)


def typed_place(text: str) -> Place:
    """Reads PARTITION:OFFSET; ConfigurationError where it is not."""
    partition, colon, offset = text.partition(":")
    if not colon or not partition.isdecimal() or not offset.isdecimal():
        raise ConfigurationError(
            f"{text!r} is not PARTITION:OFFSET, as 0:17; `plimsoll dlq list` names them"
        )
    return Place(int(partition), int(offset))


async def read_letters(settings: Settings) -> Sequence[Letter]:
    """Every dead letter that the topic holds, in the order of partitions and offsets."""
    topic = settings.topics.dead_letters
    async with KafkaAdmin(settings.kafka) as admin, KafkaReader(settings.kafka) as reader:
        partitions = await _partitions(admin, topic)
        records = await reader.whole(partitions)
    return [_letter(r) for r in sorted(records, key=lambda r: (r.partition, r.offset))]


async def read_letter(settings: Settings, place: Place) -> Letter:
    """One dead letter; FatalError where nothing stands there."""
    topic = settings.topics.dead_letters
    async with KafkaAdmin(settings.kafka) as admin, KafkaReader(settings.kafka) as reader:
        count = len(await _partitions(admin, topic))
        if place.partition < count:
            tp = TopicPartition(topic, place.partition)
            begin, end = (await reader.bounds([tp]))[tp]
            if begin <= place.offset < end:
                async for batch in reader.stretch({tp: place.offset}, {tp: place.offset + 1}):
                    for record in batch:
                        return _letter(record)
    raise FatalError(f"nothing stands at {place} on {topic}; `plimsoll dlq list` names what does")


def brought_back(settings: Settings, letter: Letter, value: bytes | None) -> OutRecord:
    """The record for its original topic, with another value where one is given.

    PoisonError where a scorer would only park it again.
    """
    out = redriven(letter.record, value)
    read = Record(out.topic, 0, 0, 0, out.key, out.value, out.headers)
    for item in decode(read, ingest_rules(settings)):
        if isinstance(item, PoisonError):
            raise item
    return out


async def send(settings: KafkaSettings, records: Sequence[OutRecord]) -> None:
    """Returns when the brokers have all of them."""
    producer = KafkaLogProducer(settings, "redrive")
    await producer.start()
    try:
        for future in [await producer.send(record) for record in records]:
            await future
    finally:
        await producer.stop()


def rendered(value: bytes | None, most_bytes: int) -> str:
    """Bytes as offset, hexadecimal and printable ASCII; nothing in them reaches the terminal."""
    if value is None:
        return "no value (a tombstone)"
    if not value:
        return "an empty value"
    shown = value[:most_bytes]
    lines = []
    for start in range(0, len(shown), 16):
        chunk = shown[start : start + 16]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in chunk)
        lines.append(f"{start:08x}  {chunk.hex(' '):<47}  {text}")
    if len(value) > most_bytes:
        lines.append(f"... {len(value) - most_bytes} more bytes")
    return "\n".join(lines)


def _letter(record: Record) -> Letter:
    try:
        return Letter(record, dead_letter_row(record))
    except PoisonError:
        return Letter(record, None)


async def _partitions(admin: KafkaAdmin, topic: str) -> list[TopicPartition]:
    facts = {f.name: f for f in await admin.describe()}.get(topic)
    if facts is None:
        raise ConfigurationError(
            f"there is no topic {topic}: run `plimsoll topics apply`, or set topics.dead_letters"
        )
    return [TopicPartition(topic, n) for n in range(facts.partitions)]
