"""A budget and a quota hold across processes that use one store at once and die in the middle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.stores import judge_store
from plimsoll.ports.budgets import Amount
from plimsoll.settings.judges import JudgeSettings, JudgeStoreSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.postgres import StoreKind
from tests.contracts.postgres import migrated_judges
from tests.house.tree import ROOT
from tests.support.budget_of_the_day import KEY, LIMIT
from tests.support.children import leashed
from tests.support.environment import environment
from tests.support.spending_worker import within


@pytest.fixture(params=["sqlite", "postgres"])
async def judges(request: pytest.FixtureRequest, tmp_path: Path) -> JudgeSettings:
    """Settings of an empty store that processes share."""
    if request.param == "sqlite":
        return JudgeSettings(path=tmp_path / "judges.db", busy_timeout_ms=120_000)
    server = await migrated_judges(request.getfixturevalue("postgres"))
    return JudgeSettings(store=JudgeStoreSettings(kind=StoreKind.POSTGRES, postgres=server))


def together(module: str, judges: JudgeSettings, arguments: list[list[str]]) -> list[str]:
    """What so many processes say that run at the same time."""
    processes = [
        subprocess.Popen(
            leashed([sys.executable, "-m", f"tests.support.{module}", *own]),
            cwd=ROOT,
            env=environment(Settings(judges=judges)),
            stdout=subprocess.PIPE,
            text=True,
        )
        for own in arguments
    ]
    said = [process.communicate(timeout=600)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(arguments)
    return [line for text in said for line in text.splitlines()]


@pytest.mark.parametrize("seed", [1])
async def test_no_budget_is_exceeded(judges: JudgeSettings, seed: int) -> None:
    """Three processes, then three more after the death of the first, never pass the limit.

    What they settled is what the store counts as used, to the token; what they left is reserved.
    """
    lines: list[str] = []
    for start in (0, 3):
        seeds = [[str(seed * 100 + start + n), "40"] for n in range(3)]
        lines += together("spending_worker", judges, seeds)
    assert [line for line in lines if line.startswith("exceeded")] == []
    settled = [tuple(map(int, line.split()[1:])) for line in lines]
    store = judge_store(judges, SystemClock())
    await store.start()
    try:
        stands = await store.standing(KEY)
        assert stands.used == Amount(sum(t for t, _ in settled), sum(n for _, n in settled))
        assert within(stands, LIMIT)
        assert stands.reserved.tokens > 0
    finally:
        await store.close()


def test_a_quota_is_granted_once(judges: JudgeSettings) -> None:
    """Three processes that take at once, at one moment: each turn is given to one of them.

    Ten a second: sixty grants fall due a tenth of a second apart, no two together and none lost,
    and each process gets its own in the order in which it asked.
    """
    lines = together("taking_worker", judges, [[name, "20"] for name in ("a", "b", "c")])
    given = [(name, round(float(wait), 3)) for name, wait in (line.split() for line in lines)]
    assert sorted(wait for _, wait in given) == [round(n * 0.1, 3) for n in range(60)]
    for name in ("a", "b", "c"):
        own = [wait for one, wait in given if one == name]
        assert own == sorted(own)
