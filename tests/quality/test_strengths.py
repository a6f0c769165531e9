"""Strengths that the catalogue and every score show: measured, and still true of this code."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from plimsoll.domain.metric import Need
from plimsoll.metrics.registry import registered_metrics
from tests.quality.confbench.__main__ import SHIPPED
from tests.quality.confbench.corpus import shipped_part
from tests.quality.shipped import shipped
from tests.quality.strengths import STRENGTHS, measured_strengths

Rows = dict[tuple[str, str], dict[str, Any]]
# What a deployment has to bring along; here no metric has it.
TOOLS = {Need.EMBEDDING_MODEL, Need.ENTAILMENT_MODEL, Need.SANDBOX}


def keyed(rows: list[dict[str, Any]]) -> Rows:
    """Strengths by metric and task kind."""
    return {(row["metric"], row["task_kind"]): row for row in rows}


@pytest.fixture(scope="module")
def recorded() -> Rows:
    """What was measured on the shipped part when figures were last published."""
    return keyed(json.loads(SHIPPED.read_text(encoding="utf-8"))["strengths"])


@pytest.fixture(scope="module")
def now() -> Rows:
    """What the code as it stands measures on the shipped part."""
    columns = {}
    for metric in registered_metrics():
        values = [item.scores[metric.spec.name].value for item in shipped()]
        columns[metric.spec.name] = np.array([np.nan if v is None else v for v in values])
    return keyed(measured_strengths(shipped_part(), columns))


def test_every_strength_is_still_within_its_interval(recorded: Rows, now: Rows) -> None:
    """Measured anew on the part that ships, no metric has left the interval that was recorded."""
    outside = [
        f"{metric} on {kind}: {now[metric, kind]['auroc']}, not in [{row['lower']}, {row['upper']}]"
        for (metric, kind), row in recorded.items()
        if (metric, kind) in now and not row["lower"] <= now[metric, kind]["auroc"] <= row["upper"]
    ]
    assert outside == []


def test_no_metric_has_fallen_silent(recorded: Rows, now: Rows) -> None:
    """What had a strength on the shipped part and needs no tool still has one."""
    needs = {metric.spec.name: set(metric.spec.needs) for metric in registered_metrics()}
    silent = [
        f"{metric} on {kind}"
        for metric, kind in recorded
        if metric in needs and not needs[metric] & TOOLS and (metric, kind) not in now
    ]
    assert silent == []


def test_the_catalogue_shows_intervals_around_their_figures() -> None:
    """Each row holds a figure between its bounds, on fifty labels or more, and names its sets."""
    rows = json.loads(STRENGTHS.read_text(encoding="utf-8"))["strengths"]
    assert len(rows) > 20
    for row in rows:
        assert 0.0 <= row["lower"] <= row["auroc"] <= row["upper"] <= 1.0
        assert row["labels"] >= 50
        assert row["dataset"]
