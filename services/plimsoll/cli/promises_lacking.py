"""What a scope lacks, where labels have brought no calibration or no promise yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plimsoll.calibration.learning.fitting import MIN_LABELS, MIN_OF_RARER
from plimsoll.calibration.learning.promising import FIRST_ATTEMPT
from plimsoll.calibration.learning.scope import MOST_RESULTS
from plimsoll.cli.promises import latest
from plimsoll.domain.learned import CertificateState, LearnedScope
from plimsoll.domain.learning import PromiseProgress

NOTHING = (
    "nothing was learned yet: draw results by `plimsoll audit`, label all of them, and send them "
    "by `plimsoll feedback --file FILE --audit`"
)


@dataclass(frozen=True, slots=True)
class CalibrationLack:
    """So many more labelled results a calibration takes, and so many of the rarer class.

    None of either where it comes with the next label: one that was corrected fits nothing.
    """

    labels: int
    of_rarer_class: int


@dataclass(frozen=True, slots=True)
class PromiseLack:
    """A promise that does not stand: `labels` of `next_attempt_at` are there to try it on.

    None is never again. `anew` says that earlier labels do not count.
    """

    error_rate: float
    labels: int
    next_attempt_at: int | None
    anew: bool


def calibration_lack(learned: LearnedScope) -> CalibrationLack | None:
    """None where there is a calibration."""
    if learned.calibration is not None:
        return None
    counted = learned.state.calibration
    labels, right = counted.labels, counted.right
    if not counted.epoch:
        # All count, which records of earlier releases say of the scope only.
        labels, right = learned.labels, learned.right
    rarer = min(right, labels - right)
    return CalibrationLack(max(0, MIN_LABELS - labels), max(0, MIN_OF_RARER - rarer))


def promise_lacks(
    learned: LearnedScope, now: datetime, rates: Sequence[float]
) -> list[PromiseLack]:
    """Of each error rate that is to be promised and is not, what it is tried next on."""
    stands = {
        one.error_rate for one in latest(learned) if one.state(now) is CertificateState.STANDING
    }
    begun = {one.error_rate: one for one in learned.state.promises}
    return [
        _promise_lack(begun.get(rate, PromiseProgress(rate)), learned.labels)
        for rate in sorted(set(rates) - stands)
    ]


def _promise_lack(progress: PromiseProgress, labels: int) -> PromiseLack:
    """Of `labels` results that the scope has, for a promise that begins with the first of them."""
    rate = progress.error_rate
    if progress.watch is not None:
        # It has run out, and begins anew with the first label that comes.
        return PromiseLack(rate, 0, FIRST_ATTEMPT, anew=True)
    due = FIRST_ATTEMPT * 2**progress.attempts
    at = due if due <= MOST_RESULTS else None
    anew = bool(progress.epoch)
    return PromiseLack(rate, progress.labels if anew else labels, at, anew=anew)


def calibration_text(lack: CalibrationLack) -> str:
    """What it takes, for people."""
    lacking = [
        f"{takes} more {what}"
        for takes, what in (
            (lack.labels, "labelled results"),
            (lack.of_rarer_class, "of the rarer class"),
        )
        if takes
    ]
    said = f"it takes {' and '.join(lacking)}" if lacking else "it comes with the next label"
    return f"no calibration: {said}"


def promise_texts(lacks: Sequence[PromiseLack]) -> list[str]:
    """A line for all error rates that are tried next on the same, for people."""
    found: dict[str, list[str]] = {}
    for lack in lacks:
        found.setdefault(_tried(lack), []).append(f"{lack.error_rate:g}")
    return [f"no promise of {', '.join(named)}: {tried}" for tried, named in found.items()]


def _tried(lack: PromiseLack) -> str:
    due = lack.next_attempt_at
    if due is None:
        return f"no further attempt, since the latest {MOST_RESULTS} labelled results count"
    begun = "begun anew, " if lack.anew else ""
    if lack.labels >= due:
        return f"{begun}tried with the next label"
    there = f", {lack.labels} of them there" if lack.anew else ""
    return f"{begun}next attempt at {due} labels{there}"
