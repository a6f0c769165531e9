"""A watch on risk that may be looked at at any time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.calibration.risk_watch import RiskWatch


def watched(losses: list[float], alpha: float = 0.1, delta: float = 0.05) -> RiskWatch:
    """The watch after all losses."""
    watch = RiskWatch(alpha, delta)
    for loss in losses:
        watch = watch.after(loss)
    return watch


@given(st.lists(st.floats(0, 1), max_size=60), st.floats(0.01, 0.5))
def test_the_next_loss_never_gains_in_expectation(losses: list[float], alpha: float) -> None:
    """Whatever was seen, the bet is in [0, 1/(2 alpha)], so that a mean of alpha gains nothing.

    Wealth is linear in the loss: at a mean loss of alpha the expected factor is 1, which with
    Ville's inequality is the whole guarantee; and no single loss takes more than half of it.
    """
    watch = watched(losses, alpha)
    assert 0.0 <= watch.bet <= 0.5 / alpha
    for loss in (0.0, 1.0):
        grown = np.exp(watch.after(loss).log_wealth - watch.log_wealth)
        assert grown == pytest.approx(1 + watch.bet * (loss - alpha))
        assert grown >= 0.5 - 1e-12


@given(st.lists(st.floats(0, 1), max_size=60))
def test_an_alarm_stays(losses: list[float]) -> None:
    """Once alarmed, right answers do not take it back."""
    watch = watched([1.0] * 40)
    assert watch.alarmed
    for loss in losses:
        watch = watch.after(loss)
    assert watch.alarmed


def test_false_alarms_are_rarer_than_promised() -> None:
    """In 200 streams of 300 results at exactly alpha, at most 5 % ever alarm."""
    rng = np.random.default_rng(3)
    alarms = sum(
        watched((rng.random(300) < 0.1).astype(float).tolist()).alarmed for _ in range(200)
    )
    assert alarms <= 10


def test_a_risk_of_twice_alpha_is_found() -> None:
    """At a risk of .2 against .1, nine in ten streams alarm within 400 results."""
    rng = np.random.default_rng(4)
    alarms = sum(watched((rng.random(400) < 0.2).astype(float).tolist()).alarmed for _ in range(50))
    assert alarms >= 45


def test_losses_and_levels_outside_their_ranges_are_refused() -> None:
    """A loss above 1, or an alpha of 0, is a mistake of the caller."""
    with pytest.raises(ValueError, match="not in"):
        RiskWatch(0.1, 0.05).after(1.5)
    with pytest.raises(ValueError, match="alpha"):
        RiskWatch(0.0, 0.05)
