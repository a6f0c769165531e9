"""A careful judge: what it asks, what it pays, what it keeps, and whose fault an absence is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import FatalError
from plimsoll.domain.judge_errors import (
    FaultKind,
    JudgeMisconfiguredError,
    ParameterRefusedError,
)
from plimsoll.domain.judging import UNKNOWN_USAGE, JudgeCall, JudgeReply, Parameter
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_budgets import DailyLimits
from plimsoll.pipeline.judging import CarefulJudge, Judged
from plimsoll.ports.budgets import NOTHING, Amount, BudgetKey
from plimsoll.wire.judge_replies import encode_reply, question_digest
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.support.quota_judge import (
    AWAY,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    THROTTLED,
    QuotaJudge,
    careful,
    fault,
    question,
)
from tests.support.virtual_time import START, VirtualClock, virtually

R, K = AbsenceReason, FaultKind
Trouble = Callable[[str, float], Exception | str | None]


class Scene:
    """A judge, a store and a careful judge between them, in virtual time."""

    def __init__(self, clock: VirtualClock, trouble: Trouble = lambda _asked, _now: None) -> None:
        self.clock = clock
        self.memory = JudgeMemory()
        self.store = MemoryJudgeStore(self.memory, clock)
        self.judge = QuotaJudge(clock, trouble=trouble, latency_s=(1.0, 1.0))
        self.careful = careful(self.judge, self.store)

    async def ask(self, name: str, judge: CarefulJudge | None = None) -> Judged:
        """Asks with the time of a fresh result."""
        return await (judge or self.careful).ask(question(name), self.time())

    def time(self) -> ResultClock:
        """Half a minute, and a quarter of an hour of holding."""
        return ResultClock(self.clock, 30.0, 900.0)

    @property
    def calls(self) -> int:
        """How many calls the judge has seen."""
        return len(self.judge.journal)


def play(
    story: Callable[[Scene], Awaitable[None]], trouble: Trouble = lambda _asked, _now: None
) -> None:
    """Runs a story in virtual time."""

    async def main(clock: VirtualClock) -> None:
        await story(Scene(clock, trouble))

    virtually(main)


def first(times: int, what: Exception | str) -> Trouble:
    """So many calls meet it, then all is well."""
    left = [times]

    def trouble(asked: str, now: float) -> Exception | str | None:
        left[0] -= 1
        return what if left[0] >= 0 else None

    return trouble


def test_the_same_question_is_asked_once() -> None:
    """A replay, also by another worker, costs no second call and gives the same bytes."""

    async def story(scene: Scene) -> None:
        one = await scene.ask("a")
        again = await scene.ask("a")
        other = await scene.ask("a", careful(scene.judge, scene.store))
        assert scene.calls == 1
        assert [one.from_memo, again.from_memo, other.from_memo] == [False, True, True]
        assert {encode_reply(j.reply) for j in (one, again, other)} == {encode_reply(one.reply)}

    play(story)


def test_ten_who_ask_at_once_share_one_call() -> None:
    """While one asks, the others wait; what they wait costs none of them its time."""

    async def story(scene: Scene) -> None:
        times = [scene.time() for _ in range(10)]
        found = await asyncio.gather(*(scene.careful.ask(question("a"), t) for t in times))
        assert scene.calls == 1
        assert len({encode_reply(judged.reply) for judged in found}) == 1
        assert [time.left_s for time in times] == [29.0] + [30.0] * 9

    play(story)


def test_another_worker_asks_nothing_while_the_first_still_does() -> None:
    """Three attempts and their pauses outlast a lease: it is renewed, and two workers pay once."""

    async def story(scene: Scene) -> None:
        scene.judge.latency_s = (15.0, 15.0)
        leading = asyncio.ensure_future(scene.ask("a"))
        await asyncio.sleep(1.0)
        store = MemoryJudgeStore(scene.memory, scene.clock)
        other = await scene.ask("a", careful(scene.judge, store))
        assert [entry.outcome for entry in scene.judge.journal] == ["failed", "failed", "answered"]
        assert (other.from_memo, (await leading).from_memo) == (True, False)
        # Nothing is left of the lease: whoever comes next may ask.
        digest = question_digest("emulated", question("a").call)
        assert await store.lead("acme", digest, timedelta(seconds=1))

    play(story, first(2, AWAY))


def test_who_waits_goes_on_where_the_first_is_cancelled() -> None:
    """The end of one result is not the end of another that asks the same."""

    async def story(scene: Scene) -> None:
        leader = asyncio.ensure_future(scene.ask("a"))
        follower = asyncio.ensure_future(scene.ask("a"))
        await asyncio.sleep(0.5)
        leader.cancel()
        assert (await follower).reply.verdict == {"about": "a"}
        assert scene.calls == 2
        assert scene.careful.gate.is_open

    play(story)


def test_another_tenant_asks_for_itself() -> None:
    """What one tenant has paid for answers no other."""

    async def story(scene: Scene) -> None:
        await scene.ask("a")
        await scene.careful.ask(question("a", tenant="other"), scene.time())
        assert scene.calls == 2

    play(story)


FINAL = ["parse_failed", "truncated", "content_filtered", "judge_refused", "input_too_large"]


@pytest.mark.parametrize("reason", FINAL)
def test_a_final_absence_is_kept_like_a_verdict(reason: str) -> None:
    """What the question itself ended in is not paid for twice, and is the same in a replay."""

    async def story(scene: Scene) -> None:
        one, again = await scene.ask("a"), await scene.ask("a")
        assert one.reply == again.reply
        assert one.reply.absence is not None
        assert one.reply.absence.reason is R(reason)
        assert (scene.calls, one.held_out) == (1, False)

    play(story, lambda _asked, _now: reason)


def test_an_absence_of_the_moment_is_not_kept() -> None:
    """What the provider did not want today is asked for again tomorrow."""

    async def story(scene: Scene) -> None:
        absence = (await scene.ask("a")).reply.absence
        assert absence is not None
        assert absence.reason is R.PROVIDER_ERROR
        assert (await scene.ask("a")).reply.verdict is not None

    play(story, first(1, "provider_error"))


# What the first calls end in -> the calls it takes until the verdict; time of the result is left
# as if there had been one good call.
OUTLASTED: dict[str, tuple[int, Exception | str, int]] = {
    "throttled": (3, THROTTLED, 4),
    "away": (3, AWAY, 4),
    "silent": (1, "silence", 2),
    "no thread": (2, "throttled", 3),
    "an outage": (30, AWAY, 31),
}


@pytest.mark.parametrize("name", OUTLASTED)
def test_the_judges_own_faults_are_outlasted(name: str) -> None:
    """They are nobody's absence, and the result's time stands still."""
    times, what, calls = OUTLASTED[name]

    async def story(scene: Scene) -> None:
        time = scene.time()
        judged = await scene.careful.ask(question("a"), time)
        assert judged.reply.verdict == {"about": "a"}
        assert scene.calls == calls
        assert time.left_s == pytest.approx(29.0)

    play(story, first(times, what))


def test_a_fault_of_the_question_is_its_absence() -> None:
    """While others are answered, what always fails is given up, and says why."""

    def trouble(asked: str, now: float) -> Exception | None:
        return AWAY if asked == "bad" else None

    async def story(scene: Scene) -> None:
        async def others() -> None:
            for n in range(300):
                await scene.ask(f"good {n}")

        going_on = asyncio.ensure_future(others())
        judged = await scene.ask("bad")
        assert judged.reply.absence is not None
        assert judged.reply.absence.reason is R.PROVIDER_ERROR
        assert not judged.held_out
        assert sum(entry.asked == "bad" for entry in scene.judge.journal) == 5
        going_on.cancel()

    play(story, trouble)


@pytest.mark.parametrize("reason", ["parse_failed", "timed_out", "provider_error"])
def test_a_model_that_fails_at_a_question_is_asked_once_more(reason: str) -> None:
    """A fault of the model is the question's after two attempts, and what each cost is counted."""
    error = fault(K.MODEL_FAULT, R(reason), UNKNOWN_USAGE)

    async def story(scene: Scene) -> None:
        judged = await scene.ask("a")
        assert judged.reply.absence is not None
        assert judged.reply.absence.reason is R(reason)
        assert scene.calls == 2
        assert scene.careful.gate.breaker.is_closed
        stands = await scene.store.standing(BudgetKey("acme", "rule", START.date()))
        assert stands.used.tokens > 2 * (INPUT_TOKENS + OUTPUT_TOKENS)
        assert stands.reserved == NOTHING

    play(story, first(99, error))


