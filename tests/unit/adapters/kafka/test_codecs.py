"""Batches can be read whatever their producer packed them with."""

from __future__ import annotations

import pytest
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder


@pytest.mark.parametrize("codec", ["GZIP", "SNAPPY", "LZ4", "ZSTD"])
def test_every_codec_of_kafka_is_read(codec: str) -> None:
    """A producer's `compression.type` is its own choice: what it packed comes out again."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=getattr(DefaultRecordBatch, f"CODEC_{codec}"),
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1_000_000,
    )
    value = b"Paris " * 1_000
    builder.append(0, timestamp=0, key=b"default/r-1", value=value, headers=[])
    packed = bytes(builder.build())
    assert len(packed) < len(value)
    (record,) = DefaultRecordBatch(packed)
    assert (record.key, record.value) == (b"default/r-1", value)
