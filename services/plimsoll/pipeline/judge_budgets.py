"""What a call of a judge may cost, what it has cost, and whether the day's budget has that left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from plimsoll.domain.judging import JudgeCall, JudgeTraits, JudgeUsage, Price
from plimsoll.ports.budgets import Amount, Limit

_NANO = 1_000_000_000
# What providers put around a question: the form of a tool, its instructions, the roles.
_OVERHEAD_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class DailyLimits:
    """Limits by `tenant/policy`, `tenant/*` or `*`, for tokens and for US dollars.

    `apart` has those of payers that are no tenants, by name: what is set for tenants is not theirs.
    """

    tokens: Mapping[str, int]
    usd: Mapping[str, float]
    apart: Mapping[str, Limit] = field(default_factory=dict)

    def of(self, tenant: str, policy: str) -> Limit:
        """The most specific of each; None where none is set."""
        if tenant in self.apart:
            return self.apart[tenant]
        names = (f"{tenant}/{policy}", f"{tenant}/*", "*")
        tokens = next((self.tokens[name] for name in names if name in self.tokens), None)
        usd = next((self.usd[name] for name in names if name in self.usd), None)
        return limit(tokens, usd)


def limit(tokens: int | None, usd: float | None) -> Limit:
    """A limit in tokens and US dollars; None is none."""
    return Limit(tokens, None if usd is None else int(usd * _NANO))


def most_of(call: JudgeCall, traits: JudgeTraits) -> Amount:
    """No call costs more than this: a token is at least a byte of what is asked.

    Without a price the money is 0; see `price_is_missing`.
    """
    sent = sum(len(text.encode(errors="replace")) for text in call.texts)
    input_tokens = sent + _OVERHEAD_TOKENS
    price = traits.price
    nano_usd = 0
    if price is not None:
        dearest = max(price.input_usd, price.cache_write_usd or 0.0)
        usd = input_tokens * dearest + call.max_output_tokens * price.output_usd
        nano_usd = ceil(usd / 1_000 * _NANO)
    return Amount(input_tokens + call.max_output_tokens, nano_usd)


def price_is_missing(limit: Limit, price: Price | None) -> bool:
    """Whether money is limited and nobody knows what a call costs."""
    return limit.nano_usd is not None and price is None


def cost_of(usage: JudgeUsage, cost_usd: float | None, reserved: Amount) -> Amount:
    """What a call has cost; what nobody can tell counts as reserved."""
    tokens = total_tokens(usage)
    if tokens is None:
        return reserved
    if cost_usd is None:
        return Amount(tokens, reserved.nano_usd if tokens else 0)
    return Amount(tokens, ceil(cost_usd * _NANO))


def total_tokens(usage: JudgeUsage) -> int | None:
    """All tokens that were read or written; None where that is unknown."""
    read = read_tokens(usage)
    if read is None or usage.output_tokens is None:
        return None
    return read + usage.output_tokens


def read_tokens(usage: JudgeUsage) -> int | None:
    """All tokens of the question, kept ones too; None where that is unknown."""
    if usage.input_tokens is None:
        return None
    return usage.input_tokens + (usage.cache_read_tokens or 0) + (usage.cache_write_tokens or 0)


def quota_tokens(usage: JudgeUsage, traits: JudgeTraits) -> float | None:
    """What a provider's quota counts of a settled call: reading what it has kept is free."""
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    read = usage.input_tokens + (usage.cache_write_tokens or 0)
    return read + usage.output_tokens * traits.burndown
