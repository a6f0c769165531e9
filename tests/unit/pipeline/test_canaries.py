"""Canaries beside results: how many, at whose expense, past the memo, and what they tell."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest
from structlog.testing import capture_logs

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.judges.canary_record import Tolerance
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.canary import CANARY_TENANT, CanaryKind
from plimsoll.domain.errors import FatalError
from plimsoll.domain.identity import ResultKey, tenant_problem
from plimsoll.domain.judging import NOTHING_USED, JudgeReply
from plimsoll.domain.rubric import Panel
from plimsoll.pipeline.canaries import (
    Canaries,
    CanaryRules,
    drawn_canary,
)
from plimsoll.pipeline.canary_asking import CanaryJudge, stock
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_budgets import DailyLimits, limit
from plimsoll.pipeline.judge_calls import Question
from plimsoll.pipeline.judging import Judged
from plimsoll.pipeline.jurors import Juror
from plimsoll.ports.budgets import BudgetKey
from plimsoll.ports.judge_telemetry import (
    JUDGE_CANARIES,
    JUDGE_CANARIES_DROPPED,
    JUDGE_DISTRUSTED,
    JUDGE_LIVE_RATE,
)
from plimsoll.settings.canary_files import shipped_books
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.support.quota_judge import AWAY, QuotaJudge, careful, question
from tests.support.virtual_time import START, VirtualClock, virtually
from tests.unit.judging.judged import PLAIN, panel

CORRECTNESS = panel().rubric
STOCK = stock(CORRECTNESS, shipped_books()["correctness"])
RULES = CanaryRules(1.0, "seed", 400, Tolerance(0.05, 0.7), drain_s=20.0)
GOOD = {c.result.response.text for c in STOCK[CanaryKind.KNOWN_GOOD]}


@dataclass
class Judge:
    """Takes a second for an answer: the right grade, or the top one where `fooled`."""

    clock: VirtualClock
    fooled: bool = False
    outcome: Absence | None = None
    error: Exception | None = None
    asked: list[Question] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    async def ask_anew(self, question: Question, time: ResultClock) -> Judged:
        """A verdict on a canary."""
        del time
        self.asked.append(question)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await self.clock.sleep(1.0)
        self.under_way -= 1
        if self.error is not None:
            raise self.error
        if self.outcome is not None:
            return Judged(JudgeReply(self.outcome, usage=NOTHING_USED))
        good = any(f"\n{text}\n" in question.call.material for text in GOOD)
        verdict = {"rationale": "So it is.", "cannot_tell": False}
        return Judged(JudgeReply({**verdict, "grade": 5 if good or self.fooled else 1}))


class Scene:
    """Canaries for one judge, in virtual time."""

    def __init__(self, clock: VirtualClock, rules: CanaryRules = RULES) -> None:
        self.clock = clock
        self.judge = Judge(clock)
        self.telemetry = PrometheusTelemetry()
        self.panel = panel()
        self.canaries = self.of(rules, {"one": self.judge})

    def of(self, rules: CanaryRules, judges: dict[str, Judge]) -> Canaries:
        """Canaries for these judges."""
        jurors = {n: Juror(n, f"model-{n}", PLAIN, CanaryJudge(j)) for n, j in judges.items()}
        return Canaries(
            {"correctness": STOCK}, jurors, rules, clock=self.clock, telemetry=self.telemetry
        )

    def follow(self, results: int, judge: str = "one") -> None:
        """So many results have been judged."""
        for number in range(results):
            self.canaries.follow(self.panel, judge, ResultKey("acme", f"r-{number}"))

    def told(self, outcome: str) -> int:
        """How many canaries have ended so."""
        kinds = [kind.value for kind in CanaryKind]
        at = [("one", "correctness", kind, outcome) for kind in kinds]
        return int(sum(self.telemetry.value(JUDGE_CANARIES, labels) for labels in at))


def play(story: Callable[[Scene], Awaitable[None]], rules: CanaryRules = RULES) -> None:
    """Runs a story in virtual time."""

    async def main(clock: VirtualClock) -> None:
        await story(Scene(clock, rules))

    virtually(main)


def test_a_judge_without_canaries_is_followed_by_none() -> None:
    """One that cannot be asked past its memo is no mistake: nothing is due, and nothing dropped."""

    async def story(scene: Scene) -> None:
        scene.follow(3, judge="remembered")
        assert scene.telemetry.value(JUDGE_CANARIES_DROPPED, ("remembered",)) == 0

    play(story)


def test_canaries_follow_at_their_share() -> None:
    """Of 2,000 results at a share of 2 % about 40 are followed, the same ones each time."""

    async def story(scene: Scene) -> None:
        async with scene.canaries.running():
            for number in range(2_000):
                scene.canaries.follow(scene.panel, "one", ResultKey("acme", f"r-{number}"))
                await scene.clock.sleep(0.1)
        assert 20 <= len(scene.judge.asked) <= 60
        first.append([q.call.material for q in scene.judge.asked])

    first: list[list[str]] = []
    for _ in range(2):
        play(story, replace(RULES, share=0.02))
    assert first[0] == first[1]


def test_another_seed_draws_others() -> None:
    """Who does not know the seed does not know the canaries."""
    drawn = {
        seed: [drawn_canary(STOCK, seed, f"one acme/{n}").name for n in range(50)] for seed in "ab"
    }
    assert drawn["a"] != drawn["b"]


def test_they_wait_in_nobodys_way() -> None:
    """A thousand that are due at once: one is under way, 32 wait, the others are dropped."""

    async def story(scene: Scene) -> None:
        async with scene.canaries.running():
            scene.follow(1_000)
            await scene.clock.sleep(100.0)
            assert len(scene.judge.asked) == 32
            assert scene.judge.most_under_way == 1
            assert scene.telemetry.value(JUDGE_CANARIES_DROPPED, ("one",)) == 968

    play(story)


def test_a_judge_that_is_silent_holds_up_no_other() -> None:
    """Each judge has its own lane."""

    async def story(scene: Scene) -> None:
        other = Judge(scene.clock)
        scene.canaries = scene.of(RULES, {"one": scene.judge, "other": other})
        async with scene.canaries.running():
            scene.follow(5)
            scene.follow(5, "other")
            await scene.clock.sleep(5.5)
            assert len(scene.judge.asked) == len(other.asked) == 5

    play(story)


def test_the_end_waits_for_the_one_under_way_and_begins_no_other() -> None:
    """What has been asked is heard; what waits is dropped; nothing is left running."""

    async def story(scene: Scene) -> None:
        async with scene.canaries.running():
            scene.follow(10)
            await scene.clock.sleep(0.5)
        assert len(scene.judge.asked) == scene.told("right") == 1
        scene.follow(10)
        await scene.clock.sleep(60.0)
        assert len(scene.judge.asked) == 1
        assert len(asyncio.all_tasks()) == 1

    play(story)


def test_the_end_does_not_wait_for_ever() -> None:
    """A call that does not end is given up after the time that the end has."""

    async def story(scene: Scene) -> None:
        async with scene.canaries.running():
            scene.follow(1)
            await scene.clock.sleep(0.25)
        assert scene.clock.monotonic() == pytest.approx(0.75)
        assert scene.told("right") == 0

    play(story, replace(RULES, drain_s=0.5))


def test_what_is_fatal_comes_out() -> None:
    """A store that is gone is said at once and raised at the end; it is not swallowed."""

    async def story(scene: Scene) -> None:
        scene.judge.error = FatalError("the disk is full")
        async with scene.canaries.running():
            scene.follow(1)
            with capture_logs() as logs:
                await scene.clock.sleep(5.0)
            assert [log["event"] for log in logs] == ["canaries.failed"]

    with pytest.raises(FatalError, match="disk"):
        play(story)


def test_a_rubric_without_canaries_is_followed_by_none() -> None:
    """A rubric of the user's own, for which there are no items, is left alone."""

    async def story(scene: Scene) -> None:
        own = Panel("mine", replace(CORRECTNESS, name="mine"), ("one",))
        async with scene.canaries.running():
            scene.canaries.follow(own, "one", ResultKey("acme", "r-1"))
            await scene.clock.sleep(5.0)
        assert scene.judge.asked == []

    play(story)