def test_a_hold_has_an_end() -> None:
    """After max_hold the result is held out, with what the judge failed with, not its own fault."""

    async def story(scene: Scene) -> None:
        judged = await scene.ask("a")
        assert judged.held_out
        assert judged.reply.absence is not None
        assert judged.reply.absence.reason is R.PROVIDER_ERROR
        assert scene.clock.monotonic() == pytest.approx(900.0, abs=25.0)
        assert (await scene.store.standing(BudgetKey("acme", "rule", START.date()))).used == NOTHING

    play(story, lambda _asked, _now: AWAY)


def test_a_spent_budget_is_an_absence_at_once() -> None:
    """Nobody waits for tomorrow; no call is made beyond the limit, however many ask at once."""

    async def story(scene: Scene) -> None:
        limits = DailyLimits({"acme/rule": 10_000}, {})
        judge = careful(scene.judge, scene.store, limits=limits)
        found = await asyncio.gather(*(scene.ask(f"q{n}", judge) for n in range(40)))
        reasons = [j.reply.absence.reason for j in found if j.reply.absence is not None]
        stands = await scene.store.standing(BudgetKey("acme", "rule", START.date()))
        assert stands.used.tokens == scene.calls * (INPUT_TOKENS + OUTPUT_TOKENS)
        assert stands.used.tokens <= 10_000
        assert reasons == [R.BUDGET_EXHAUSTED] * (40 - scene.calls)
        # What was not made is known to have cost nothing, whatever the model's price is.
        assert {j.reply.cost_usd for j in found if j.reply.absence is not None} == {0.0}
        assert scene.calls > 4
        assert scene.careful.gate.is_open

    play(story)


