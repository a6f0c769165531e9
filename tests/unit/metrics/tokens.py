"""Tokens for tests of white-box metrics, and what a metric makes of them."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult, Tokens
from plimsoll.metrics.evaluate import evaluate
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result

GOLDEN = (-0.1, -0.2, -2.3, -0.05)
TOP_FIVE = tuple(map(math.log, (0.7, 0.2, 0.05, 0.03, 0.02)))
# One token with the golden five alternatives.
FIVE = Tokens((math.log(0.7),), top_k=5, top_logprobs=TOP_FIVE)
# The same, and a token that has but two.
FIVE_AND_TWO = Tokens(
    (-0.4, -0.1), top_k=5, top_counts=(5, 2), top_logprobs=(*TOP_FIVE, -0.1, -3.0)
)
NAN, INF = math.nan, math.inf


def measured(metric: Metric, tokens: Tokens | None, text: str = "Paris") -> Measurement:
    """The metric's number of a response with these tokens, where there must be one."""
    return measured_of(metric, result(text, tokens=tokens))


def measured_of(metric: Metric, given: LlmResult) -> Measurement:
    """The metric's number of a result, where there must be one."""
    outcome = metric.compute(given)
    assert isinstance(outcome, Measurement), outcome
    return outcome


def refused(metric: Metric, tokens: Tokens | None, text: str = "Paris") -> AbsenceReason:
    """The reason of the metric's absence for a response with these tokens."""
    return refused_of(metric, result(text, tokens=tokens)).reason


def refused_of(metric: Metric, given: LlmResult) -> Absence:
    """The metric's absence for a result, its needs included, where there must be one."""
    absence = evaluate(metric, given).absence
    assert absence is not None
    return absence