def test_a_judge_that_is_fooled_is_reported_once_and_taken_back() -> None:
    """Telemetry and one log line say it, with figures; so they do when it has recovered."""

    async def story(scene: Scene) -> None:
        at = ("one", "correctness", "fooled")
        async with scene.canaries.running():
            with capture_logs() as logs:
                for fooled in (True, False):
                    scene.judge.fooled = fooled
                    for _ in range(8):
                        scene.follow(30)
                        await scene.clock.sleep(40.0)
                    assert scene.telemetry.value(JUDGE_DISTRUSTED, at) == float(fooled)
        said = [log for log in logs if log["rate"] == "fooled"]
        assert [log["event"] for log in said] == ["judge.distrusted", "judge.trusted_again"]
        assert [log["log_level"] for log in said] == ["warning", "info"]
        assert (said[0]["judge"], said[0]["rubric"], said[0]["estimate"]) == (
            "one", "correctness", 1.0,
        )  # fmt: skip
        assert said[0]["lower"] > 0.05
        rates = {b: scene.telemetry.value(JUDGE_LIVE_RATE, (*at, b)) for b in ("lower", "upper")}
        assert rates["lower"] == 0.0 < rates["upper"] < 0.2

    play(story, replace(RULES, window=100))


def test_a_canary_that_was_not_paid_for_says_nothing_of_the_judge() -> None:
    """Without budget nobody is asked: there is no rate, and no alarm."""

    async def story(scene: Scene) -> None:
        scene.judge.outcome = Absence(AbsenceReason.BUDGET_EXHAUSTED)
        async with scene.canaries.running():
            scene.follow(20)
            await scene.clock.sleep(60.0)
        assert scene.told("not_asked") == 20
        assert (
            scene.telemetry.value(JUDGE_LIVE_RATE, ("one", "correctness", "fooled", "upper")) == 0
        )

    play(story)


