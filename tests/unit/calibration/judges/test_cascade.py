"""Judges one after the other."""

from __future__ import annotations

import pytest

from plimsoll.calibration.judges.cascade import last_stages, mean_price, sureness, threshold_grid


def test_a_result_stops_where_a_stage_is_sure_enough() -> None:
    """Sure of right or of wrong stops; the last stage stops whatever is left."""
    probabilities = [[0.95, 0.5], [0.05, 0.5], [0.6, 0.5]]
    stages = last_stages(probabilities, [0.9])
    assert stages.tolist() == [0, 0, 1]
    assert sureness([0.2, 0.9]).tolist() == [0.8, 0.9]
    assert mean_price(stages, [[1.0, 10.0]] * 3) == pytest.approx(13 / 3)


def test_every_choice_of_thresholds_is_tried() -> None:
    """Three stages have two thresholds, each of two values: four choices."""
    assert len(threshold_grid(3, [0.8, 1.1])) == 4
