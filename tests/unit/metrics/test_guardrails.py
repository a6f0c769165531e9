"""What a guardrail is asked about a result, and how its scores are read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.grounding import LIMITS, as_question, of_question
from plimsoll.domain.judging import GroundingCall, JudgeCall, JudgeReply
from plimsoll.domain.metric import Cost, Measurement
from plimsoll.domain.result import LlmResult, Message
from plimsoll.metrics.contextual_grounding import ContextualGrounding
from plimsoll.metrics.contextual_relevance import ContextualRelevance
from plimsoll.ports.metric import AskedMetric
from tests.unit.metrics.results import result

ASKED = replace(
    result("Paris.", context=("Paris is the capital.", "", "Lyon is not.")),
    messages=(Message("user", "Hello"), Message("assistant", "Hi"), Message("user", "Capital?")),
)


def question(of: LlmResult) -> JudgeCall | Absence:
    """What both of them ask."""
    found = ContextualGrounding().question(of)
    assert found == ContextualRelevance().question(of)
    return found


def test_both_ask_one_question() -> None:
    """Documents are the sources, the user's last words the query: one check gives both scores."""
    found = question(ASKED)
    assert isinstance(found, JudgeCall)
    expected = GroundingCall(("Paris is the capital.", "Lyon is not."), "Capital?", "Paris.")
    assert of_question(found) == expected
    assert as_question(expected) == found


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (replace(ASKED, messages=()), AbsenceReason.INPUT_MISSING),
        (replace(ASKED, messages=(Message("system", "x"),)), AbsenceReason.INPUT_MISSING),
        (
            replace(ASKED, messages=(Message("user", "x" * (LIMITS["query"] + 1)),)),
            AbsenceReason.INPUT_TOO_LARGE,
        ),
        (
            replace(result("x" * (LIMITS["response"] + 1)), messages=ASKED.messages),
            AbsenceReason.INPUT_MISSING,
        ),
        (
            replace(
                result("x" * (LIMITS["response"] + 1), context=("c",)), messages=ASKED.messages
            ),
            AbsenceReason.INPUT_TOO_LARGE,
        ),
        (
            replace(result("x", context=("y" * 60_000, "z" * 60_000)), messages=ASKED.messages),
            AbsenceReason.INPUT_TOO_LARGE,
        ),
    ],
)
def test_what_a_guardrail_does_not_take_is_not_asked(
    changed: LlmResult, reason: AbsenceReason
) -> None:
    """Above its limits, or without a part, there is an absence: nothing is cut to fit."""
    found = question(changed)
    assert isinstance(found, Absence)
    assert found.reason is reason


def test_scores_are_taken_as_they_come() -> None:
    """Each metric reads its own score, and its provenance names the guardrail."""
    reply = JudgeReply({"grounding": 0.75, "relevance": 1.0, "guardrail": "gr1/3"})
    for metric, value in ((ContextualGrounding(), 0.75), (ContextualRelevance(), 1.0)):
        found = metric.answer(reply)
        assert isinstance(found, Measurement)
        assert (found.value, found.provenance) == (value, (("guardrail", "gr1/3"),))


def test_a_score_that_is_not_there_is_not_made_up() -> None:
    """A policy without that filter is `not_configured`; the check's own absence stands."""
    found = ContextualRelevance().answer(JudgeReply({"grounding": 0.75, "guardrail": "gr1/3"}))
    assert isinstance(found, Absence)
    assert found.reason is AbsenceReason.NOT_CONFIGURED
    throttled = Absence(AbsenceReason.THROTTLED, "no permit")
    assert ContextualGrounding().answer(JudgeReply(throttled)) == throttled


def test_nobody_is_asked_by_accident() -> None:
    """Both cost money, so that no plan runs them unless it names them; alone they are absent."""
    for metric in (ContextualGrounding(), ContextualRelevance()):
        assert isinstance(metric, AskedMetric)
        assert metric.spec.cost is Cost.PAID
        found = metric.compute(ASKED)
        assert isinstance(found, Absence)
        assert found.reason is AbsenceReason.NOT_CONFIGURED
