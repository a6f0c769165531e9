"""Keys go where Kafka's own clients send them."""

from __future__ import annotations

from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.adapters.kafka.partitioning import partition_of


@given(key=st.binary(max_size=200), partitions=st.integers(1, 64))
def test_the_partition_is_the_default_partitioners(key: bytes, partitions: int) -> None:
    """For every key and number of partitions the choice is that of Kafka's default partitioner."""
    everything = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key, everything, everything)
