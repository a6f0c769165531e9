"""How far a group is with a topic, with ends that were looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plimsoll.adapters.kafka.admin import KafkaAdmin, PartitionProgress
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.domain.errors import ConfigurationError


async def progress_of(
    admin: KafkaAdmin, reader: KafkaReader, topic: str, group_id: str
) -> Sequence[PartitionProgress]:
    """Each partition in order; ConfigurationError where there is no such topic."""
    found = await admin.progress(topic, group_id)
    if not found:
        raise ConfigurationError(
            f"there is no topic {topic}: run `plimsoll topics apply`, or set its name (topics.*)"
        )
    bounds = await reader.bounds([one.partition for one in found])
    return [replace(one, end=bounds[one.partition][1]) for one in found]
