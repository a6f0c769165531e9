"""How far a consumer of aiokafka has read, and how far it could, without asking the brokers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer

# A partition that has nothing answers a fetch at once or after some tenths of a second.
_LATELY_S = 10.0


def positions(consumer: AIOKafkaConsumer, partitions: Iterable[Any]) -> dict[Any, int]:
    """Where each partition will be read next; those that have no position yet are left out."""
    assigned = consumer._subscription.subscription.assignment  # noqa: SLF001 - `position` waits
    states = {tp: assigned.state_value(tp) for tp in partitions if tp in assigned.tps}
    return {tp: state.position for tp, state in states.items() if state.has_valid_position}


def behind(consumer: AIOKafkaConsumer, partition: Any, position: int) -> int | None:  # noqa: ANN401
    """How many offsets there are from `position` on, as the partition's newest answer said.

    What is fetched and not handed over keeps aiokafka from asking again: then it is at least so
    many. None where there was no answer, or none lately to say that there is not more. May be
    called from another thread.
    """
    subscription = consumer._subscription.subscription  # noqa: SLF001 - what is public asserts
    assigned = None if subscription is None else subscription.assignment
    if assigned is None or partition not in assigned.tps:
        return None
    state = assigned.state_value(partition)
    at_ms, stable = state.timestamp, state.lso
    end = state.highwater if stable in {None, -1} else stable
    if at_ms is None or end is None:
        return None
    if position < end:
        return int(end - position)
    return 0 if time.time() - at_ms / 1_000 < _LATELY_S else None
