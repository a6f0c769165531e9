"""The watch on a promise, from its issue on."""

from __future__ import annotations

from plimsoll.calibration.risk_watch import RiskWatch
from plimsoll.domain.learned import Certificate
from plimsoll.domain.learning import Bets, PromiseWatch


def watched(watch: PromiseWatch, certificate: Certificate, *, wrong: bool) -> PromiseWatch:
    """The watch after one more covered result; labels that made the certificate are not in it."""
    after = _risk(watch, certificate).after(float(wrong))
    return PromiseWatch(
        Bets(after.log_wealth, after.weight, after.total, after.total_squares),
        watch.seen + 1,
        watch.wrong + wrong,
    )


def alarmed(watch: PromiseWatch, certificate: Certificate) -> bool:
    """Whether labels speak against the promise: falsely with probability `failure` at most."""
    return _risk(watch, certificate).alarmed


def _risk(watch: PromiseWatch, certificate: Certificate) -> RiskWatch:
    bets = watch.bets
    return RiskWatch(
        alpha=certificate.error_rate,
        delta=certificate.failure,
        log_wealth=bets.log_wealth,
        highest_log_wealth=bets.log_wealth,
        weight=bets.weight,
        total=bets.total,
        total_squares=bets.total_squares,
    )
