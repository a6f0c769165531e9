"""The demonstration with judges: an emulated Bedrock repeats what real ones said."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.emulator.scripts import Script
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.adapters.scratch import scratch_folder
from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.cli.demo.facts import DemoFacts
from plimsoll.cli.demo.judged_facts import JudgedFacts, Spent, judged_facts
from plimsoll.cli.demo.judged_report import judged_report, judged_summary
from plimsoll.cli.demo.judged_sample import JUDGES, PANEL, RUBRIC, TABLE, judged_sample
from plimsoll.cli.demo.programme import Staging
from plimsoll.cli.sample import Sample
from plimsoll.domain.errors import FatalError
from plimsoll.ports.budgets import BudgetKey
from plimsoll.settings.judges import JudgeSettings
from plimsoll.settings.model import Settings

# A silent judge is found out before the audience leaves.
_ATTEMPT_TIMEOUT_S = 5.0
_LATENCY_MS = (30.0, 120.0)
# Any do: an emulator holds only that requests are signed. Nobody's own are read.
_NOBODY = {
    "AWS_ACCESS_KEY_ID": "emulated",
    "AWS_SECRET_ACCESS_KEY": "emulated",
    "AWS_SESSION_TOKEN": "emulated",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Judged:
    """Pairs of LLMBar, each judged by three models alone and by the panel of them."""

    def __init__(self) -> None:
        self._sample = judged_sample()
        self._emulator: Emulator | None = None
        self._path = Path()

    @property
    def sample(self) -> Sample:
        """The recorded pairs."""
        return self._sample

    @asynccontextmanager
    async def staged(self, settings: Settings) -> AsyncIterator[Staging]:
        """An emulated Bedrock with some trouble, a plan with panels, and a memo of its own."""
        with scratch_folder("judges") as scratch:
            folder = scratch
            plan = folder / "plan.yaml"
            plan.write_text(plan_text(), encoding="utf-8")
            self._path = folder / "judges.db"
            async with Emulator(script_for(self._sample)) as emulator:
                self._emulator = emulator
                yield Staging(_with_judges(settings, plan, self._path, emulator.url), _NOBODY)

    async def report(self, facts: DemoFacts, console: Console) -> dict[str, object]:
        """What judges said, how sure, how reliable, what it took, and where everything went."""
        found = await self._found(facts)
        judged_report(facts, found, self._sample, console)
        return judged_summary(facts, found)

    async def _found(self, facts: DemoFacts) -> JudgedFacts:
        if self._emulator is None:
            raise FatalError("nothing was staged")
        outcomes = [entry["outcome"] for entry in self._emulator.journal.document()["entries"]]
        return judged_facts(facts, self._sample, outcomes, await self._spent())

    async def _spent(self) -> Spent:
        """From the budgets' own books; a day may have ended meanwhile."""
        clock = SystemClock()
        store = SqliteJudgeStore(JudgeSettings(path=self._path), clock)
        await store.start()
        try:
            day = clock.now().date()
            tenants = {key.tenant for key in self._sample.labels}
            stands = [
                await store.standing(BudgetKey(tenant, panel, day))
                for tenant in sorted(tenants)
                for panel in (PANEL, *(judge.panel for judge in JUDGES))
            ]
        finally:
            await store.close()
        return Spent(
            tokens=sum(one.used.tokens for one in stands),
            usd=sum(one.used.nano_usd for one in stands) / 1e9,
            usd_of_lost=sum(one.reserved.nano_usd for one in stands) / 1e9,
        )


def plan_text() -> str:
    """The panel of all, then each alone: these find what they said in the memo."""
    names = ", ".join(judge.name for judge in JUDGES)
    alone = "".join(
        f"  - {{name: {judge.panel}, rubric: {RUBRIC}, judges: [{judge.name}]}}\n"
        for judge in JUDGES
    )
    asked = ", ".join([PANEL, *(judge.panel for judge in JUDGES)])
    return (
        f"panels:\n  - {{name: {PANEL}, rubric: {RUBRIC}, judges: [{names}]}}\n{alone}"
        f"rules:\n  - {{metrics: all, panels: [{asked}], deadline: 60s}}\n"
    )


def script_for(sample: Sample) -> Script:
    """Throttles and an outage that are outlasted, and one question that a judge may not answer."""
    first = sample.results[0]
    return Script.model_validate(
        {
            "latency_ms": _LATENCY_MS,
            "recorded": {judge.model: judge.recorded for judge in JUDGES},
            "steps": [
                {
                    "fault": "stop:content_filtered",
                    "contains": first.messages[0].text,
                    "model": JUDGES[0].model,
                    "times": 4,
                },
                {"fault": "throttling", "times": 6},
                {"fault": "unavailable", "times": 4},
            ],
        }
    )


def _with_judges(settings: Settings, plan: Path, memo: Path, url: str) -> Settings:
    bedrock = settings.bedrock.model_copy(
        update={
            "judges": {judge.name: judge.model for judge in JUDGES},
            "region": "us-east-1",
            "endpoint_url": url,
        }
    )
    judges = settings.judges.model_copy(
        update={
            "path": memo,
            "reliability_file": TABLE,
            "attempt_timeout_s": _ATTEMPT_TIMEOUT_S,
        }
    )
    scorer = settings.scorer.model_copy(update={"plan_file": plan})
    return settings.model_copy(update={"bedrock": bedrock, "judges": judges, "scorer": scorer})
