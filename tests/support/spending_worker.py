"""A process that spends of one budget by chance, and dies in the middle of it."""

from __future__ import annotations

import asyncio
import os
import random
import sys

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.stores import judge_store
from plimsoll.ports.budgets import Amount, BudgetKey, Limit, Reservation, Standing
from plimsoll.ports.judge_store import JudgeStore
from plimsoll.settings.judges import JudgeSettings
from plimsoll.settings.model import load_settings
from tests.support.budget_of_the_day import KEY, LIMIT


def within(stands: Standing, limit: Limit) -> bool:
    """Whether used and reserved together keep the limit."""
    tokens = stands.used.tokens + stands.reserved.tokens
    nano_usd = stands.used.nano_usd + stands.reserved.nano_usd
    return tokens <= (limit.tokens or 0) and nano_usd <= (limit.nano_usd or 0)


async def spend(settings: JudgeSettings, seed: int, steps: int) -> None:
    """Reserves, settles, releases; prints what it has settled as it goes."""
    chance = random.Random(seed)
    store = judge_store(settings, SystemClock())
    await store.start()
    held: list[Reservation] = []
    for _ in range(steps):
        await step(store, KEY, held, chance)
        stands = await store.standing(KEY)
        if not within(stands, LIMIT):
            print("exceeded", stands, flush=True)
    # As if killed: nothing is settled, closed or flushed.
    os._exit(0)


async def step(
    store: JudgeStore, key: BudgetKey, held: list[Reservation], chance: random.Random
) -> None:
    """One thing that a scorer may do."""
    if held and chance.random() < 0.5:
        one = held.pop(chance.randrange(len(held)))
        if chance.random() < 0.3:
            await store.release(one)
            return
        used = Amount(chance.randint(0, one.amount.tokens), chance.randint(0, one.amount.nano_usd))
        await store.settle(one, used)
        print("settled", used.tokens, used.nano_usd, flush=True)
        return
    made = await store.reserve(key, Amount(chance.randint(1, 400), chance.randint(1, 900)), LIMIT)
    if made is not None:
        held.append(made)


if __name__ == "__main__":
    asyncio.run(spend(load_settings().judges, int(sys.argv[1]), int(sys.argv[2])))
