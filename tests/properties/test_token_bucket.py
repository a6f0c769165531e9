"""The token bucket against a naive provider: what it grants, the provider admits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from plimsoll.ports.quotas import Quota
from plimsoll.resilience.token_bucket import full, give_back, refilled, take

# 2 requests and 100 tokens a second. Ours lets five seconds' worth go at once, the provider a
# minute's: a grant is taken from ours as soon as it is given, from the provider's when it starts.
QUOTA = Quota("q", requests_per_minute=120, tokens_per_minute=6_000, burst=timedelta(seconds=5))
LIMITS = ((2.0, 120.0), (100.0, 6_000.0))
CLOSE = 1e-6


@dataclass
class Call:
    """A call that was granted, when it may start, and what it holds."""

    at: float
    tokens: int


class BucketMachine(RuleBasedStateMachine):
    """The provider's meter steps through time; it starts calls when their grants say."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0
        self.bucket = full(QUOTA, self.now)
        self.provider = [most for _, most in LIMITS]
        self.waiting: list[Call] = []
        self.running: list[Call] = []

    @rule(tokens=st.integers(1, 800))
    def grant(self, tokens: int) -> None:
        """Somebody takes a grant; one that is due starts at once."""
        self.bucket, wait = take(self.bucket, QUOTA, tokens, self.now)
        assert wait >= 0
        self.waiting.append(Call(self.now + wait, tokens))
        self.wait(0.0)

    @rule(seconds=st.floats(0.0, 12.0))
    def wait(self, seconds: float) -> None:
        """Time passes, and calls start in the order of their grants."""
        end = self.now + seconds
        for call in sorted(self.waiting, key=lambda call: call.at):
            if call.at > end + CLOSE:
                break
            self.refill(max(self.now, call.at))
            self.start(call)
        self.refill(end)

    def refill(self, to: float) -> None:
        """The provider's meter moves on."""
        elapsed = to - self.now
        self.now = to
        self.provider = [
            min(most, level + elapsed * rate)
            for level, (rate, most) in zip(self.provider, LIMITS, strict=True)
        ]

    def start(self, call: Call) -> None:
        """The provider has what a call needs when its grant says so."""
        self.waiting.remove(call)
        self.provider[0] -= 1
        self.provider[1] -= call.tokens
        assert self.provider[0] >= -CLOSE
        assert self.provider[1] >= -CLOSE
        self.running.append(call)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        """A call ends, having used no more than it holds."""
        call = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        unused = call.tokens - data.draw(st.integers(0, call.tokens))
        self.provider[1] = min(LIMITS[1][1], self.provider[1] + unused)
        self.bucket = give_back(self.bucket, QUOTA, requests=0, tokens=unused, now_s=self.now)

    @precondition(lambda self: self.waiting)
    @rule()
    def withdraw(self) -> None:
        """The last who waits gives up, and gives back all."""
        call = self.waiting.pop()
        self.bucket = give_back(self.bucket, QUOTA, requests=1, tokens=call.tokens, now_s=self.now)

    @invariant()
    def never_more_than_the_provider_has(self) -> None:
        """Ours is never above the provider's, so that the provider never has to refuse."""
        now = refilled(self.bucket, QUOTA, self.now)
        assert now.requests <= self.provider[0] + CLOSE
        assert now.tokens <= self.provider[1] + CLOSE


TestTokenBucket = BucketMachine.TestCase
TestTokenBucket.settings = settings(max_examples=40, stateful_step_count=30)


def test_a_quota_that_nobody_knows_holds_nobody() -> None:
    """Without figures there is no wait, however much is taken."""
    unknown = Quota("q")
    levels = full(unknown, 0.0)
    for _ in range(1_000):
        levels, wait = take(levels, unknown, 1e6, 0.0)
        assert wait == 0.0


def test_grants_come_at_the_rate_of_the_quota() -> None:
    """Of a hundred grants at once, those beyond the burst come half a second apart."""
    levels = full(QUOTA, 0.0)
    waits = []
    for _ in range(100):
        levels, wait = take(levels, QUOTA, 1, 0.0)
        waits.append(wait)
    assert waits[:10] == [0.0] * 10
    assert waits[10:] == pytest.approx([0.5 * n for n in range(1, 91)])


def test_a_clock_that_was_set_back_earns_nothing() -> None:
    """Going back an hour neither fills the bucket nor blocks it."""
    empty, _ = take(full(QUOTA, 7_200.0), QUOTA, 500, 7_200.0)
    back = refilled(empty, QUOTA, 3_600.0)
    assert back.tokens == empty.tokens
    assert refilled(back, QUOTA, 3_601.0).tokens == pytest.approx(100.0)
