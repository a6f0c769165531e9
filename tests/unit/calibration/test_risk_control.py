"""Conformal risk control: the golden bound, and the mildest threshold within it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from plimsoll.calibration.risk_control import controlled_threshold, risk_bound


def test_the_golden_bound() -> None:
    """A mean loss of .05 over 100 results, each at most 1, bounds the next one's by .059405941."""
    assert float(risk_bound(0.05, 100)) == pytest.approx(0.059405941, abs=1e-9)
    assert risk_bound(0.05, 100) == Fraction(6, 101)


def test_the_bound_is_exact_at_its_edge() -> None:
    """(4 + 1) / (49 + 1) is one tenth and not a double more, so that threshold is taken."""
    losses = {0.1: Fraction(5, 49), 0.2: Fraction(4, 49), 0.3: Fraction(0)}
    assert controlled_threshold(losses, losses.__getitem__, 49, 0.1) == 0.2


def test_no_threshold_is_sure_enough_with_few_results() -> None:
    """Without any loss at all, eight results bound the next one's by one ninth and no better."""
    assert controlled_threshold([0.1, 0.9], lambda _: Fraction(0), 8, 0.1) is None
    assert controlled_threshold([0.1, 0.9], lambda _: Fraction(0), 9, 0.1) == 0.1


@pytest.mark.parametrize(("mean", "n"), [(-0.1, 10), (1.1, 10), (0.5, -1)])
def test_losses_outside_their_bounds_are_refused(mean: float, n: int) -> None:
    """A loss below 0 or above its bound, or less than no result, is a slip of the caller's."""
    with pytest.raises(ValueError, match="mean loss"):
        risk_bound(mean, n)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 2.0])
def test_alpha_is_a_rate(alpha: float) -> None:
    """Anything but a rate between 0 and 1 is refused."""
    with pytest.raises(ValueError, match="alpha"):
        controlled_threshold([0.5], lambda _: Fraction(0), 50, alpha)