def test_they_bypass_the_memo_and_pay_from_a_budget_of_their_own() -> None:
    """Asked twice is two calls, nothing is kept, and no tenant's day has spent anything.

    Where their budget is spent no call is made, and the tenants' questions are asked as ever.
    """

    async def main(clock: VirtualClock) -> None:
        memory = JudgeMemory()
        judge, store = QuotaJudge(clock), MemoryJudgeStore(memory, clock)
        limits = DailyLimits({"*": 10**9}, {}, apart={CANARY_TENANT: limit(4_000, None)})
        of = careful(judge, store, limits=limits)
        canary = CanaryJudge(of)
        time = ResultClock(clock, 60.0, 60.0)
        await of.ask(question("a"), time)
        kept = dict(memory.replies)
        for _ in range(2):
            assert (await canary.ask(question("a"), time)).reply.verdict is not None
        assert len(judge.journal) == 3
        assert memory.replies == kept
        spent = {key: used.tokens for key, used in memory.used.items()}
        day = START.date()
        assert spent == {
            BudgetKey("acme", "rule", day): 400,
            BudgetKey(CANARY_TENANT, "canaries", day): 800,
        }
        while (end := await canary.ask(question("a"), time)).reply.absence is None:
            pass
        assert end.reply.absence.reason is AbsenceReason.BUDGET_EXHAUSTED
        calls = len(judge.journal)
        await of.ask(question("b"), time)
        assert len(judge.journal) == calls + 1
        assert spent[BudgetKey("acme", "rule", day)] == 400

    virtually(main)


def test_no_tenant_can_be_called_like_the_canaries() -> None:
    """Their budget cannot be met under the name of a tenant."""
    assert tenant_problem(CANARY_TENANT) is not None


def test_they_stand_before_the_same_breaker() -> None:
    """Canaries' failures open the judge's breaker, and a closed gate holds them back, too."""

    async def main(clock: VirtualClock) -> None:
        judge = QuotaJudge(clock, trouble=lambda _asked, _now: AWAY)
        of = careful(judge, MemoryJudgeStore(JudgeMemory(), clock))
        time = ResultClock(clock, 60.0, 300.0)
        asking = (CanaryJudge(of).ask(question(str(n)), time) for n in range(25))
        assert all(end.held_out for end in await asyncio.gather(*asking))
        assert not of.gate.breaker.is_closed

    virtually(main)
