"""The gate before a judge: order, room, rest after throttles, single probes, and no place lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judging import CarefulJudge
from plimsoll.ports.judge_telemetry import JUDGE_BREAKER_OPEN, JUDGE_STORE_WAITS
from plimsoll.ports.quotas import Grant, Quota
from plimsoll.wire.judge_replies import question_digest
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.support.counting_telemetry import Figures
from tests.support.quota_judge import AWAY, THROTTLED, QuotaJudge, careful, question
from tests.support.virtual_time import VirtualClock, virtually

Trouble = Callable[[str, float], Exception | str | None]


def fine(asked: str, now: float) -> None:
    """Nothing is the matter."""


class Scene:
    """Judges on one store, in virtual time."""

    def __init__(self, clock: VirtualClock, trouble: Trouble) -> None:
        self.clock = clock
        self.store = MemoryJudgeStore(JudgeMemory(), clock)
        self.judge = QuotaJudge(clock, trouble=trouble, latency_s=(1.0, 1.0))

    def careful(self, **more: object) -> CarefulJudge:
        """Another worker's."""
        return careful(self.judge, self.store, **more)  # type: ignore[arg-type]  # as it takes them

    def time(self) -> ResultClock:
        """Half a minute, and a quarter of an hour of holding."""
        return ResultClock(self.clock, 30.0, 900.0)


def play(story: Callable[[Scene], Awaitable[None]], trouble: Trouble = fine) -> None:
    """Runs a story in virtual time."""

    async def main(clock: VirtualClock) -> None:
        await story(Scene(clock, trouble))

    virtually(main)


def test_calls_go_in_the_order_of_asking() -> None:
    """A large call that has to wait for its tokens is not overtaken by small ones."""

    async def story(scene: Scene) -> None:
        quota = Quota("q", tokens_per_minute=6_000, burst=timedelta(seconds=1))
        judge = scene.careful(quota=quota)
        asks = [judge.ask(question(f"q{n}"), scene.time()) for n in range(12)]
        await asyncio.gather(*asks)
        assert [entry.asked for entry in scene.judge.journal] == [f"q{n}" for n in range(12)]

    play(story)


def test_no_more_than_the_permits_are_under_way() -> None:
    """However many ask, and however well it goes."""

    async def story(scene: Scene) -> None:
        judge = scene.careful(permits=6)
        await asyncio.gather(*(judge.ask(question(f"q{n}"), scene.time()) for n in range(100)))
        assert scene.judge.most_in_flight == 6

    play(story)


def test_a_judge_that_only_throttles_is_left_to_rest() -> None:
    """At one call at a time each throttle makes the rest longer, up to half a minute."""

    async def story(scene: Scene) -> None:
        judge = scene.careful()
        asks = [judge.ask(question(f"q{n}"), scene.time()) for n in range(50)]
        found = await asyncio.gather(*asks)
        assert all(one.held_out for one in found)
        reasons = {one.reply.absence.reason for one in found if one.reply.absence is not None}
        assert reasons == {AbsenceReason.THROTTLED}
        began = [entry.began_s for entry in scene.judge.journal]
        assert sum(at >= 300 for at in began) <= 600 / 15 + 1
        assert judge.gate.breaker.openings == 0

    play(story, lambda _asked, _now: THROTTLED)


def test_single_calls_try_a_failed_judge_out() -> None:
    """Ten workers with an open breaker make one call a second at most, all of them together."""

    async def story(scene: Scene) -> None:
        figures = Figures()
        workers = [scene.careful(seed=n, telemetry=figures) for n in range(10)]
        asks = [
            worker.ask(question(f"q{n} of {w}"), scene.time())
            for w, worker in enumerate(workers)
            for n in range(40)
        ]
        await asyncio.gather(*asks)
        assert all(worker.gate.breaker.openings > 5 for worker in workers)
        began = sorted(e.began_s for e in scene.judge.journal if e.began_s >= 120)
        assert len(began) > 300
        assert all(late - early > 0.999 for early, late in pairwise(began))
        assert figures.totals[JUDGE_BREAKER_OPEN.name, "a-judge"] == 1

    play(story, lambda _asked, _now: AWAY)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_is_cancelled_leaves_no_place_taken(seed: int) -> None:
    """Cancelled at any moment, in line, in a call or in an outage, nobody blocks those after."""

    def trouble(asked: str, now: float) -> Exception | str | None:
        return (None, AWAY, THROTTLED, "silence")[int(now / 7) % 4] if now < 120 else None

    async def story(scene: Scene) -> None:
        chance = random.Random(seed)
        judge = scene.careful(quota=Quota("q", 300.0, None, timedelta(seconds=2)), seed=seed)
        asks = []
        for n in range(300):
            asks.append(asyncio.ensure_future(judge.ask(question(f"q{n % 200}"), scene.time())))
            await scene.clock.sleep(chance.choice([0.0, 0.1, 0.5, 1.0]))
            if chance.random() < 0.7:
                chance.choice(asks).cancel()
        await asyncio.gather(*asks, return_exceptions=True)
        assert judge.gate._limit.running == 0
        assert scene.judge.in_flight == 0
        assert (await judge.ask(question("last"), scene.time())).reply.verdict is not None

    play(story, trouble)


