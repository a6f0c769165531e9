"""Laws of a careful judge, whatever trouble comes in whatever order, in virtual time."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.judge_errors import FaultKind, JudgeMisconfiguredError
from plimsoll.domain.judging import UNKNOWN_USAGE
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_budgets import DailyLimits
from plimsoll.pipeline.judging import Judged
from plimsoll.ports.budgets import NOTHING, BudgetKey
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.support.quota_judge import AWAY, THROTTLED, QuotaJudge, careful, fault, question
from tests.support.virtual_time import START, VirtualClock, virtually

R = AbsenceReason
MODEL_FAULT = fault(FaultKind.MODEL_FAULT, R.PROVIDER_ERROR, UNKNOWN_USAGE)
DENIED = JudgeMisconfiguredError("AccessDeniedException", "check the role")
TROUBLES = (None, None, None, AWAY, THROTTLED, DENIED, MODEL_FAULT, "silence", "parse_failed")
# What a question may end in that its judge has not held out.
ITS_OWN = {R.PARSE_FAILED, R.PROVIDER_ERROR, R.TIMED_OUT, R.BUDGET_EXHAUSTED}
LIMIT = 30_000


@settings(max_examples=40)
@given(
    schedule=st.lists(st.sampled_from(TROUBLES), min_size=1, max_size=12),
    names=st.lists(st.integers(0, 9), min_size=1, max_size=40),
    slice_s=st.sampled_from([0.7, 5.0, 40.0]),
    max_hold_s=st.sampled_from([20.0, 900.0]),
)
def test_every_question_ends_and_everything_adds_up(
    schedule: list[Exception | str | None], names: list[int], slice_s: float, max_hold_s: float
) -> None:
    """Nobody waits for ever, pays twice for a verdict, passes the budget, or blocks those after.

    Trouble comes in slices of time and ends with the schedule.
    """

    def trouble(asked: str, now: float) -> Exception | str | None:
        at = int(now / slice_s)
        return schedule[at] if at < len(schedule) else None

    async def main(clock: VirtualClock) -> None:
        store = MemoryJudgeStore(JudgeMemory(), clock)
        judge = QuotaJudge(clock, trouble=trouble)
        asking = careful(judge, store, limits=DailyLimits({"*": LIMIT}, {}), permits=8)

        async def ask(name: int) -> Judged:
            return await asking.ask(question(f"q{name}"), ResultClock(clock, 60.0, max_hold_s))

        found = await asyncio.gather(*map(ask, names))
        for judged in found:
            absence = judged.reply.absence
            assert absence is None or judged.held_out or absence.reason in ITS_OWN
        verdicts = Counter(e.asked for e in judge.journal if e.outcome == "answered" and e.tokens)
        assert all(count == 1 for count in verdicts.values())
        stands = await store.standing(BudgetKey("acme", "rule", START.date()))
        assert stands.reserved == NOTHING
        assert stands.used.tokens <= LIMIT
        assert judge.in_flight == 0
        assert judge.most_in_flight <= 8
        assert asking.gate._limit.running == 0
        # All trouble over, whoever has the money for it is answered.
        await clock.sleep(max(0.0, slice_s * len(schedule) - clock.monotonic()) + 60.0)
        other = await asking.ask(question("new", tenant="other"), ResultClock(clock, 60.0, 900.0))
        assert other.reply.verdict is not None

    virtually(main)
