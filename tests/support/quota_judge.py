"""A judge with a quota, outages and latencies, in the time of its clock; and careful ones on it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from plimsoll.adapters.emulator.quota import ModelQuota
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError
from plimsoll.domain.judging import (
    NOTHING_USED,
    UNKNOWN_USAGE,
    JudgeCall,
    JudgeReply,
    JudgeTraits,
    JudgeUsage,
    Price,
    VerdictForm,
)
from plimsoll.pipeline.judge_budgets import DailyLimits
from plimsoll.pipeline.judge_calls import JudgeCaller, Purse, Question
from plimsoll.pipeline.judge_gate import JudgeGate
from plimsoll.pipeline.judging import CarefulJudge
from plimsoll.ports.clock import Clock
from plimsoll.ports.quotas import Quota
from plimsoll.ports.telemetry import Telemetry
from plimsoll.resilience.breaker import Breaker, BreakerRules
from plimsoll.resilience.concurrency import ConcurrencyLimit
from plimsoll.resilience.retry_share import RetryShare
from tests.contracts.memory_judges import MemoryJudgeStore
from tests.support.counting_telemetry import Figures

FORM = VerdictForm("record_verdict", "Records the verdict.", "{}")
PRICE = Price(0.001, 0.005, "2026-01-01")
INPUT_TOKENS = 300
OUTPUT_TOKENS = 100


def call_about(name: str) -> JudgeCall:
    """A question of a thousand characters."""
    return JudgeCall("a-model", "Judge.", name.ljust(994), FORM, max_output_tokens=400)


def question(name: str, tenant: str = "acme", policy: str = "rule") -> Question:
    """The same, of a tenant."""
    return Question(tenant, policy, call_about(name))


def fault(kind: FaultKind, reason: AbsenceReason, usage: JudgeUsage = NOTHING_USED) -> Exception:
    """As an adapter raises it."""
    return JudgeFaultError(kind, "SomeCode", timedelta(0), Absence(reason, "SomeCode"), usage)


THROTTLED = fault(FaultKind.THROTTLED, AbsenceReason.THROTTLED)
AWAY = fault(FaultKind.TRANSIENT, AbsenceReason.PROVIDER_ERROR)


@dataclass
class Ended:
    """A call as the provider saw it."""

    asked: str
    began_s: float
    outcome: str
    ended_s: float = 0.0
    tokens: int = 0


@dataclass
class QuotaJudge:
    """Answers within a quota; `trouble` says what a call meets at a time, None where all is well.

    "silence" waits for the whole of the deadline.
    """

    clock: Clock
    seed: int = 0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    latency_s: tuple[float, float] = (0.5, 3.0)
    trouble: Callable[[str, float], Exception | str | None] = lambda _asked, _now: None
    journal: list[Ended] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._quota = ModelQuota(
            self.requests_per_minute, self.tokens_per_minute, self.clock.monotonic
        )

    def traits(self, model: str) -> JudgeTraits:
        """Its price is known."""
        return JudgeTraits(price=PRICE)

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """Within the quota an answer comes after a while."""
        now = self.clock.monotonic()
        entry = Ended(call.material.strip(), now, "answered")
        self.journal.append(entry)
        reserved = INPUT_TOKENS + call.max_output_tokens
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if not self._quota.admit(reserved):
                entry.outcome = "throttled"
                raise THROTTLED
            return await self._admitted(entry, reserved, deadline_s)
        finally:
            entry.ended_s = self.clock.monotonic()
            self.in_flight -= 1

    async def _admitted(self, entry: Ended, reserved: int, deadline_s: float) -> JudgeReply:
        used = 0
        try:
            trouble = self.trouble(entry.asked, entry.began_s)
            if trouble == "silence":
                entry.outcome = "silence"
                await self.clock.sleep(deadline_s)
                return JudgeReply(Absence(AbsenceReason.TIMED_OUT, "silence"), usage=UNKNOWN_USAGE)
            await self.clock.sleep(self._chance.uniform(*self.latency_s))
            if isinstance(trouble, Exception):
                entry.outcome = "failed"
                raise trouble
            used = entry.tokens = INPUT_TOKENS + OUTPUT_TOKENS
            usage = JudgeUsage(INPUT_TOKENS, OUTPUT_TOKENS, 0, 0)
            if isinstance(trouble, str):
                reason = AbsenceReason(trouble)
                return JudgeReply(Absence(reason, "as told"), usage=usage, cost_usd=0.0008)
            return JudgeReply({"about": entry.asked}, usage=usage, cost_usd=0.0008)
        finally:
            self._quota.settle(reserved, used)

    async def close(self) -> None:
        """Nothing to close."""


def careful(
    judge: QuotaJudge,
    store: MemoryJudgeStore,
    *,
    quota: Quota | None = None,
    limits: DailyLimits | None = None,
    permits: int = 32,
    seed: int = 0,
    telemetry: Telemetry | None = None,
) -> CarefulJudge:
    """What a worker holds: its own breaker and concurrency, and the store that all share."""
    clock, chance = judge.clock, random.Random(seed).random
    figures = telemetry or Figures()
    gate = JudgeGate(
        quota or Quota("a-judge"),
        store,
        breaker=Breaker(BreakerRules()),
        limit=ConcurrencyLimit(most=permits),
        clock=clock,
        telemetry=figures,
        chance=chance,
    )
    caller = JudgeCaller(
        "a-judge",
        judge,
        gate=gate,
        purse=Purse(store, limits or DailyLimits({}, {})),
        clock=clock,
        telemetry=figures,
        attempt_timeout_s=20.0,
    )
    return CarefulJudge(
        "emulated",
        caller,
        memo=store,
        retries=RetryShare(),
        clock=clock,
        telemetry=figures,
        chance=chance,
    )
