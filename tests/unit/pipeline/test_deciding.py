"""Policies: the first condition that is met decides, and absent numbers meet no comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import (
    Confidence,
    ConfidenceStatus,
    Decision,
    Estimate,
    Promise,
    Verdict,
)
from plimsoll.domain.plan import Plan, PlanRule
from plimsoll.domain.policy import Clause, Comparison, Condition, Policy, Subject
from plimsoll.domain.score import Interval, IntervalKind, Score
from plimsoll.pipeline.deciding import decide
from tests.unit.metrics.results import result
from tests.unit.pipeline.test_scoring import scorer

THROTTLED = Absence(AbsenceReason.THROTTLED)


def confidence(point: float | None, lower: float = 0.0, upper: float = 1.0) -> Confidence:
    """A confidence, absent where `point` is None."""
    outcome = (
        Absence(AbsenceReason.INPUT_MISSING)
        if point is None
        else Estimate(point, Interval(lower, upper, 0.9, IntervalKind.CREDIBLE))
    )
    return Confidence(outcome, ConfidenceStatus.PRIOR, "c", 1)


def score(metric: str, outcome: float | Absence) -> Score:
    """One metric's outcome."""
    return Score(metric, "1", outcome)


def policy(*clauses: Clause) -> Policy:
    """Accepts what meets all clauses, else reviews."""
    return Policy("p", (Condition("met", clauses, Verdict.ACCEPT),), Verdict.REVIEW)


SURE = Clause(Subject.LOWER_BOUND, Comparison.AT_LEAST, 0.7)


def test_the_first_condition_that_is_met_decides() -> None:
    """Order counts: what is rejected first is not accepted after."""
    both = Policy(
        "p",
        (
            Condition("bad", (Clause(Subject.SCORE, Comparison.BELOW, 1.0, "a"),), Verdict.REJECT),
            Condition("sure", (SURE,), Verdict.ACCEPT),
        ),
        Verdict.REVIEW,
    )
    sure = confidence(0.9, 0.8, 0.95)
    assert decide(both, sure, [score("a", 0.5)]) == Decision("p", Verdict.REJECT, "bad")
    assert decide(both, sure, [score("a", 1.0)]) == Decision("p", Verdict.ACCEPT, "sure")
    unsure = confidence(0.9, 0.6, 0.95)
    assert decide(both, unsure, [score("a", 1.0)]) == Decision("p", Verdict.REVIEW, "otherwise")


@pytest.mark.parametrize("comparison", [c for c in Comparison if c.value[0] in "<>"])
@pytest.mark.parametrize("subject", list(Subject))
def test_a_number_that_is_not_there_meets_no_comparison(
    subject: Subject, comparison: Comparison
) -> None:
    """Neither above nor below: unknown is not small."""
    clause = Clause(subject, comparison, 0.5, "a")
    decision = decide(policy(clause), confidence(None), [score("a", THROTTLED)])
    assert decision.verdict is Verdict.REVIEW


def test_an_absence_can_decide_by_its_reason() -> None:
    """`absent` holds for any reason or for those that are named."""
    throttled = Clause(
        Subject.SCORE, Comparison.ABSENT, metric="a", reasons=frozenset({AbsenceReason.THROTTLED})
    )
    sure = confidence(0.9)
    assert decide(policy(throttled), sure, [score("a", THROTTLED)]).verdict is Verdict.ACCEPT
    late = score("a", Absence(AbsenceReason.TIMED_OUT))
    assert decide(policy(throttled), sure, [late]).verdict is Verdict.REVIEW
    anyhow = Clause(Subject.SCORE, Comparison.ABSENT, metric="a")
    assert decide(policy(anyhow), sure, [late]).verdict is Verdict.ACCEPT


def test_width_is_a_subject() -> None:
    """An interval that is too wide can be sent to review by itself."""
    narrow = Clause(Subject.WIDTH, Comparison.AT_MOST, 0.3)
    assert decide(policy(narrow), confidence(0.8, 0.7, 0.9), ()).verdict is Verdict.ACCEPT
    assert decide(policy(narrow), confidence(0.8, 0.4, 0.9), ()).verdict is Verdict.REVIEW


def promised(*promises: Promise) -> Confidence:
    """A sure confidence with these promises."""
    return replace(confidence(0.9, 0.8, 0.95), promises=promises)


FEW = Promise(0.05, "certificate-few")
SOME = Promise(0.1, "certificate-some")
AT_MOST_A_TENTH = Clause(Subject.PROMISE, Comparison.AT_MOST, 0.1)


def test_a_promise_is_a_subject() -> None:
    """The lowest error rate that is promised counts, and the decision names its certificate."""
    accepted = Decision("p", Verdict.ACCEPT, "met", "certificate-few")
    assert decide(policy(AT_MOST_A_TENTH), promised(FEW, SOME), ()) == accepted
    assert decide(policy(AT_MOST_A_TENTH), promised(SOME, FEW), ()) == accepted
    some = decide(policy(AT_MOST_A_TENTH), promised(SOME), ())
    assert some.certificate == "certificate-some"
    strict = Clause(Subject.PROMISE, Comparison.AT_MOST, 0.05)
    assert decide(policy(strict), promised(SOME), ()).verdict is Verdict.REVIEW


def test_what_is_not_promised_meets_no_number() -> None:
    """Without a promise no comparison is met, `absent` is, and no certificate is named."""
    absent = Clause(Subject.PROMISE, Comparison.ABSENT)
    nothing = promised()
    assert decide(policy(AT_MOST_A_TENTH), nothing, ()) == Decision(
        "p", Verdict.REVIEW, "otherwise"
    )
    assert decide(policy(absent), nothing, ()) == Decision("p", Verdict.ACCEPT, "met")
    assert decide(policy(absent), promised(FEW), ()).verdict is Verdict.REVIEW


def test_a_decision_that_rests_on_no_promise_names_none() -> None:
    """Only the condition that decided counts, whatever else is promised."""
    both = Policy(
        "p",
        (
            Condition("sure", (SURE,), Verdict.ACCEPT),
            Condition("promised", (AT_MOST_A_TENTH,), Verdict.ACCEPT),
        ),
        Verdict.REVIEW,
    )
    assert decide(both, promised(FEW), ()) == Decision("p", Verdict.ACCEPT, "sure")


def test_a_scored_result_carries_its_rules_decision() -> None:
    """Without a policy there is no verdict; with one there always is."""
    without = scorer().score(result(), "digest")
    assert without.decision is None
    rule = PlanRule("r", ("response_length",), policy=policy(SURE))
    scored = scorer(Plan("p", (rule,))).score(result(), "digest")
    assert scored.decision == Decision("p", Verdict.REVIEW, "otherwise")
