"""What a policy makes of a result, and whether numbers still to come could change it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence

from plimsoll.domain.absence import Absence
from plimsoll.domain.confidence import Confidence, Decision, Estimate, Promise
from plimsoll.domain.policy import Clause, Comparison, Condition, Policy, Subject
from plimsoll.domain.score import Score

OTHERWISE = "otherwise"
_COMPARE: Mapping[Comparison, Callable[[float, float], bool]] = {
    Comparison.AT_LEAST: operator.ge,
    Comparison.ABOVE: operator.gt,
    Comparison.AT_MOST: operator.le,
    Comparison.BELOW: operator.lt,
}
_OF_ESTIMATE: Mapping[Subject, Callable[[Estimate], float]] = {
    Subject.CONFIDENCE: lambda estimate: estimate.point,
    Subject.LOWER_BOUND: lambda estimate: estimate.interval.lower,
    Subject.UPPER_BOUND: lambda estimate: estimate.interval.upper,
    Subject.WIDTH: lambda estimate: estimate.interval.upper - estimate.interval.lower,
}


def decide(policy: Policy, confidence: Confidence, scores: Sequence[Score]) -> Decision:
    """The verdict of the first condition that is met, and which it was."""
    by_name = {score.metric: score for score in scores}
    for condition in policy.conditions:
        if all(_met(clause, confidence, by_name) for clause in condition.clauses):
            certificate = _certificate(condition, confidence)
            return Decision(policy.name, condition.verdict, condition.name, certificate)
    return Decision(policy.name, policy.otherwise, OTHERWISE)


def settled(
    policy: Policy,
    confidence: Confidence,
    scores: Sequence[Score],
    outstanding: Collection[str],
    confidence_may_move: bool,  # noqa: FBT001 - a fact about the combination
) -> bool:
    """Whether the verdict is the same whatever the outstanding metrics say.

    A condition with a clause that is open may or may not be met. The verdict is settled where all
    conditions that may decide agree.
    """
    by_name = {score.metric: score for score in scores}
    possible = set()
    for condition in policy.conditions:
        met = [
            None
            if _open(clause, outstanding, confidence_may_move)
            else _met(clause, confidence, by_name)
            for clause in condition.clauses
        ]
        if False in met:
            continue
        possible.add(condition.verdict)
        if None not in met:
            return len(possible) == 1
    possible.add(policy.otherwise)
    return len(possible) == 1


def _certificate(condition: Condition, confidence: Confidence) -> str:
    """The certificate on which a condition rests that was met; empty where on none."""
    reads = any(clause.subject is Subject.PROMISE for clause in condition.clauses)
    promised = _promised(confidence) if reads else None
    return "" if promised is None else promised.certificate


def _promised(confidence: Confidence) -> Promise | None:
    return min(confidence.promises, key=lambda promise: promise.error_rate, default=None)


def _open(clause: Clause, outstanding: Collection[str], confidence_may_move: object) -> bool:
    if clause.subject is Subject.SCORE:
        return clause.metric in outstanding
    return bool(confidence_may_move)


def _met(clause: Clause, confidence: Confidence, scores: Mapping[str, Score]) -> bool:
    found = _subject(clause, confidence, scores)
    if clause.comparison is Comparison.PRESENT:
        return isinstance(found, float)
    if clause.comparison is Comparison.ABSENT:
        if isinstance(found, float):
            return False
        return not clause.reasons or (found is not None and found.reason in clause.reasons)
    return isinstance(found, float) and _COMPARE[clause.comparison](found, clause.threshold)


def _subject(
    clause: Clause, confidence: Confidence, scores: Mapping[str, Score]
) -> float | Absence | None:
    """The number, why there is none, or None: nothing is promised, or the plan does not run it."""
    if clause.subject is Subject.SCORE:
        score = scores.get(clause.metric)
        return None if score is None else score.outcome
    outcome = confidence.outcome
    if isinstance(outcome, Absence):
        return outcome
    if clause.subject is Subject.PROMISE:
        promised = _promised(confidence)
        return None if promised is None else promised.error_rate
    return _OF_ESTIMATE[clause.subject](outcome)
