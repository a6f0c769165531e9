"""Strengths that the catalogue and every score show: measured, and still true of this code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.metric import Need
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.registry import registered_metrics
from plimsoll.ports.tools import Tools
from tests.quality.confbench.__main__ import SHIPPED
from tests.quality.confbench.corpus import shipped_part
from tests.quality.guarded import guarded_strengths, is_run
from tests.quality.public_data import Labelled
from tests.quality.shipped import shipped
from tests.quality.strengths import STRENGTHS, measured_strengths
from tests.support.sandboxes import real_sandbox
from tests.unit.metrics.results import result

Rows = dict[tuple[str, str], dict[str, Any]]
# What a deployment has to bring along; here no metric has it, and each says so.
LACKING = {AbsenceReason.NOT_CONFIGURED, AbsenceReason.TOOLCHAIN_MISSING}


def keyed(rows: list[dict[str, Any]]) -> Rows:
    """Strengths by metric and task kind."""
    return {(row["metric"], row["task_kind"]): row for row in rows}


@pytest.fixture(scope="module")
def recorded() -> Rows:
    """What was measured on the shipped part when figures were last published."""
    return keyed(json.loads(SHIPPED.read_text(encoding="utf-8"))["strengths"])


@pytest.fixture(scope="module")
def scores() -> Mapping[str, list[Score]]:
    """What the code as it stands says of the shipped part, programs run in a real sandbox."""
    running = [
        metric
        for metric in registered_metrics(Tools(sandbox=real_sandbox()))
        if Need.SANDBOX in metric.spec.needs
    ]
    found: dict[str, list[Score]] = {}
    for item in shipped():
        # Result by result, as metrics share what programs did on the newest one.
        runs = running if is_run(item.result) else []
        ran = {metric.spec.name: evaluate(metric, item.result) for metric in runs}
        for name, score in (item.scores | ran).items():
            found.setdefault(name, []).append(score)
    return found


@pytest.fixture(scope="module")
def now(scores: Mapping[str, list[Score]]) -> Rows:
    """What that is worth on the labels of the shipped part."""
    columns = {
        name: np.array([np.nan if one.value is None else one.value for one in of_metric])
        for name, of_metric in scores.items()
    }
    return keyed(guarded_strengths(shipped_part(), columns))


def test_every_strength_is_still_within_its_interval(recorded: Rows, now: Rows) -> None:
    """Measured anew on the part that ships, no metric has left the interval that was recorded."""
    outside = [
        f"{metric} on {kind}: {now[metric, kind]['auroc']}, not in [{row['lower']}, {row['upper']}]"
        for (metric, kind), row in recorded.items()
        if (metric, kind) in now and not row["lower"] <= now[metric, kind]["auroc"] <= row["upper"]
    ]
    assert outside == []


def test_no_metric_has_fallen_silent(
    recorded: Rows, now: Rows, scores: Mapping[str, list[Score]]
) -> None:
    """What had a strength on the shipped part still has one, unless it lacks a tool here."""
    lacking = {
        name
        for name, of_metric in scores.items()
        if all(one.value is None for one in of_metric)
        and any(one.absence.reason in LACKING for one in of_metric if one.absence is not None)
    }
    silent = [
        f"{metric} on {kind}"
        for metric, kind in recorded
        if metric in scores and metric not in lacking and (metric, kind) not in now
    ]
    assert silent == []


def test_metrics_that_run_code_are_held_to_their_intervals(recorded: Rows, now: Rows) -> None:
    """Those that compare what programs do are among what was recorded and what is measured here."""
    named = {("output_agreement", "code"), ("behaviour_agreement", "code")}
    assert named <= recorded.keys() & now.keys()


def test_sets_of_one_label_do_not_make_up_the_labels() -> None:
    """Forty-eight right and two wrong ones stay too few, whatever another set has of wrong ones.

    Within a set of wrong ones alone nothing is ranked, so its labels must not be counted either.
    """
    name = "context_coverage"
    items = [
        Labelled(
            replace(result(f"{place}"), key=ResultKey("demo", f"{place}")),
            label,
            made,
            group,
            "open_qa",
        )
        for place, (label, made, group) in enumerate(
            (int(place > 1), "mixed", f"m:{place}") if place < 50 else (0, "wrong", f"w:{place}")
            for place in range(80)
        )
    ]
    values = {m.spec.name: np.full(len(items), np.nan) for m in registered_metrics()}
    values[name] = np.linspace(0.0, 1.0, len(items))
    assert measured_strengths(items, values) == []
    more = [replace(one, label=int(place > 14)) for place, one in enumerate(items[:50])] + items[
        50:
    ]
    (row,) = measured_strengths(more, values)
    assert (row["labels"], row["dataset"], row["auroc"]) == (50, "mixed", 1.0)


def test_the_catalogue_shows_intervals_around_their_figures() -> None:
    """Each row holds a figure between its bounds, on fifty labels or more, and names its sets."""
    rows = json.loads(STRENGTHS.read_text(encoding="utf-8"))["strengths"]
    assert len(rows) > 20
    for row in rows:
        assert 0.0 <= row["lower"] <= row["auroc"] <= row["upper"] <= 1.0
        assert row["labels"] >= 50
        assert row["dataset"]
