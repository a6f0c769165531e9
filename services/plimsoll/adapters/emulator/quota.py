"""Quotas as Bedrock meters them: reserved when a call starts, settled when it ends.

https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html
"""

from __future__ import annotations

from collections.abc import Callable


class Meter:
    """One quota, refilled continuously; 0 a minute is no quota at all.

    `minute_s` is how long its minute takes: tests have less time than services.
    """

    def __init__(self, per_minute: int, now: Callable[[], float], minute_s: float = 60.0) -> None:
        self._limit = float(per_minute)
        self._left = float(per_minute)
        self._now = now
        self._minute_s = minute_s
        self._seen_at = now()

    def take(self, amount: float) -> bool:
        """Takes the amount, or nothing at all where that much is not left."""
        if not self._limit:
            return True
        self._refill()
        if amount > self._left:
            return False
        self._left -= amount
        return True

    def give_back(self, amount: float) -> None:
        """What was taken in vain; a negative amount is what was used beyond it."""
        self._left = min(self._limit, self._left + amount)

    def _refill(self) -> None:
        now = self._now()
        grown = self._left + (now - self._seen_at) * self._limit / self._minute_s
        self._left = min(self._limit, grown)
        self._seen_at = now


class ModelQuota:
    """The two quotas of one model."""

    def __init__(
        self, requests: int, tokens: int, now: Callable[[], float], minute_s: float = 60.0
    ) -> None:
        self._requests = Meter(requests, now, minute_s)
        self._tokens = Meter(tokens, now, minute_s)

    def admit(self, reserved_tokens: int) -> bool:
        """Starts a call, or refuses it; a refused call costs nothing."""
        if not self._requests.take(1):
            return False
        if self._tokens.take(reserved_tokens):
            return True
        self._requests.give_back(1)
        return False

    def settle(self, reserved_tokens: int, used_tokens: float) -> None:
        """Ends a call."""
        self._tokens.give_back(reserved_tokens - used_tokens)
