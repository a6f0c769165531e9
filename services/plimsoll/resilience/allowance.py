"""How many calls each of many callers may make, by token buckets in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.ports.clock import Clock

_BURST_S = 1.0
_MAX_CALLERS = 10_000
# Whoever has waited as told has earned a call, whatever floats say.
_ROUNDING = 1e-9


@dataclass(slots=True)
class _Bucket:
    level: float
    at_s: float


class Allowances:
    """A bucket a caller: `per_s` calls a second on average, as many at once; 0 bounds nobody.

    The caller that was longest away makes room; a bucket that is forgotten begins full, so there
    is room for ten thousand.
    """

    def __init__(self, per_s: float, clock: Clock) -> None:
        self._per_s = per_s
        self._capacity = max(1.0, per_s * _BURST_S)
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, name: str) -> float:
        """Takes one call; gives 0, or the seconds until there is one to take."""
        if not self._per_s:
            return 0.0
        now = self._clock.monotonic()
        bucket = self._buckets.pop(name, None) or _Bucket(self._capacity, now)
        if len(self._buckets) >= _MAX_CALLERS:
            del self._buckets[next(iter(self._buckets))]
        self._buckets[name] = bucket
        bucket.level = min(self._capacity, bucket.level + (now - bucket.at_s) * self._per_s)
        bucket.at_s = now
        if bucket.level < 1.0 - _ROUNDING:
            return (1.0 - bucket.level) / self._per_s
        bucket.level -= 1.0
        return 0.0
