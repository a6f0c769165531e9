"""What of all that was learned counts for a new result."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from plimsoll.calibration.learning.standing import standing
from plimsoll.domain.confidence import Promise
from plimsoll.domain.learned import Certificate, LearnedCalibration, LearnedScope
from plimsoll.domain.learning import LearningState
from tests.unit.calibration.learning.values import SCOPE, START

LATER = START + timedelta(days=30)
STRICT = Certificate("p-1", 0.1, 0.1, 0.93, 60, 1, 0.09, 0.6, START, LATER)
LAXER = replace(STRICT, certificate_id="p-2", threshold=0.8, valid_until=LATER + timedelta(days=1))
RARER = replace(STRICT, certificate_id="p-3", error_rate=0.05, threshold=0.95)
FITTED = LearnedCalibration("calibrated-1", -0.5, 0.8, 0.04, -0.01, 0.02, 96, 78, START)
LEARNED = LearnedScope(SCOPE, 100, 80, FITTED, (STRICT, LAXER, RARER), LearningState(), START)


def test_of_one_error_rate_the_last_certificate_counts() -> None:
    """Lowest rate first; each covers results at or above its threshold."""
    now = standing(LEARNED, START)
    assert now is not None
    assert now.certificates == (RARER, LAXER)
    assert now.promises(0.95) == (Promise(0.05, "p-3"), Promise(0.1, "p-2"))
    assert now.promises(0.8) == (Promise(0.1, "p-2"),)
    assert now.promises(0.79) == ()
    assert now.until == LATER


def test_what_is_revoked_or_over_counts_no_more() -> None:
    """Without certificates the calibration stands alone, and without both nothing does."""
    assert standing(LEARNED, LATER) != standing(LEARNED, START)
    revoked = tuple(replace(one, revoke_time=START) for one in LEARNED.certificates)
    alone = standing(replace(LEARNED, certificates=revoked), START)
    assert alone is not None
    assert (alone.certificates, alone.until, alone.calibration) == ((), None, FITTED)
    assert standing(replace(LEARNED, certificates=revoked, calibration=None), START) is None


def test_the_same_name_is_the_same_content() -> None:
    """Names follow calibration and certificates, and not how far learning is."""
    names = {
        now.calibration_id
        for now in (
            standing(LEARNED, START),
            standing(LEARNED, LATER),
            standing(replace(LEARNED, calibration=None), START),
            standing(replace(LEARNED, certificates=()), START),
        )
        if now is not None
    }
    assert len(names) == 4
    assert {name.partition("-")[0] for name in names} == {"calibrated", "prior"}
    assert standing(replace(LEARNED, labels=101, update_time=LATER), START) == standing(
        LEARNED, START
    )
