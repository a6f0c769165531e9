"""Values that the tests of the SDK share."""

from __future__ import annotations

from datetime import timedelta

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.confidence import Confidence, ConfidenceStatus, Decision, Estimate, Verdict
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.result import LlmResult, Response
from plimsoll.domain.score import Interval, IntervalKind
from plimsoll.domain.scored import ScoredResult
from plimsoll.sdk.answers import GateRule

KEY = ResultKey("default", "r-1")
RESULT = LlmResult(key=KEY, response=Response(text="Paris"))
RULE = GateRule(deadline=timedelta(seconds=2))


def confidence(lower: float, upper: float) -> Confidence:
    """A prior confidence with that interval."""
    interval = Interval(lower, upper, 0.9, IntervalKind.CREDIBLE)
    estimate = Estimate((lower + upper) / 2, interval)
    return Confidence(estimate, ConfidenceStatus.PRIOR, "prior-1", labels=100)


NO_CONFIDENCE = Confidence(
    Absence(AbsenceReason.INPUT_MISSING, "no metric had its inputs"),
    ConfidenceStatus.PRIOR,
    "prior-1",
    labels=100,
)


def scored(
    *,
    lower: float = 0.8,
    upper: float = 0.95,
    of: Confidence | None = None,
    verdict: Verdict | None = None,
    key: ResultKey = KEY,
    revision: int = 0,
    score_id: str = "s-1",
    input_digest: str = "d-1",
) -> ScoredResult:
    """A scored result with the facts that a test is about."""
    return ScoredResult(
        key=key,
        score_id=score_id,
        revision=revision,
        input_digest=input_digest,
        plan_version="p-1",
        scores=(),
        confidence=of or confidence(lower, upper),
        decision=None if verdict is None else Decision("strict", verdict, "lower >= 0.9"),
    )
