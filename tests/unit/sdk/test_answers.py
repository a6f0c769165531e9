"""Rules, answers and counters of the gate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plimsoll.domain.confidence import Verdict
from plimsoll.sdk.answers import DecidedBy, GateAnswer, GateCounters, GateRule
from tests.unit.sdk.values import KEY, NO_CONFIDENCE, RULE, confidence, scored

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("lower", "upper", "verdict"),
    [
        (0.7, 0.9, Verdict.ACCEPT),
        (0.69, 0.9, Verdict.REVIEW),
        (0.1, 0.29, Verdict.REJECT),
        (0.1, 0.3, Verdict.REVIEW),
    ],
)
def test_bounds_of_the_interval_decide(lower: float, upper: float, verdict: Verdict) -> None:
    """Accept from the lower bound on, reject below the upper bound, review between."""
    rule = GateRule(SECOND, accept_lower_bound=0.7, reject_upper_bound=0.3)
    assert rule.decide(scored(lower=lower, upper=upper)) == (verdict, DecidedBy.SCORE)


def test_without_a_reject_bound_nothing_is_rejected() -> None:
    """A caller who names no bound for it gets review for the worst score."""
    assert RULE.decide(scored(lower=0.0, upper=0.0)) == (Verdict.REVIEW, DecidedBy.SCORE)


def test_a_policys_verdict_on_the_event_goes_before_the_callers_bounds() -> None:
    """Where somebody has set a policy, the caller's thresholds do not overrule it."""
    event = scored(lower=0.99, upper=1.0, verdict=Verdict.REJECT)
    assert RULE.decide(event) == (Verdict.REJECT, DecidedBy.POLICY)


def test_a_score_without_a_confidence_gives_the_callers_verdict_for_missing() -> None:
    """An absence is never read as a number."""
    rule = GateRule(SECOND, on_missing=Verdict.REJECT)
    assert rule.decide(scored(of=NO_CONFIDENCE)) == (Verdict.REJECT, DecidedBy.ABSENCE)


def test_an_unknown_verdict_of_a_newer_policy_leaves_the_decision_to_the_bounds() -> None:
    """UNSPECIFIED is no verdict."""
    event = scored(of=confidence(0.9, 0.95), verdict=Verdict.UNSPECIFIED)
    assert RULE.decide(event) == (Verdict.ACCEPT, DecidedBy.SCORE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"deadline": timedelta(0)}, "deadline"),
        ({"deadline": SECOND, "on_missing": Verdict.UNSPECIFIED}, "on_missing"),
        ({"deadline": SECOND, "accept_lower_bound": 1.1}, "accept_lower_bound"),
        ({"deadline": SECOND, "reject_upper_bound": 0.8}, "reject_upper_bound"),
        ({"deadline": SECOND, "accept_lower_bound": float("nan")}, "accept_lower_bound"),
    ],
)
def test_rules_that_make_no_sense_are_refused(arguments: dict[str, object], message: str) -> None:
    """A rule says which of its values is wrong."""
    with pytest.raises(ValueError, match=message):
        GateRule(**arguments)  # type: ignore[arg-type]  # wrong on purpose


def test_each_cause_is_counted_apart_and_the_counts_add_up() -> None:
    """Every cause has its own counter, and their sum is the number of answers."""
    counters = GateCounters()
    for cause in DecidedBy:
        counters.count(GateAnswer(KEY, Verdict.REVIEW, cause, SECOND))
    counters.count(GateAnswer(KEY, Verdict.ACCEPT, DecidedBy.SCORE, SECOND))
    stats = counters.snapshot()
    assert (stats.score, stats.policy, stats.time_out, stats.unreachable) == (2, 1, 1, 1)
    assert stats.total == len(DecidedBy) + 1
