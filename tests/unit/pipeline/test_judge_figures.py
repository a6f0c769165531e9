"""What is told of judges' calls, quotas and budgets; what is unknown is counted as unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.domain.judging import NOTHING_USED, UNKNOWN_USAGE, JudgeUsage
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_budgets import DailyLimits
from plimsoll.pipeline.judge_figures import tell_budget, tell_usage
from plimsoll.ports.budgets import NOTHING, Amount, BudgetKey, Limit, Standing
from plimsoll.ports.quotas import Quota
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.support.fake_clock import START, FakeClock
from tests.support.quota_judge import THROTTLED, QuotaJudge, careful, question
from tests.support.virtual_time import VirtualClock, virtually

KNOWN = JudgeUsage(300, 100, 20, 0)


class Scraped:
    """Telemetry and what a scrape of it reads, without the prefix that all names share."""

    def __init__(self, clock: FakeClock | VirtualClock | None = None) -> None:
        self.telemetry = PrometheusTelemetry((clock or FakeClock()).monotonic)

    def read(self, *starts: str) -> dict[str, float]:
        """Name and labels to value, of names that begin with any of these."""
        found = {}
        for family in self.telemetry.collect():
            for sample in family.samples:
                name = "/".join([sample.name, *sample.labels.values()])
                if name.startswith(tuple(f"plimsoll_judge_{start}" for start in starts)):
                    found[name.removeprefix("plimsoll_judge_")] = sample.value
        return found


@pytest.mark.parametrize(
    ("usage", "cost_usd", "told"),
    [
        (
            KNOWN,
            0.0008,
            {
                "usage_tokens_total/j/p/input": 300,
                "usage_tokens_total/j/p/output": 100,
                "usage_tokens_total/j/p/cache_read": 20,
                "cost_usd_total/j/p": 0.0008,
            },
        ),
        (
            JudgeUsage(300, 100, 0, 0),
            None,
            {
                "usage_tokens_total/j/p/input": 300,
                "usage_tokens_total/j/p/output": 100,
                "usage_unknown_total/j/p/usd": 1,
            },
        ),
        (
            JudgeUsage(300),
            None,
            {
                "usage_tokens_total/j/p/input": 300,
                "usage_unknown_total/j/p/tokens": 1,
                "usage_unknown_total/j/p/usd": 1,
            },
        ),
        (
            UNKNOWN_USAGE,
            None,
            {"usage_unknown_total/j/p/tokens": 1, "usage_unknown_total/j/p/usd": 1},
        ),
        (NOTHING_USED, None, {}),
    ],
)
def test_known_figures_add_up_and_unknown_ones_are_counted_apart(
    usage: JudgeUsage, cost_usd: float | None, told: dict[str, float]
) -> None:
    """No price and no usage are calls that nobody can tell the cost of, never calls for nothing."""
    scraped = Scraped()
    tell_usage(scraped.telemetry, "j", "p", usage, cost_usd)
    assert scraped.read("usage", "cost") == told


def play(story: Callable[[VirtualClock, Scraped], Awaitable[None]]) -> None:
    """Runs a story in virtual time."""

    async def main(clock: VirtualClock) -> None:
        await story(clock, Scraped(clock))

    virtually(main)


def test_an_answered_call_tells_tokens_cost_and_quota() -> None:
    """As the provider counted them; a reply from the memo costs nothing, and tells nothing."""

    async def story(clock: VirtualClock, scraped: Scraped) -> None:
        judge = QuotaJudge(clock, latency_s=(1.0, 1.0))
        store = MemoryJudgeStore(JudgeMemory(), clock)
        quota = Quota("a-judge", 60, 60_000)
        asked = careful(judge, store, quota=quota, telemetry=scraped.telemetry)
        for _ in range(2):
            await asked.ask(question("a"), ResultClock(clock, 30.0, 900.0))
        assert scraped.read("usage", "cost", "quota_used", "quota_per") == {
            "usage_tokens_total/a-judge/rule/input": 300,
            "usage_tokens_total/a-judge/rule/output": 100,
            "cost_usd_total/a-judge/rule": 0.0008,
            "quota_used_total/a-judge/requests": 1,
            "quota_used_total/a-judge/tokens": 400,
            "quota_per_minute/a-judge/requests": 60,
            "quota_per_minute/a-judge/tokens": 60_000,
        }
        # Three seconds' worth of requests, less the one that was taken.
        assert scraped.read("quota_left")["quota_left/a-judge/requests"] == 2
        await clock.sleep(61)
        assert scraped.read("quota_left") == {}

    play(story)


def test_without_a_quota_there_are_no_figures_of_one() -> None:
    """A judge whose quota nobody has set has neither a limit nor a rest."""

    async def story(clock: VirtualClock, scraped: Scraped) -> None:
        judge = QuotaJudge(clock)
        store = MemoryJudgeStore(JudgeMemory(), clock)
        asked = careful(judge, store, telemetry=scraped.telemetry)
        await asked.ask(question("a"), ResultClock(clock, 30.0, 900.0))
        assert scraped.read("quota") == {}

    play(story)


def test_a_throttled_call_keeps_what_it_took_of_the_quota() -> None:
    """The provider had less left than we thought; the call itself cost nothing."""

    async def story(clock: VirtualClock, scraped: Scraped) -> None:
        times = iter([THROTTLED])
        judge = QuotaJudge(clock, trouble=lambda *_: next(times, None), latency_s=(1.0, 1.0))
        store = MemoryJudgeStore(JudgeMemory(), clock)
        quota = Quota("a-judge", None, 600_000)
        asked = careful(judge, store, quota=quota, telemetry=scraped.telemetry)
        await asked.ask(question("a"), ResultClock(clock, 30.0, 900.0))
        used = scraped.read("quota_used")["quota_used_total/a-judge/tokens"]
        assert used > 400 + 400
        assert scraped.read("usage_unknown") == {}

    play(story)


def test_a_call_that_nobody_waits_for_any_more_is_unknown() -> None:
    """It may have been billed: neither its tokens nor its price are known."""

    async def story(clock: VirtualClock, scraped: Scraped) -> None:
        judge = QuotaJudge(clock, latency_s=(10.0, 10.0))
        store = MemoryJudgeStore(JudgeMemory(), clock)
        asked = careful(judge, store, telemetry=scraped.telemetry)
        asking = asyncio.ensure_future(asked.ask(question("a"), ResultClock(clock, 30.0, 900.0)))
        while not judge.in_flight:
            await clock.sleep(0.1)
        asking.cancel()
        await asyncio.wait({asking})
        assert scraped.read("usage", "cost") == {
            "usage_unknown_total/a-judge/rule/tokens": 1,
            "usage_unknown_total/a-judge/rule/usd": 1,
        }

    play(story)


def test_a_budget_says_how_much_of_it_is_gone() -> None:
    """Used and reserved as a share of the day's limit, for tokens and for money."""

    async def story(clock: VirtualClock, scraped: Scraped) -> None:
        judge = QuotaJudge(clock, latency_s=(1.0, 1.0))
        store = MemoryJudgeStore(JudgeMemory(), clock)
        limits = DailyLimits({"acme/rule": 40_000}, {"*": 1.0})
        asked = careful(judge, store, limits=limits, telemetry=scraped.telemetry)
        for name in ("a", "b"):
            await asked.ask(question(name), ResultClock(clock, 30.0, 900.0))
        # As it stood before the second call.
        assert scraped.read("budget") == {
            "budget_used_ratio/acme/rule/tokens": 400 / 40_000,
            "budget_used_ratio/acme/rule/usd": pytest.approx(0.0008),
        }

    play(story)


@pytest.mark.parametrize("limit", [Limit(), Limit(tokens=0, nano_usd=0)])
def test_no_budget_has_no_share(limit: Limit) -> None:
    """Where none is set, or one of nothing, there is no figure."""
    scraped = Scraped()
    key = BudgetKey("acme", "rule", START.date())
    tell_budget(scraped.telemetry, key, Standing(Amount(5, 5), NOTHING), limit, START)
    assert scraped.read("budget") == {}


def test_yesterdays_budget_says_nothing_about_today() -> None:
    """The figure goes with its day, whether somebody asks again or not."""
    clock = FakeClock()
    scraped = Scraped(clock)
    now = datetime(2026, 1, 1, 23, tzinfo=UTC)
    key = BudgetKey("acme", "rule", now.date())
    stands = Standing(Amount(10, 0), Amount(20, 0))
    tell_budget(scraped.telemetry, key, stands, Limit(tokens=40), now)
    assert scraped.read("budget") == {"budget_used_ratio/acme/rule/tokens": 0.75}
    clock.seconds += timedelta(hours=1, seconds=1).total_seconds()
    assert scraped.read("budget") == {}
