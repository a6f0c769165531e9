"""How far a group is with a topic, with ends that were looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.kafka.admin import KafkaAdmin, PartitionProgress
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.domain.errors import ConfigurationError, RetryableError
from plimsoll.resilience.retries import RetryBudget, retry_within

_T = TypeVar("_T")
# A cluster finds the coordinator of its very first group within some seconds.
_TIMEOUT_S = 15.0
_RETRIES = 100.0


async def progress_of(
    admin: KafkaAdmin, reader: KafkaReader, topic: str, group_id: str
) -> Sequence[PartitionProgress]:
    """Each partition in order; ConfigurationError where there is no such topic."""
    found = await patiently(lambda: admin.progress(topic, group_id))
    if not found:
        raise ConfigurationError(
            f"there is no topic {topic}: run `plimsoll topics apply`, or set its name (topics.*)"
        )
    bounds = await reader.bounds([one.partition for one in found])
    return [replace(one, end=bounds[one.partition][1]) for one in found]


async def patiently(ask: Callable[[], Awaitable[_T]]) -> _T:
    """Asks again while the answer is that it may pass; the last error goes out."""
    return await retry_within(
        lambda _left_s: ask(),
        retried=RetryableError,
        timeout_s=_TIMEOUT_S,
        clock=SystemClock(),
        budget=RetryBudget(reserve=_RETRIES),
    )
