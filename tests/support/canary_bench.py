"""A panel of one rubric on an emulated Bedrock, composed as a scorer composes it."""

from __future__ import annotations

from pathlib import Path

from plimsoll.adapters.emulator.canaries import Manners
from plimsoll.adapters.emulator.scripts import Script
from plimsoll.domain.plan import Plan, PlanRule
from plimsoll.domain.rubric import Panel
from plimsoll.settings.model import Settings
from plimsoll.settings.rubric_files import shipped_rubrics
from tests.support.bedrock import SONNET

NAIVE = "us.amazon.nova-lite-v1:0"
JUDGES = {"steady": SONNET, "naive": NAIVE}


def bench_settings(url: str, folder: Path, **canaries: object) -> Settings:
    """Two judges on the emulator, with a store of their own."""
    return Settings.model_validate(
        {
            "bedrock": {"region": "us-east-1", "endpoint_url": url, "judges": JUDGES},
            "judges": {"path": folder / "judges.db"},
            "canaries": canaries,
        }
    )


def panel_of(rubric: str, *judges: str) -> Panel:
    """A panel over a rubric that ships."""
    return Panel(f"judge_{rubric}", shipped_rubrics()[rubric], judges)


def plan_of(*panels: Panel) -> Plan:
    """A plan that asks them about everything."""
    return Plan(version="p1", rules=(PlanRule("all", (), panels=panels),))


def naive(**manners: float) -> Script:
    """The naive judge has these manners; the steady one is right and obeys nobody."""
    return Script(canaries={"": Manners(), NAIVE: Manners.model_validate(manners)})
