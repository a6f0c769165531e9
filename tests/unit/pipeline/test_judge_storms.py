"""Three workers on one quota through hours of virtual time: full use, outages, neighbours."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judging import CarefulJudge, Judged
from plimsoll.ports.quotas import Quota
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.support.quota_judge import AWAY, QuotaJudge, careful, question
from tests.support.virtual_time import VirtualClock, virtually

# A call reserves about 750 tokens and uses 400, so that of these two it is requests that bind.
REQUESTS, TOKENS = 300, 150_000
QUOTA = Quota("a-judge", REQUESTS, TOKENS, timedelta(seconds=3))
IN_HAND = 32


@dataclass
class Storm:
    """What came of a run."""

    judge: QuotaJudge
    workers: list[CarefulJudge]
    found: list[Judged] = field(default_factory=list)
    opened_at: list[float] = field(default_factory=list)

    def between(self, begin_s: float, end_s: float) -> Counter[str]:
        """Calls that began then, by how they ended."""
        return Counter(e.outcome for e in self.judge.journal if begin_s <= e.began_s < end_s)

    @property
    def asked(self) -> Counter[str]:
        """How often each question was asked."""
        return Counter(entry.asked for entry in self.judge.journal)


def storm(
    questions: int,
    trouble: Callable[[str, float], Exception | str | None] = lambda _asked, _now: None,
    *,
    quota: Quota = QUOTA,
    real: tuple[int, int] = (REQUESTS, TOKENS),
    shares: tuple[int, ...] = (1, 1, 1),
) -> Storm:
    """All questions through the workers; each has so many in hand as its share allows."""

    async def main(clock: VirtualClock) -> Storm:
        store = MemoryJudgeStore(JudgeMemory(), clock)
        judge = QuotaJudge(clock, 7, real[0], real[1], (0.5, 3.0), trouble)
        workers = [careful(judge, store, quota=quota, seed=n) for n in range(len(shares))]
        run = Storm(judge, workers)
        left = iter(range(questions))

        async def hand(worker: CarefulJudge) -> None:
            for n in left:
                judged = await worker.ask(question(f"q{n}"), ResultClock(clock, 30.0, 900.0))
                run.found.append(judged)

        async def watch() -> None:
            seen = [0] * len(workers)
            while True:
                for n, worker in enumerate(workers):
                    if worker.gate.breaker.openings > seen[n] == 0:
                        run.opened_at.append(clock.monotonic())
                    seen[n] = worker.gate.breaker.openings
                await clock.sleep(0.1)

        watching = asyncio.ensure_future(watch())
        hands = zip(workers, shares, strict=True)
        await asyncio.gather(*(hand(w) for w, share in hands for _ in range(share * IN_HAND)))
        watching.cancel()
        return run

    return virtually(main)


def test_three_workers_use_the_whole_quota_and_no_more() -> None:
    """95 % after a minute of warming up, a throttle in a hundred at most, hardly a retry."""
    run = storm(700)
    window = run.between(60.0, 120.0)
    assert window["answered"] >= 0.95 * REQUESTS
    assert window["throttled"] <= 0.01 * window.total()
    assert sum(run.asked.values()) <= 1.05 * 700
    assert all(judged.reply.verdict is not None for judged in run.found)


def test_reserved_tokens_bind_where_they_are_scarcer() -> None:
    """With fewer tokens it is they that are used to 95 %, settled as the provider does."""
    scarce = Quota("a-judge", REQUESTS, 60_000, timedelta(seconds=3))
    run = storm(500, quota=scarce, real=(REQUESTS, 60_000))
    used = sum(e.tokens for e in run.judge.journal if 60.0 <= e.began_s < 180.0)
    assert used >= 0.95 * 60_000 * 2
    assert run.between(0.0, 1e9)["throttled"] <= 5


def test_who_has_more_to_ask_gets_what_others_leave() -> None:
    """A worker with all the work uses the quota of all three."""
    run = storm(700, shares=(2, 0, 0))
    assert run.between(60.0, 120.0)["answered"] >= 0.95 * REQUESTS


OUTAGE = (60.0, 660.0)


def during_outage(what: Exception | str) -> Callable[[str, float], Exception | str | None]:
    """Ten minutes of it."""
    return lambda _asked, now: what if OUTAGE[0] <= now < OUTAGE[1] else None


def test_ten_minutes_of_outage_lose_nothing() -> None:
    """Every question has its verdict; few are asked meanwhile; the rest drains by itself."""
    run = storm(900, during_outage(AWAY))
    assert len(run.found) == 900
    assert all(judged.reply.verdict is not None for judged in run.found)
    assert len(run.opened_at) == 3
    # The twentieth failure of any worker comes no earlier than of all together.
    ended = sorted(e.ended_s for e in run.judge.journal if e.outcome in {"failed", "silence"})
    assert max(run.opened_at) <= ended[59] + 5.0
    # Then single calls try it out: from all workers together no more than one a second.
    probes = run.between(max(run.opened_at) + 5.0, OUTAGE[1])
    assert probes.total() <= OUTAGE[1] - max(run.opened_at)
    after = run.between(OUTAGE[1] + 30.0, OUTAGE[1] + 60.0)
    assert after["answered"] >= 0.9 * REQUESTS / 2


def test_ten_minutes_of_silence_lose_nothing() -> None:
    """Nor does a judge that never answers; who waits for it are few, as each holds a place."""
    run = storm(900, during_outage("silence"))
    assert len(run.found) == 900
    assert all(judged.reply.verdict is not None for judged in run.found)
    assert run.between(*OUTAGE).total() <= (OUTAGE[1] - OUTAGE[0]) / 2
    assert run.between(OUTAGE[1] + 60.0, OUTAGE[1] + 120.0)["answered"] >= 0.9 * REQUESTS


def test_a_quota_that_others_use_too_is_found_by_throttles() -> None:
    """With half the quota gone to neighbours all is judged, and most calls are not in vain."""
    run = storm(500, real=(REQUESTS // 2, TOKENS))
    assert all(judged.reply.verdict is not None for judged in run.found)
    late = run.between(60.0, 180.0)
    assert late["answered"] >= 0.55 * REQUESTS
    assert late["throttled"] <= 0.4 * late.total()
