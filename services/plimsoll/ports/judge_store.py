"""What judges said and cost, in one place for all scorers."""

from __future__ import annotations

from typing import Protocol

from plimsoll.ports.budgets import BudgetStore
from plimsoll.ports.memo import JudgeMemo
from plimsoll.ports.quotas import QuotaStore


class JudgeStore(JudgeMemo, BudgetStore, QuotaStore, Protocol):
    """Memo, budgets and quotas, apart from the scores: nothing can rebuild them."""

    async def start(self) -> None:
        """Opens the store; FatalError where it can never serve."""

    async def close(self) -> None:
        """Waits for what is under way and releases everything; never raises."""
