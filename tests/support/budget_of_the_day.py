"""The budget that several processes spend of."""

from __future__ import annotations

from datetime import date

from plimsoll.ports.budgets import BudgetKey, Limit

KEY = BudgetKey("acme", "rule-1", date(2026, 1, 1))
LIMIT = Limit(tokens=6_000, nano_usd=15_000)
