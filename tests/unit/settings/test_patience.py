"""Deadlines of plans beside the patience with judges."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.plan import Plan, PlanRule
from plimsoll.domain.rubric import Panel
from plimsoll.settings.judges import JudgeSettings
from plimsoll.settings.patience import check_patience
from plimsoll.settings.rubric_files import shipped_rubrics

JUDGES = JudgeSettings(attempt_timeout_s=20.0)
PANEL = Panel("judge", shipped_rubrics()["correctness"], ("cheap",))


def plan_of(*rules: PlanRule) -> Plan:
    """A plan of these rules."""
    return Plan("a-version", rules, timedelta(minutes=15))


def rule(name: str, deadline_s: float, *panels: Panel) -> PlanRule:
    """A rule with so much time."""
    return PlanRule(name, None, deadline=timedelta(seconds=deadline_s), panels=panels)


def test_a_deadline_without_a_whole_attempt_is_refused_by_name() -> None:
    """Every rule is named whose deadline is no longer than an attempt, with both figures."""
    plan = plan_of(rule("brief", 0.5, PANEL), rule("even", 20, PANEL), rule("long", 21, PANEL))
    with pytest.raises(ConfigurationError) as caught:
        check_patience(plan, JUDGES)
    said = str(caught.value)
    assert "judges.attempt_timeout_s is 20" in said
    assert "brief (0.5 s), even (20 s):" in said


def test_rules_that_ask_nobody_may_be_brief() -> None:
    """A deadline of half a second is well where no judge is asked."""
    check_patience(plan_of(rule("brief", 0.5), rule("long", 21, PANEL)), JUDGES)
