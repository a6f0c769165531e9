"""What a scope lacks, where labels have brought no calibration or no promise yet."""

from __future__ import annotations

from collections.abc import Sequence

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


def no_calibration(learned: LearnedScope) -> str:
    """Why there is none, and what it takes."""
    progress = learned.state.calibration
    if progress.epoch:
        # How many of the labels since then are right is not published.
        return (
            f"no calibration: results drifted away from the last; it takes {MIN_LABELS} labels "
            f"from then on, {MIN_OF_RARER} of the rarer class, and {progress.labels_since_fit} came"
        )
    rarer = min(learned.right, learned.labels - learned.right)
    lacking = [
        f"{takes - there} more {what}"
        for there, takes, what in (
            (learned.labels, MIN_LABELS, "labelled results"),
            (rarer, MIN_OF_RARER, "of the rarer class"),
        )
        if there < takes
    ]
    # A label that was corrected fits nothing by itself.
    said = f"it takes {' and '.join(lacking)}" if lacking else "it comes with the next label"
    return f"no calibration: {said}"


def no_promises(
    learned: LearnedScope, states: Sequence[CertificateState], rates: Sequence[float]
) -> list[str]:
    """Of each error rate that is to be promised and is not, when that is tried next.

    `states` are those of the latest certificates, in their order.
    """
    stands = {
        one.error_rate
        for one, state in zip(latest(learned), states, strict=True)
        if state is CertificateState.STANDING
    }
    begun = {one.error_rate: one for one in learned.state.promises}
    found: dict[str, list[str]] = {}
    for rate in sorted(set(rates) - stands):
        tried = _tried(learned, begun.get(rate, PromiseProgress(rate)))
        found.setdefault(tried, []).append(f"{rate:g}")
    return [f"no promise of {', '.join(named)}: {tried}" for tried, named in found.items()]


def _tried(learned: LearnedScope, progress: PromiseProgress) -> str:
    if progress.watch is not None:
        # It has run out, and begins anew with the first label that comes.
        return f"next attempt at {FIRST_ATTEMPT} labels from now on"
    due = FIRST_ATTEMPT * 2**progress.attempts
    if due > MOST_RESULTS:
        return f"no further attempt, since the latest {MOST_RESULTS} labelled results count"
    if progress.epoch:
        return f"begun anew, next attempt at {due} labels from then on"
    return f"next attempt at {due} labels" if learned.labels < due else "tried with the next label"
