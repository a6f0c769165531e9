"""What a call may cost at most, what it has cost, and which limit holds."""

from __future__ import annotations

import pytest

from plimsoll.domain.judging import (
    NOTHING_USED,
    UNKNOWN_USAGE,
    JudgeTraits,
    JudgeUsage,
    Price,
)
from plimsoll.pipeline.judge_budgets import (
    DailyLimits,
    cost_of,
    most_of,
    price_is_missing,
    quota_tokens,
)
from plimsoll.ports.budgets import Amount, Limit
from tests.support.quota_judge import call_about

PRICE = Price(0.001, 0.005, "2026-01-01", cache_write_usd=0.00125)
RESERVED = Amount(2_400, 5_000_000)


def test_the_most_specific_limit_decides() -> None:
    """Tenant and policy before tenant, tenant before all; tokens and money apart."""
    limits = DailyLimits({"a/p": 1, "a/*": 2, "*": 3}, {"a/*": 0.5})
    assert limits.of("a", "p") == Limit(1, 500_000_000)
    assert limits.of("a", "q") == Limit(2, 500_000_000)
    assert limits.of("b", "p") == Limit(3, None)
    assert DailyLimits({}, {}).of("a", "p") == Limit(None, None)


def test_the_bound_is_one_that_no_call_passes() -> None:
    """A token is a byte at least, of whatever script; the dearest price counts."""
    plain, other = call_about("a"), call_about("判" * 300)
    assert most_of(other, JudgeTraits()).tokens - most_of(plain, JudgeTraits()).tokens == 600
    bound = most_of(plain, JudgeTraits(price=PRICE))
    assert bound.tokens == 1_000 + 1_000 + 400 + len("record_verdictRecords the verdict.{}")
    assert bound.nano_usd == (bound.tokens - 400) * 1_250 + 400 * 5_000


@pytest.mark.parametrize(
    ("usage", "cost_usd", "spent"),
    [
        (JudgeUsage(300, 100, 0, 0), 0.0008, Amount(400, 800_000)),
        (JudgeUsage(300, 100, 50, 20), None, Amount(470, RESERVED.nano_usd)),
        (UNKNOWN_USAGE, None, RESERVED),
        (UNKNOWN_USAGE, 0.0008, RESERVED),
        (NOTHING_USED, None, Amount(0, 0)),
    ],
)
def test_what_nobody_can_tell_counts_as_reserved(
    usage: JudgeUsage, cost_usd: float | None, spent: Amount
) -> None:
    """Known figures count as they are, unknown ones as the most they may be."""
    assert cost_of(usage, cost_usd, RESERVED) == spent


def test_a_quota_counts_output_more_than_once_and_what_was_kept_not_at_all() -> None:
    """Input, what was written to the provider's cache, and output times the burn-down."""
    traits = JudgeTraits(burndown=5.0)
    assert quota_tokens(JudgeUsage(300, 100, 50, 20), traits) == 820.0
    assert quota_tokens(UNKNOWN_USAGE, traits) is None


def test_money_needs_a_price() -> None:
    """A limit in dollars cannot be held for a model whose price nobody knows."""
    assert price_is_missing(Limit(nano_usd=1), None)
    assert not price_is_missing(Limit(tokens=1), None)
    assert not price_is_missing(Limit(nano_usd=1), PRICE)
