"""The scoring plan: which metrics run for which results, and for how long."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from plimsoll.domain.policy import Policy
from plimsoll.domain.result import TaskKind
from plimsoll.domain.rubric import Panel


@dataclass(frozen=True, slots=True)
class Resampling:
    """Alternatives that we draw where the producer sent none.

    `judge` names who is asked; empty is whoever of the settings' judges has the result's own model.
    """

    samples: int = 5
    judge: str = ""
    temperature: float = 1.0
    max_output_tokens: int = 1_000


@dataclass(frozen=True, slots=True)
class PlanRule:
    """Metrics for results that match; empty sets match every tenant and every task kind.

    `metrics` None means every registered metric that costs no money. `panels` are asked after
    them, in that order, as long as the verdict is not settled. Without a policy there is none.
    Where a metric lacks alternatives only, `resampling` draws them, after all that is free.
    `redact_pii` keeps personal spans from models that are asked; a panel has its own word on that.
    """

    name: str
    metrics: tuple[str, ...] | None
    tenants: frozenset[str] = frozenset()
    task_kinds: frozenset[TaskKind] = frozenset()
    deadline: timedelta = timedelta(seconds=30)
    policy: Policy | None = None
    panels: tuple[Panel, ...] = ()
    resampling: Resampling | None = None
    redact_pii: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Rules in order; the first that matches decides. `version` is a hash of what they say."""

    version: str
    rules: tuple[PlanRule, ...]
    max_hold: timedelta = timedelta(minutes=15)

    def resting_on(self, learned: str) -> Plan:
        """The plan as its scores name it where something that was learned decides them, too."""
        digest = hashlib.sha256(f"{self.version}/{learned}".encode()).hexdigest()
        return replace(self, version=digest[: len(self.version)])

    def rule_for(self, tenant: str, task_kind: TaskKind) -> PlanRule:
        """The first rule that matches; LookupError cannot happen for a validated plan."""
        for rule in self.rules:
            if (not rule.tenants or tenant in rule.tenants) and (
                not rule.task_kinds or task_kind in rule.task_kinds
            ):
                return rule
        raise LookupError(f"no rule of plan {self.version} matches {tenant}/{task_kind}")
