"""The watch on a promise, from its issue on."""

from __future__ import annotations

from plimsoll.calibration.risk_watch import RiskWatch
from plimsoll.domain.learned import Certificate
from plimsoll.domain.learning import Bets, PromiseWatch


def watched(watch: PromiseWatch, certificate: Certificate, *, wrong: bool) -> PromiseWatch:
    """The watch after one more covered result; labels that made the certificate are not in it."""
    risk = risk_watch(watch.bets, certificate.error_rate, certificate.failure)
    return PromiseWatch(bets_of(risk.after(float(wrong))), watch.seen + 1, watch.wrong + wrong)


def alarmed(watch: PromiseWatch, certificate: Certificate) -> bool:
    """Whether labels speak against the promise: falsely with probability `failure` at most."""
    return risk_watch(watch.bets, certificate.error_rate, certificate.failure).alarmed


def risk_watch(bets: Bets, error_rate: float, failure: float) -> RiskWatch:
    """The watch on an error rate that bets have come to; both rates lie inside (0, 1)."""
    return RiskWatch(
        alpha=error_rate,
        delta=failure,
        log_wealth=bets.log_wealth,
        highest_log_wealth=bets.log_wealth,
        weight=bets.weight,
        total=bets.total,
        total_squares=bets.total_squares,
    )


def bets_of(risk: RiskWatch) -> Bets:
    """What the next label continues from."""
    return Bets(risk.log_wealth, risk.weight, risk.total, risk.total_squares)