def test_who_is_let_through_and_cancelled_at_once_gives_its_place_back() -> None:
    """The moment between the two is the one in which a place could get lost."""

    async def story(scene: Scene) -> None:
        judge = scene.careful(permits=1)
        first = asyncio.ensure_future(judge.ask(question("first"), scene.time()))
        second = asyncio.ensure_future(judge.ask(question("second"), scene.time()))
        await scene.clock.sleep(0.5)

        await first
        # One turn of the loop after another, until the second has just been let through.
        for _ in range(50):
            if judge.gate._limit.running:
                break
            await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        assert second.cancelled()
        assert judge.gate.is_open

    play(story)


class Stumbling(MemoryJudgeStore):
    """Fails so many times before it keeps a reply, and says when it was asked to."""

    failures = 3
    error: Exception = RetryableError("locked", timedelta(seconds=2))

    async def remember(self, tenant: str, digest: str, reply: bytes) -> bytes:
        """Fails, then keeps it."""
        if self.failures:
            self.failures -= 1
            raise self.error
        return await super().remember(tenant, digest, reply)

    async def take(self, quota: Quota, tokens: float) -> Grant:
        """As it should."""
        return await super().take(quota, tokens)


def test_no_reply_is_used_before_it_is_kept() -> None:
    """While the store cannot keep what was paid for, the reply is not handed out."""

    async def main(clock: VirtualClock) -> None:
        figures, store = Figures(), Stumbling(JudgeMemory(), clock)
        judge = careful(QuotaJudge(clock, latency_s=(1.0, 1.0)), store, telemetry=figures)
        found = await judge.ask(question("a"), ResultClock(clock, 30.0, 900.0))
        assert found.reply.verdict is not None
        assert clock.monotonic() >= 1.0 + 3 * 2.0
        assert figures.totals[JUDGE_STORE_WAITS.name, "a-judge"] == 3

    virtually(main)


def test_a_store_that_is_gone_is_fatal() -> None:
    """Nothing is judged that nobody can keep."""

    async def main(clock: VirtualClock) -> None:
        store = Stumbling(JudgeMemory(), clock)
        store.error = FatalError("gone")
        judge = careful(QuotaJudge(clock), store)
        with pytest.raises(FatalError, match="gone"):
            await judge.ask(question("a"), ResultClock(clock, 30.0, 900.0))

    virtually(main)


def test_two_processes_pay_once_for_one_question() -> None:
    """Who asks while another process does waits for its reply, and gets it from the memo."""

    async def main(clock: VirtualClock) -> None:
        memory, provider = JudgeMemory(), QuotaJudge(clock, latency_s=(2.0, 2.0))
        judges = [careful(provider, MemoryJudgeStore(memory, clock)) for _ in range(2)]
        found = await asyncio.gather(
            *(judge.ask(question("a"), ResultClock(clock, 30.0, 900.0)) for judge in judges)
        )
        assert [one.from_memo for one in found] == [False, True]
        assert found[0].reply == found[1].reply
        assert len(provider.journal) == 1
        assert memory.asking == {}

    virtually(main)


def test_a_process_that_died_holds_nobody_up_for_long() -> None:
    """A lease that nobody gave back is over after the time of one attempt."""

    async def main(clock: VirtualClock) -> None:
        memory = JudgeMemory()
        died, lives = MemoryJudgeStore(memory, clock), MemoryJudgeStore(memory, clock)
        provider = QuotaJudge(clock, latency_s=(1.0, 1.0))
        digest = question_digest("emulated", question("a").call)
        assert await died.lead("acme", digest, timedelta(seconds=20))
        judge = careful(provider, lives)
        found = await judge.ask(question("a"), ResultClock(clock, 5.0, 900.0))
        assert found.reply.verdict is not None
        assert 20.0 <= clock.monotonic() <= 22.0

    virtually(main)
