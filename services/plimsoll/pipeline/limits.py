"""How much one worker takes, and how long it waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the consume loop; `later_topics` are read as far as the others leave room."""

    max_in_flight: int = 512
    max_in_flight_per_partition: int = 256
    max_in_flight_bytes: int = 64 * 1024 * 1024
    max_span: int = 5_000
    commit_interval_s: float = 0.5
    drain_timeout_s: float = 8.0
    max_poison_run: int = 1_000
    poison_pause_s: float = 30.0
    later_topics: frozenset[str] = frozenset()
