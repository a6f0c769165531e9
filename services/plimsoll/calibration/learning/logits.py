"""The number that is learned on: the logit of an unlearned point."""

from __future__ import annotations

from plimsoll.calibration.combine import logit_of

# Beyond it a probability differs from 0 or 1 by less than a millionth.
FURTHEST = 15.0


def clipped(logit: float) -> float:
    """The logit, held between -15 and 15."""
    return min(FURTHEST, max(-FURTHEST, logit))


def logit_of_point(point: float) -> float:
    """The clipped logit of a point in [0, 1]."""
    if point <= 0.0:
        return -FURTHEST
    return FURTHEST if point >= 1.0 else clipped(logit_of(point))
