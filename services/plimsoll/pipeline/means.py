"""What metrics have here besides a result, which values change with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from plimsoll.domain.metric import MetricSpec, Need
from plimsoll.domain.plan import PlanRule
from plimsoll.ports.tools import Tools


def means_of(
    rule: PlanRule, metrics: Iterable[MetricSpec], tools: Tools
) -> tuple[tuple[str, str], ...]:
    """The sandbox, models and alternatives that are drawn, each with which, where metrics use them.

    Sorted by name; empty where all that they measure is in the result. A model is read for its
    name only where one of these metrics needs it.
    """
    needs = {need for metric in metrics for need in metric.needs}
    found: dict[str, str] = {}
    if Need.SANDBOX in needs and tools.sandbox is not None:
        found[Need.SANDBOX.value] = "on"
    models = {Need.EMBEDDING_MODEL: tools.embedder, Need.ENTAILMENT_MODEL: tools.entailment}
    for need, model in models.items():
        if need in needs and model is not None:
            found[need.value] = model.name
    if Need.ALTERNATIVES in needs and rule.resampling is not None:
        # What a model is not shown changes what it says.
        told = {**asdict(rule.resampling), "redacted": rule.redact_pii}
        found["resampling"] = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return tuple(sorted(found.items()))