def test_money_is_counted_in_billionths() -> None:
    """What the reply says it cost is what the budget counts, to the last digit."""

    async def story(scene: Scene) -> None:
        await scene.ask("a")
        stands = await scene.store.standing(BudgetKey("acme", "rule", START.date()))
        assert stands.used == Amount(INPUT_TOKENS + OUTPUT_TOKENS, 800_000)

    play(story)


def test_a_configuration_fault_is_held_and_tried_out_one_by_one() -> None:
    """While nobody may invoke the model there is a call every ten seconds, and no absence.

    Whoever watches hears each time what to do.
    """
    denied = JudgeMisconfiguredError("AccessDeniedException", "check the role")

    async def story(scene: Scene) -> None:
        found = await asyncio.gather(*(scene.ask(f"q{n}") for n in range(20)))
        assert all(judged.reply.verdict is not None for judged in found)
        failed = [e.began_s for e in scene.judge.journal if e.outcome == "failed"]
        assert len(failed) <= 4 + 300 / 10

    with capture_logs() as logs:
        play(story, lambda _asked, now: denied if now < 300 else None)
    told = [log for log in logs if log["event"] == "judge.misconfigured"]
    assert {(log["log_level"], log["advice"]) for log in told} == {("warning", "check the role")}


def test_a_refused_parameter_is_left_out_from_then_on() -> None:
    """The call is made again without it, at once; later calls do not offer it any more."""
    offered: list[tuple[Parameter, ...]] = []

    class Refusing(QuotaJudge):
        async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
            offered.append(call.dropped)
            if Parameter.TEMPERATURE not in call.dropped:
                raise ParameterRefusedError("ValidationException", Parameter.TEMPERATURE)
            return await super().ask(call, deadline_s)

    async def main(clock: VirtualClock) -> None:
        store = MemoryJudgeStore(JudgeMemory(), clock)
        judge = careful(Refusing(clock), store)
        for name in ("a", "b"):
            reply = (await judge.ask(question(name), ResultClock(clock, 30.0, 900.0))).reply
            assert reply.verdict is not None
        assert offered == [(), (Parameter.TEMPERATURE,), (Parameter.TEMPERATURE,)]

    virtually(main)


def test_a_mistake_passes_and_blocks_nobody() -> None:
    """What is no fault of a judge is raised; its slot is free again."""

    async def story(scene: Scene) -> None:
        for n in range(40):
            with pytest.raises(FatalError):
                await scene.ask(f"q{n}")
        assert (await scene.ask("fine")).reply.verdict is not None

    play(story, first(40, FatalError("a mistake")))
