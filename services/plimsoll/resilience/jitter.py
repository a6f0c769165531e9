"""Waits that grow and are drawn by chance, so that those who failed together do not return so.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

# Far beyond any cap; two to the power of more would not be a float.
_MOST_DOUBLINGS = 32


def full_jitter(failures: int, chance: float, *, base_s: float = 0.5, cap_s: float = 20.0) -> float:
    """Anything up to a bound that doubles; `chance` in [0, 1), `failures` counts from 1."""
    return chance * _bound(failures, base_s, cap_s)


def equal_jitter(
    failures: int, chance: float, *, base_s: float = 2.0, cap_s: float = 30.0
) -> float:
    """At least half of a bound that doubles, so never nothing at all.

    For throttles: full jitter can spend all attempts in seconds against a quota of a minute.
    """
    return (0.5 + 0.5 * chance) * _bound(failures, base_s, cap_s)


def _bound(failures: int, base_s: float, cap_s: float) -> float:
    return min(cap_s, base_s * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))
