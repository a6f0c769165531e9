"""Tells what judges' calls have used and cost, and how much of a budget is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from plimsoll.domain.judging import JudgeUsage
from plimsoll.pipeline.judge_budgets import total_tokens
from plimsoll.ports.budgets import BudgetKey, Limit, Standing
from plimsoll.ports.judge_telemetry import (
    JUDGE_BUDGET_USED_RATIO,
    JUDGE_COST_USD,
    JUDGE_USAGE_TOKENS,
    JUDGE_USAGE_UNKNOWN,
)
from plimsoll.ports.telemetry import Telemetry


def tell_usage(
    telemetry: Telemetry, judge: str, policy: str, usage: JudgeUsage, cost_usd: float | None
) -> None:
    """What one call has used; what is unknown is counted as such, and never as 0."""
    by_type = {
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
    }
    for kind, tokens in by_type.items():
        if tokens:
            telemetry.count(JUDGE_USAGE_TOKENS, (judge, policy, kind), tokens)
    total = total_tokens(usage)
    if total is None:
        telemetry.count(JUDGE_USAGE_UNKNOWN, (judge, policy, "tokens"))
    if cost_usd is not None:
        telemetry.count(JUDGE_COST_USD, (judge, policy), cost_usd)
    elif total != 0:
        telemetry.count(JUDGE_USAGE_UNKNOWN, (judge, policy, "usd"))


def tell_budget(
    telemetry: Telemetry, key: BudgetKey, stands: Standing, limit: Limit, now: datetime
) -> None:
    """How much of a day's budget is gone; the figure ends with its day."""
    midnight = datetime.combine(key.day + timedelta(days=1), datetime.min.time(), now.tzinfo)
    used, reserved = stands.used, stands.reserved
    for unit, gone, most in (
        ("tokens", used.tokens + reserved.tokens, limit.tokens),
        ("usd", used.nano_usd + reserved.nano_usd, limit.nano_usd),
    ):
        # Of nothing at all there is no share.
        if most:
            telemetry.set(
                JUDGE_BUDGET_USED_RATIO,
                gone / most,
                (key.tenant, key.policy, unit),
                good_for_s=(midnight - now).total_seconds(),
            )
