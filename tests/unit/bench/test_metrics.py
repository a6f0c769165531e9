"""Metrics beside their peers, and what they cost, in the small."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import consistency, metrics
from tests.bench.rig import QUICK
from tests.unit.bench.peers import write_peers

SMALL = replace(QUICK, sample_results=40)


def test_every_contest_gives_equal_results_and_a_ratio(tmp_path: Path) -> None:
    """Against packages that compute by the book, in a process whose imports they may change."""
    figures = consistency.measure(write_peers(tmp_path), QUICK)
    assert [figure.name for figure in figures] == [
        "rouge_l_per_result",
        "degree_per_result",
        "eigenvalue_per_result",
        "eccentricity_per_result",
        "consistency_per_result",
        "token_logprobs_per_result",
        "top_logprobs_per_result",
        "white_box_per_result",
    ]
    for figure in figures:
        assert figure.value > 0
        assert figure.reference is not None
        assert figure.ratio is not None
        assert figure.ratio > 0


def test_a_peer_with_other_results_is_not_timed(tmp_path: Path) -> None:
    """Where two functions disagree by more than 1e-9 there is no figure but an error."""
    folder = write_peers(tmp_path)
    path = folder / "lm_polygraph" / "estimators" / "deg_mat.py"
    path.write_text(path.read_text().replace("return 1 -", "return 1.000001 -"))
    with pytest.raises(subprocess.CalledProcessError):
        consistency.measure(folder, QUICK)


def test_metrics_have_a_rate_together_and_a_cost_each() -> None:
    """The rate is over all that need no tool; each that has values on the demo's records costs."""
    (rate,) = metrics.measure(SMALL)
    costs = {figure.name: figure.value for figure in metrics.costs(SMALL)}
    assert rate.value > 0
    assert {"cost_of_lexical_similarity", "cost_of_degree_jaccard"} <= set(costs)
    assert "cost_of_degree_nli" not in costs
    assert all(value > 0 for value in costs.values())
