"""Whether results are still right as often as a learned calibration says."""

from __future__ import annotations

import math
from datetime import datetime

from plimsoll.calibration.risk_watch import MEMORY
from plimsoll.domain.learned import LearnedCalibration, Withdrawal
from plimsoll.domain.learning import Bets

# An alarm where a calibration that says the truth would be taken back in one of a hundred streams.
_ALARM = math.log(100.0)
_BOLDEST = 0.5
_LEAST_VARIANCE = 0.02
# What the variance counts as before anything was seen, with the weight of one label.
_VARIANCE_BEFORE = 0.2
_STAKED_EVERY = 50


def after_label(bets: Bets, earlier: int, said: float, *, right: bool) -> Bets:
    """The bets after a label of a result that was `said` to be right, and `earlier` ones.

    A factor of 1 + bet (right - said) each, with bets in [-1/2, 1/2] that follow earlier labels
    only: an e-process against "each is right with the probability that was said" (Waudby-Smith and
    Ramdas, arXiv:2010.09686). It goes on over new fits, as each label is held against what was said
    of it before it came. As bets on noise lose, a share 1 / (j (j + 1)) of the stake is kept for
    the j-th fifty labels, so that a long quiet time does not put an alarm off for as long.
    """
    surprise = float(right) - said
    return Bets(
        log_wealth=_staked(bets.log_wealth, earlier) + math.log1p(_next(bets) * surprise),
        weight=MEMORY * bets.weight + 1.0,
        total=MEMORY * bets.total + surprise,
        total_squares=MEMORY * bets.total_squares + surprise**2,
    )


def alarmed(bets: Bets) -> bool:
    """Whether they refute what was said (Ville, 1939)."""
    return bets.log_wealth >= _ALARM


def withdrawal(fitted: LearnedCalibration, bets: Bets, watched: int, time: datetime) -> Withdrawal:
    """A calibration that the bets refute, over `watched` labels since the first fit."""
    by = bets.total / bets.weight
    why = (
        f"of {watched} results labelled since the first fit, the latest were right "
        f"{'more' if by > 0.0 else 'less'} often than was said, by {abs(by):.2f} on average"
    )
    return Withdrawal(fitted.calibration_id, fitted.labels, fitted.fit_time, time, why)


def _staked(log_wealth: float, earlier: int) -> float:
    if earlier % _STAKED_EVERY:
        return log_wealth
    place = earlier // _STAKED_EVERY + 1
    share = -math.log(place * (place + 1))
    if not earlier:
        return share
    high, low = max(log_wealth, share), min(log_wealth, share)
    return high + math.log1p(math.exp(low - high))


def _next(bets: Bets) -> float:
    weight = bets.weight + 1.0
    mean = bets.total / weight
    variance = (_VARIANCE_BEFORE + bets.total_squares) / weight - mean**2
    bet = mean / (max(_LEAST_VARIANCE, variance) + mean**2)
    return min(_BOLDEST, max(-_BOLDEST, bet))
