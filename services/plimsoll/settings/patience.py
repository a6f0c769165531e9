"""Holds a plan's deadlines against the patience with judges."""

from __future__ import annotations

from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.plan import Plan
from plimsoll.settings.judges import JudgeSettings


def check_patience(plan: Plan, judges: JudgeSettings) -> None:
    """ConfigurationError where a rule's deadline leaves a judge no whole attempt.

    Silence is the judge's fault only where all of an attempt's time was given to it. With less,
    an outage would turn into the absences of results, and no breaker would ever open.
    """
    short = [
        f"{rule.name} ({rule.deadline.total_seconds():g} s)"
        for rule in plan.rules
        if (rule.panels or rule.resampling)
        and rule.deadline.total_seconds() <= judges.attempt_timeout_s
    ]
    if short:
        raise ConfigurationError(
            f"judges.attempt_timeout_s is {judges.attempt_timeout_s:g}, and the plan's deadline is "
            f"no longer in {', '.join(short)}: a silent judge would pass for a slow result; lower "
            "the one or raise the other"
        )
