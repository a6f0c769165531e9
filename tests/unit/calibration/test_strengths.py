"""A metric's strength on labels: the figure, its interval, and when there is none."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.calibration import strengths
from plimsoll.calibration.statistics import auroc
from plimsoll.calibration.strengths import Figure, figure_of, within_sets_drawn
from plimsoll.domain.result import TaskKind
from plimsoll.domain.score import Unmeasured

RNG = np.random.default_rng(11)
LABELS = (RNG.random(120) < 0.5).astype(float)
VALUES = np.clip(0.3 * LABELS + 0.6 * RNG.random(120), 0.0, 1.0)
GROUPS = [f"g{place // 2}" for place in range(120)]


def figure(labels: np.ndarray, values: np.ndarray, groups: list[str]) -> Figure:
    """The figure of labels that bear one."""
    found = figure_of(labels, values, groups)
    assert isinstance(found, Figure)
    return found


def test_the_figure_is_the_auroc_of_all_labels() -> None:
    """Of one set it is the plain AUROC, between the bounds of its interval."""
    found = figure(LABELS, VALUES, GROUPS)
    assert found.auroc == pytest.approx(auroc(LABELS, VALUES))
    assert found.interval.lower < found.auroc < found.interval.upper
    assert (found.labels, found.interval.level) == (120, 0.9)


def test_rows_may_come_in_any_order() -> None:
    """The same labels give the same figure, however a file has them sorted."""
    order = RNG.permutation(len(LABELS))
    mixed = figure(LABELS[order], VALUES[order], [GROUPS[place] for place in order])
    assert mixed == figure(LABELS, VALUES, GROUPS)


def test_what_stands_or_falls_together_widens_the_interval() -> None:
    """Each label four times, in a group of four, says as much as once: no more, and no less."""
    once = figure(LABELS, VALUES, [str(place) for place in range(120)])
    four = [str(place) for place in range(120)] * 4
    times = figure(np.tile(LABELS, 4), np.tile(VALUES, 4), four)
    alone = figure(np.tile(LABELS, 4), np.tile(VALUES, 4), [str(place) for place in range(480)])
    assert times.interval.upper - times.interval.lower == pytest.approx(
        once.interval.upper - once.interval.lower
    )
    assert alone.interval.upper - alone.interval.lower < 0.7 * (
        times.interval.upper - times.interval.lower
    )


def test_a_perfect_metric_has_no_width() -> None:
    """Where every right one stands above every wrong one, so it does in each draw."""
    found = figure(LABELS, LABELS, GROUPS)
    assert (found.interval.lower, found.auroc, found.interval.upper) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("right", "wrong", "groups", "why"),
    [
        (25, 24, 49, "49 labels, it takes 50"),
        (60, 9, 69, "9 of the rarer kind, right or wrong, it takes 10"),
        (9, 60, 69, "9 of the rarer kind, right or wrong, it takes 10"),
        (60, 0, 60, "0 of the rarer kind, right or wrong, it takes 10"),
        (40, 40, 9, "9 groups, it takes 10"),
        (0, 0, 1, "0 labels, it takes 50"),
    ],
    ids=["labels", "wrong", "right", "one kind", "groups", "none"],
)
def test_too_few_labels_bear_no_figure(right: int, wrong: int, groups: int, why: str) -> None:
    """Below the least numbers nothing is stated, and it is said what there is too little of."""
    labels = np.array([1.0] * right + [0.0] * wrong)
    of = [str(place % groups) for place in range(right + wrong)]
    assert figure_of(labels, np.linspace(0.0, 1.0, right + wrong), of) == Unmeasured(why)


def test_just_enough_labels_bear_one() -> None:
    """Fifty labels, ten of them wrong, in ten groups."""
    labels = np.array([1.0] * 40 + [0.0] * 10)
    found = figure_of(labels, np.linspace(0.0, 1.0, 50), [str(place % 10) for place in range(50)])
    assert isinstance(found, Figure)


def test_draws_in_parts_are_the_draws_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by drawing in parts, which changes no draw."""
    sets = np.array(["a"] * 70 + ["b"] * 50)
    whole = within_sets_drawn(LABELS, VALUES, sets, GROUPS)
    monkeypatch.setattr(strengths, "_MAX_DRAWN", 120 * 7)
    assert within_sets_drawn(LABELS, VALUES, sets, GROUPS).tolist() == whole.tolist()


def test_a_strength_has_three_decimals_around_its_figure() -> None:
    """Rounding keeps lower, figure and upper in their order."""
    found = figure(LABELS, VALUES, GROUPS).strength("tickets", TaskKind.OPEN_QA, "en", "")
    assert found.auroc == round(found.auroc, 3)
    assert found.interval.lower <= found.auroc <= found.interval.upper
    assert (found.dataset, found.language, found.labels) == ("tickets", "en", 120)
