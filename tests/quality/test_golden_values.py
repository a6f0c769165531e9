"""Numbers of metrics never change under a version that they had: strengths and fits go by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plimsoll.domain.metric import Need
from plimsoll.metrics.registry import registered_metrics
from tests.quality.golden.__main__ import write_down
from tests.quality.golden.results import TOOLS, golden_results
from tests.quality.golden.values import (
    GOLDEN,
    Golden,
    Outcome,
    Said,
    measured,
    read,
    unannounced,
    unwritten,
    written,
)

BEFORE = Golden({"a": "1", "b": "2"}, {"m": Said("1", {"a": 0.5, "b": "abstained"})})
RENEW = ".venv/bin/python -m tests.quality.golden"


def says(version: str, a: Outcome, b: Outcome = "abstained") -> Golden:
    """The same two results, of which the metric says this."""
    return replace(BEFORE, metrics={"m": Said(version, {"a": a, "b": b})})


@pytest.fixture(scope="module")
def now() -> Golden:
    """What the code as it stands says."""
    return measured(registered_metrics(TOOLS), golden_results())


def test_every_metric_says_what_its_version_said(now: Golden) -> None:
    """A metric whose numbers changed has a new version, and the new numbers are written down."""
    recorded = read(GOLDEN.read_text(encoding="utf-8"))
    assert unannounced(recorded, now) == [], f"raise their versions, then {RENEW}"
    assert unwritten(recorded, now) == [], RENEW


def test_the_fixed_results_have_every_metric_answer(now: Golden) -> None:
    """Each metric has two values at least, but for those that only Amazon Bedrock gives."""
    silent = [
        metric.spec.name
        for metric in registered_metrics(TOOLS)
        for said in [now.metrics[metric.spec.name].outcomes.values()]
        if sum(isinstance(one, float) for one in said) < 2
        and Need.GUARDRAIL not in metric.spec.needs
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (says("1", 0.5), []),
        (says("1", 0.5 + 1e-7), []),
        (says("1", 0.6), ["m 1 of a: 0.5, now 0.6"]),
        (says("1", "abstained"), ["m 1 of a: 0.5, now abstained"]),
        (says("1", 0.5, 0.0), ["m 1 of b: abstained, now 0.0"]),
        (says("2", 0.6, "not_applicable"), []),
        (replace(says("1", 0.6), results={"a": "other", "b": "2"}), []),
    ],
    ids=["same", "last digit", "value", "absent now", "value now", "new version", "other result"],
)
def test_what_goes_unannounced(after: Golden, told: list[str]) -> None:
    """Other outcomes of the same result and version, and nothing else."""
    assert unannounced(BEFORE, after) == told


def test_nothing_is_written_over_an_old_version(tmp_path: Path) -> None:
    """The command leaves the file as it was until the metric has a new version."""
    path = tmp_path / "values.json"
    assert write_down(BEFORE, path) == []
    assert write_down(says("1", 0.6), path) != []
    assert read(path.read_text(encoding="utf-8")) == BEFORE
    assert write_down(says("2", 0.6), path) == []
    assert read(path.read_text(encoding="utf-8")) == says("2", 0.6)


def test_what_is_written_is_read(now: Golden) -> None:
    """Every outcome comes back, those that go without saying as well."""
    assert read(written(now)) == now


def test_new_versions_and_results_are_to_be_written_down() -> None:
    """A metric or a result that came, went or changed is named until the file has it."""
    assert unwritten(BEFORE, says("2", 0.5)) == ["m"]
    assert unwritten(BEFORE, replace(BEFORE, results={"a": "1", "b": "3"})) == ["b"]
    assert unwritten(BEFORE, replace(BEFORE, metrics={})) == ["m"]
    assert unwritten(BEFORE, BEFORE) == []
