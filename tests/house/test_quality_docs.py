"""The pages on metrics and ConfBench say what the registry and the results say."""

from __future__ import annotations

import json

import pytest

from plimsoll.cli.metrics_reference import metrics_reference
from tests.house.tree import ROOT
from tests.quality.confbench.page import page
from tests.quality.confbench.plots import auroc_picture, reliability_picture, risk_picture

DOCS = ROOT / "docs"
RESULTS = json.loads((DOCS / "confbench" / "results.json").read_text(encoding="utf-8"))


def test_the_metrics_reference_is_fresh() -> None:
    """docs/metrics.md is what the registry and the strengths say now."""
    written = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert written == metrics_reference(), "plimsoll metrics --docs docs/metrics.md"


def test_the_page_of_confbench_is_its_results() -> None:
    """docs/confbench.md holds the published results and nothing else."""
    assert (DOCS / "confbench.md").read_text(encoding="utf-8") == page(RESULTS)


@pytest.mark.parametrize(
    ("name", "draw"),
    [("auroc", auroc_picture), ("reliability", reliability_picture), ("risk", risk_picture)],
)
def test_the_pictures_of_confbench_are_its_results(name: str, draw: object) -> None:
    """Each picture in docs/confbench is drawn from the published results."""
    assert callable(draw)
    assert (DOCS / "confbench" / f"{name}.svg").read_text(encoding="utf-8") == draw(RESULTS)


def test_published_confidences_rank() -> None:
    """No task loses .02 or more to a rival for certain, and the mean over tasks wins."""
    found = RESULTS["acceptance"]
    for task, row in found["tasks"].items():
        assert min(row["single"]["gain_lower"], row["trivial"]["gain_lower"]) >= -0.02, task
        assert row["log_loss"] < row["base_log_loss"], task
    assert min(found["mean_gain_on_single"], found["mean_gain_on_trivial"]) > 0.0


def test_published_confidences_come_true() -> None:
    """The calibration error is within its bound on every task, and without each input."""
    tasks = RESULTS["acceptance"]["tasks"]
    assert {task for task, row in tasks.items() if row["ece"] > row["ece_bound"]} == set()
    assert all(row["holds"] for row in RESULTS["patterns"])
    assert RESULTS["acceptance"]["holds"]


def test_execution_agreement_ranks_humaneval() -> None:
    """Outputs of solutions that one model sampled rank right above wrong at .85 or better."""
    (asked,) = [
        row
        for row in RESULTS["execution"]
        if (row["metric"], row["sets"]) == ("output_agreement", ["humaneval_codegen16b"])
    ]
    assert asked["figures"]["auroc"] >= 0.85
