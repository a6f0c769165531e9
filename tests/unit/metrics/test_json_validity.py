"""JSON where JSON was asked for, every error by its path, and numbers in their range."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Expectations, GenAi, LlmResult
from plimsoll.domain.score import Score
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.json_schema_validity import JsonSchemaValidity
from plimsoll.metrics.json_validity import JsonValidity
from plimsoll.metrics.range_validity import RangeValidity
from plimsoll.metrics.schema_checking import MAX_ERRORS
from tests.unit.metrics.grounded import reason
from tests.unit.metrics.results import result

RANGE = '{"properties": {"score": {"type": "integer", "minimum": 0, "maximum": 10}}}'


def asked_for_json(text: str) -> LlmResult:
    """A response where the request said JSON."""
    return replace(result(text), gen_ai=GenAi(output_type="json"))


def ranged(text: str, schema: str = RANGE) -> Score:
    """The score of a response under a schema with bounds."""
    return evaluate(RangeValidity(), result(text, expectations=Expectations(schema)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, null]}', 1.0),
        ("7", 1.0),
        ('```json\n{"a": 1}\n```', 1.0),
        ('{"a": 1,}', 0.0),
        ("{'a': 1}", 0.0),
        ('Sure! {"a": 1}', 0.0),
        ('{"pass": false} {"pass": true}', 0.0),
        ("[NaN]", 0.0),
    ],
)
def test_the_whole_response_is_one_document_or_it_is_not_json(text: str, value: float) -> None:
    """Of two objects neither is taken, and none is looked for inside a sentence."""
    assert evaluate(JsonValidity(), asked_for_json(text)).value == value


def test_evidence_says_where_it_stops_being_json() -> None:
    """By line and column, without a word of the response."""
    score = evaluate(JsonValidity(), asked_for_json('{"secret":\n tru}'))
    assert [item.text for item in score.evidence] == ["no JSON from line 2, column 2 on"]


def test_json_is_checked_only_where_it_was_asked_for() -> None:
    """By the output type, or by a schema."""
    assert reason(evaluate(JsonValidity(), result("Paris"))) is AbsenceReason.NOT_APPLICABLE
    expected = result("Paris", expectations=Expectations("{}"))
    assert evaluate(JsonValidity(), expected).value == 0.0


def test_what_is_nested_too_deeply_is_too_large() -> None:
    """The parser gives up whether it is JSON or not."""
    score = evaluate(JsonValidity(), asked_for_json("[" * 2_000))
    assert reason(score) is AbsenceReason.INPUT_TOO_LARGE


def test_every_error_of_a_document_has_its_path() -> None:
    """Not the first alone, and not without end: eight at the most."""
    schema = Expectations('{"items": {"type": "integer"}}')
    score = evaluate(JsonSchemaValidity(), result('[1, "x", 2, null]', expectations=schema))
    assert [item.ref for item in score.evidence] == ["response#/1", "response#/3"]
    many = evaluate(JsonSchemaValidity(), result(json.dumps(["x"] * 100), expectations=schema))
    assert len(many.evidence) == MAX_ERRORS


def test_of_a_large_document_the_first_error_is_told() -> None:
    """A hundred thousand errors are not made for the sake of eight."""
    schema = Expectations('{"items": {"type": "integer"}}')
    score = evaluate(JsonSchemaValidity(), result(json.dumps(["x"] * 100_000), expectations=schema))
    assert [item.ref for item in score.evidence] == ["response#/0"]


def test_a_number_out_of_range_is_named_by_its_path() -> None:
    """Both bounds count, inclusive as the schema says."""
    assert ranged('{"score": 10}').value == 1.0
    score = ranged('{"score": 11}')
    assert (score.value, score.raw_value) == (0.0, 1.0)
    assert [item.ref for item in score.evidence] == ["response#/score"]
    assert ranged("-0.5", '{"exclusiveMinimum": -1}').value == 1.0
    assert ranged("-1", '{"exclusiveMinimum": -1}').value == 0.0


def test_a_wrong_type_is_not_out_of_range() -> None:
    """It breaks the schema, and no bound."""
    assert ranged('{"score": "high"}').value == 1.0


def test_without_a_range_or_a_document_there_is_no_number() -> None:
    """No bound in the schema is not applicable; no JSON cannot be read."""
    assert reason(ranged("1", '{"type": "integer"}')) is AbsenceReason.NOT_APPLICABLE
    assert reason(ranged("high")) is AbsenceReason.PARSE_FAILED
    huge = json.dumps([11] * 100_000)
    assert reason(ranged(huge, '{"items": {"maximum": 10}}')) is AbsenceReason.INPUT_TOO_LARGE
