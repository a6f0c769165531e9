"""A token bucket for requests and reserved tokens, taken from in advance; pure arithmetic.

Whoever takes more than is there is told how long to wait until the bucket has earned it: grants
are made in the order of asking, no one polls, and a call that needs more than the bucket holds
is let through in its turn (virtual scheduling, ITU-T I.371). Amazon Bedrock reserves input plus
maxTokens when a call starts and settles when it ends:
https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from plimsoll.ports.quotas import Grant, Quota

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Levels:
    """What a bucket held at `at_s`; below 0 it has been taken from in advance."""

    requests: float
    tokens: float
    at_s: float


def full(quota: Quota, now_s: float) -> Levels:
    """A bucket that nobody has taken from."""
    return Levels(
        _capacity(quota.requests_per_minute, quota),
        _capacity(quota.tokens_per_minute, quota),
        now_s,
    )


def refilled(levels: Levels, quota: Quota, now_s: float) -> Levels:
    """The bucket at `now_s`; a clock that was set back earns nothing and costs nothing."""
    elapsed = max(0.0, now_s - levels.at_s)
    return Levels(
        _grown(levels.requests, quota.requests_per_minute, quota, elapsed),
        _grown(levels.tokens, quota.tokens_per_minute, quota, elapsed),
        now_s,
    )


def take(levels: Levels, quota: Quota, tokens: float, now_s: float) -> tuple[Levels, float]:
    """Takes one request and so many tokens; gives the bucket and the seconds to wait."""
    now = refilled(levels, quota, now_s)
    left = Levels(now.requests - 1, now.tokens - tokens, now_s)
    wait_s = max(
        _seconds_to_earn(-left.requests, quota.requests_per_minute),
        _seconds_to_earn(-left.tokens, quota.tokens_per_minute),
    )
    return left, wait_s


def granted(quota: Quota, tokens: float, left: Levels, wait_s: float) -> Grant:
    """What is told of a bucket that was taken from."""
    return Grant(
        quota,
        tokens,
        timedelta(seconds=wait_s),
        None if quota.requests_per_minute is None else left.requests,
        None if quota.tokens_per_minute is None else left.tokens,
    )


def give_back(
    levels: Levels, quota: Quota, *, requests: float, tokens: float, now_s: float
) -> Levels:
    """What was taken and not used; a negative amount is what was used beyond it."""
    now = refilled(levels, quota, now_s)
    return Levels(
        min(_capacity(quota.requests_per_minute, quota), now.requests + requests),
        min(_capacity(quota.tokens_per_minute, quota), now.tokens + tokens),
        now_s,
    )


def _capacity(per_minute: float | None, quota: Quota) -> float:
    return 0.0 if per_minute is None else per_minute * quota.burst.total_seconds() / _MINUTE_S


def _grown(level: float, per_minute: float | None, quota: Quota, elapsed_s: float) -> float:
    if per_minute is None:
        return 0.0
    return min(_capacity(per_minute, quota), level + elapsed_s * per_minute / _MINUTE_S)


def _seconds_to_earn(missing: float, per_minute: float | None) -> float:
    if per_minute is None or missing <= 0:
        return 0.0
    return missing * _MINUTE_S / per_minute
