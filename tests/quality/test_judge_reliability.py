"""Cells of the published grid, computed anew, and judgements that were recorded."""

from __future__ import annotations

import re

import numpy as np
import pytest

from plimsoll.calibration.judges.rates import Standing
from plimsoll.calibration.statistics import ece, log_loss, null_ece_percentile
from tests.quality.judgebench.__main__ import PAGE
from tests.quality.judgebench.panels import out_of_fold
from tests.quality.judgebench.recordings import (
    BOTH,
    MODELS,
    SEED,
    juror,
    learned_from,
    shipped_recordings,
)
from tests.quality.judgebench.simulation import METHODS, alarm_share
from tests.quality.judgebench.single_results import panel_cell

PROMISED = 0.93
DRAWS = 400
# Three standard errors of a share of PROMISED at so many draws.
CHANCE = 3 * (PROMISED * (1 - PROMISED) / DRAWS) ** 0.5


@pytest.mark.parametrize("method", ["Rogan-Gladen, Fieller", "PPI++, half an item a cell"])
@pytest.mark.parametrize(
    ("judge", "labels", "rate"),
    [
        ((0.6, 0.6), 50, 0.05),
        ((0.7, 0.7), 100, 0.8),
        ((0.9, 0.7), 50, 0.95),
        ((0.9, 0.9), 20, 0.5),
        ((0.99, 0.99), 20, 0.05),
    ],
)
def test_intervals_of_streams_cover(
    method: str, judge: tuple[float, float], labels: int, rate: float
) -> None:
    """In cells where judges are weak, labels few or rates extreme, .93 or more are covered."""
    run, interval = METHODS[method]
    assert run(interval, judge, labels, rate, DRAWS).coverage >= PROMISED - CHANCE


@pytest.mark.parametrize(
    ("accuracies", "correlation", "labels"),
    [((0.7,), 0.0, 20), ((0.8,) * 3, 0.55, 50), ((0.95,) * 3, 0.3, 200), ((0.8,) * 5, 0.3, 200)],
)
def test_intervals_of_results_cover(
    accuracies: tuple[float, ...], correlation: float, labels: int
) -> None:
    """Judges alone and panels that err alike: .93 or more are covered."""
    cell = panel_cell(accuracies, correlation, labels, draws=100)
    assert cell.coverage >= PROMISED - CHANCE * 2


def test_naive_bayes_overcounts_jurors_that_err_alike() -> None:
    """Three jurors at an error correlation of .55: its interval holds the truth in under .3."""
    assert panel_cell((0.8,) * 3, 0.55, 200, draws=50).naive < 0.3


def test_the_alarm_keeps_its_size_and_has_power() -> None:
    """False alarms at .05 at most; a stale audit, or a judge gone lenient, is mostly found."""
    size = alarm_share((0.9, 0.7), (0.9, 0.7), 100, (0.5, 0.5), DRAWS)
    assert size <= 0.05 + 3 * (0.05 * 0.95 / DRAWS) ** 0.5
    assert alarm_share((0.9, 0.7), (0.9, 0.7), 200, (0.8, 0.5), 100) > 0.8
    assert alarm_share((0.9, 0.7), (0.9, 0.5), 200, (0.5, 0.5), 100) > 0.6


def test_the_panel_is_calibrated_on_recorded_judgements() -> None:
    """Out of fold, its ECE is what chance explains, and it loses less than the base rate does."""
    items = shipped_recordings()
    labels = np.array([recording.right for recording in items], dtype=int)
    found = out_of_fold(items, [(model, BOTH) for model in MODELS])
    assert ece(labels, found) < null_ece_percentile(found, np.random.default_rng(SEED))
    assert log_loss(labels, found) < log_loss(labels, np.full(len(labels), labels.mean()))


def test_a_judge_that_agrees_with_itself_and_is_wrong_is_unreliable() -> None:
    """ChatGPT said the same in both orders of most pairs, and mostly what people do not say."""
    items = shipped_recordings()
    said = [recording.verdict("ChatGPT", BOTH).passed for recording in items]
    assert sum(passed is not None for passed in said) > len(items) / 2
    table = learned_from(items, [("ChatGPT", BOTH), ("GPT-4", BOTH)])
    assert table.counts_of(juror("ChatGPT", BOTH)).standing is Standing.UNINFORMATIVE
    assert table.counts_of(juror("GPT-4", BOTH)).standing is Standing.MEASURED


def test_the_published_grid_keeps_the_promise() -> None:
    """No bold method, and no panel, covers less than .93 in any cell, but for chance."""
    page = PAGE.read_text(encoding="utf-8")
    lowest = re.findall(r"^\*\*.*\*\*: lowest coverage (\d\.\d+)", page, re.MULTILINE)
    lowest += re.findall(r"Lowest\ncoverage: (\d\.\d+)", page)
    assert len(lowest) == 3
    assert min(map(float, lowest)) >= PROMISED - CHANCE
