"""The scoring plan as a scorer of these settings follows it, and as its scores name it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plimsoll.domain.plan import Plan
from plimsoll.metrics.own_strengths import OwnStrengths
from plimsoll.scorer.judges import judge_models, reliability, with_reliability
from plimsoll.scorer.tools import claim_filters
from plimsoll.settings.model import Settings
from plimsoll.settings.plan import load_plan


def plan_of(
    settings: Settings, file: Path | None, metrics: Sequence[str], own: OwnStrengths | None
) -> Plan:
    """The plan of a file, or the default one, with what labels have taught in its version.

    `own` are the strengths that go with its scores, where they are not those that ship.
    ConfigurationError says what is wrong with the file, or with one that the settings name.
    """
    plan = load_plan(file, metrics, judge_models(settings))
    plan = with_reliability(plan, reliability(settings.judges))
    claims = claim_filters(settings.claims)
    plan = plan if claims is None else plan.resting_on(claims.name)
    return plan if own is None else plan.resting_on(own.name)
