"""Tool calls compared field by field over sampled alternatives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import Alternative, ContentRef, LlmResult, Response, ToolCall
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.tool_call_agreement import MAX_CALLS, ToolCallAgreement
from tests.unit.metrics.results import result


def calling(*responses: list[tuple[str, str]]) -> LlmResult:
    """A result whose responses call tools: the delivered one first."""
    first, *others = [
        Response(tool_calls=tuple(ToolCall(str(n), *call) for n, call in enumerate(calls)))
        for calls in responses
    ]
    return replace(
        result(), response=first, alternatives=tuple(Alternative(other) for other in others)
    )


def shares(of: LlmResult) -> dict[str, float]:
    """Shares by pointer."""
    found = ToolCallAgreement().compute(of)
    assert isinstance(found, Measurement)
    return {e.ref: float(e.text) for e in found.evidence if e.kind == "field"}


def test_names_and_arguments_are_compared_by_pointer() -> None:
    """Both alternatives call the tool for the city; one of them for another day."""
    of = calling(
        [("weather", '{"city": "Rome", "day": 1}')],
        [("weather", '{"day": 1.0, "city": "rome"}')],
        [("weather", '{"city": "Rome", "day": 2}')],
    )
    assert shares(of) == {"/0/name": 1.0, "/0/arguments/city": 1.0, "/0/arguments/day": 0.5}
    score = evaluate(ToolCallAgreement(), of)
    assert (score.value, score.raw_value) == (0.5, 1.0)
    assert score.evidence[0].ref == "/0/arguments/day"
    assert "low_sample" in score.flags


@pytest.mark.parametrize("text", ["It is sunny.", ""])
def test_an_alternative_that_answers_in_text_or_not_at_all_disagrees(text: str) -> None:
    """One of two called nothing: half of the samples agree on every field."""
    of = calling([("weather", "{}")], [("weather", "{}")])
    of = replace(of, alternatives=(*of.alternatives, Alternative(Response(text))))
    assert shares(of) == {"/0/name": 0.5, "/0/arguments": 0.5}


def test_another_tool_or_a_tool_more_is_another_answer() -> None:
    """Names count with their case; a call that most alternatives make is missed."""
    of = calling([("get", "{}")], [("Get", "{}"), ("log", "{}")])
    assert shares(of) == {"/0/name": 0.0, "/0/arguments": 1.0}
    assert "field_missing" in evaluate(ToolCallAgreement(), of).flags


def test_arguments_that_are_no_json_are_one_field() -> None:
    """What cannot be read field by field is compared whole."""
    assert shares(calling([("f", "x=1")], [("f", "x=1")]))["/0/arguments"] == 1.0
    assert shares(calling([("f", "x=1")], [("f", "x=2")]))["/0/arguments"] == 0.0


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (result(samples=["x"]), AbsenceReason.NOT_APPLICABLE),
        (calling([("f", "{}")]), AbsenceReason.INSUFFICIENT_SAMPLES),
        (
            calling([("f", "{}")] * (MAX_CALLS + 1), [("f", "{}")]),
            AbsenceReason.INPUT_TOO_LARGE,
        ),
    ],
)
def test_what_cannot_be_compared_says_why(of: LlmResult, reason: AbsenceReason) -> None:
    """Text has no calls, one response no samples, and calls have a bound."""
    outcome = ToolCallAgreement().compute(of)
    assert isinstance(outcome, Absence)
    assert outcome.reason is reason


def test_an_alternative_that_lies_elsewhere_is_left_out_and_flagged() -> None:
    """What it called is not known, so it is no disagreement."""
    of = calling([("f", "{}")], [("f", "{}")])
    away = Alternative(Response(content_ref=ContentRef("s3://bucket/x", "0" * 64, 5)))
    score = evaluate(ToolCallAgreement(), replace(of, alternatives=(*of.alternatives, away)))
    assert score.value == 1.0
    assert "samples_excluded" in score.flags
