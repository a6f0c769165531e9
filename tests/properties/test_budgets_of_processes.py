"""A budget holds across processes that spend of one file at once and die in the middle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.ports.budgets import Amount
from plimsoll.settings.judges import JudgeSettings
from tests.house.tree import ROOT
from tests.support.budget_of_the_day import KEY, LIMIT
from tests.support.children import leashed
from tests.support.spending_worker import within


def spend_together(path: Path, seeds: list[int]) -> list[str]:
    """What so many processes say that spend at the same time."""
    command = [sys.executable, "-m", "tests.support.spending_worker", str(path)]
    processes = [
        subprocess.Popen(
            leashed([*command, str(seed), "40"]), cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for seed in seeds
    ]
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(seeds)
    return [line for text in said for line in text.splitlines()]


@pytest.mark.parametrize("seed", [1])
async def test_no_budget_is_exceeded(tmp_path: Path, seed: int) -> None:
    """Three processes, then three more after the death of the first, never pass the limit.

    What they settled is what the store counts as used, to the token; what they left is reserved.
    """
    path = tmp_path / "judges.db"
    lines: list[str] = []
    for start in (0, 3):
        lines += spend_together(path, [seed * 100 + start + n for n in range(3)])
    assert [line for line in lines if line.startswith("exceeded")] == []
    settled = [tuple(map(int, line.split()[1:])) for line in lines]
    store = SqliteJudgeStore(JudgeSettings(path=path), SystemClock())
    await store.start()
    try:
        stands = await store.standing(KEY)
        assert stands.used == Amount(sum(t for t, _ in settled), sum(n for _, n in settled))
        assert within(stands, LIMIT)
        assert stands.reserved.tokens > 0
    finally:
        await store.close()
