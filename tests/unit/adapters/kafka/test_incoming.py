"""Messages as Kafka holds them become records as the ports promise them."""

from __future__ import annotations

from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from aiokafka.structs import ConsumerRecord

from plimsoll.adapters.kafka.incoming import record_of
from plimsoll.domain.outcome import Park
from plimsoll.domain.record import Record
from plimsoll.pipeline.parking import Parking
from plimsoll.pipeline.projection import project
from plimsoll.sdk.headline import headline_of
from plimsoll.wire.publish import encode_result
from plimsoll.wire.records import Decoded, IngestRules, decode
from tests.support.fake_clock import FakeClock
from tests.unit.metrics.results import result


def _consumed(value: bytes, *names: str) -> Record:
    """A message with headers that have no value, as it comes from a broker."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1_000_000,
    )
    nulls = [(name, None) for name in names]
    builder.append(0, timestamp=1_000, key=b"default/r-1", value=value, headers=nulls)
    (read,) = DefaultRecordBatch(bytes(builder.build()))
    return record_of(
        ConsumerRecord(
            "results", 0, read.offset, read.timestamp, 0, read.key, read.value, None, 0, 0,
            tuple(read.headers),
        )
    )  # fmt: skip


def test_a_header_without_a_value_is_an_empty_one() -> None:
    """Nobody behind the door has to know that a value may be missing."""
    assert _consumed(b"", "a", "b").headers == (("a", b""), ("b", b""))


def test_a_result_whose_headers_have_no_values_is_read() -> None:
    """A type that is not said is the topic's own, and the result is scored, not parked."""
    value = encode_result(result(), "results").value or b""
    record = _consumed(value, "ce_type", "content-type", "traceparent")
    (item,) = decode(record, IngestRules())
    assert isinstance(item, Decoded)


def test_such_a_record_is_parked_by_reference_too() -> None:
    """A record that no topic takes whole still gets its dead letter, and its offset is done."""
    record = _consumed(b"x", "ce_type", "content-type")
    letter = Parking("dead", FakeClock()).by_reference(record, Park("oversized", "x"))
    assert ("content-type", b"") in letter.headers


def test_facts_without_values_stop_no_reader_of_ours() -> None:
    """In a foreign record they make it unreadable to the indexer, and no headline to the SDK."""
    record = _consumed(b"x", "plimsoll-dlq-reason", "plimsoll-revision", "ce_id")
    assert [one.reason for one in project([record], "results").unreadable] == ["undecodable"]
    assert headline_of(record) is None
