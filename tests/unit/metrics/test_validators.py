"""Validators: valid, invalid, broken expectations, and hostile ones in bounded time."""

from __future__ import annotations

import json

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.result import Expectations
from plimsoll.domain.score import Score
from plimsoll.metrics.enumeration_validity import EnumerationValidity
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.json_schema_validity import JsonSchemaValidity
from plimsoll.metrics.regex_validity import RegexValidity
from plimsoll.metrics.response_length import ResponseLength
from plimsoll.metrics.schema_steps import SchemaCost
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result

LIMIT = 1_000_000


def by_schema(text: str, schema: str) -> Score:
    """The score of a response under a schema."""
    return evaluate(JsonSchemaValidity(), result(text, expectations=Expectations(schema)))


def by_regex(text: str, pattern: str) -> Score:
    """The score of a response under a pattern."""
    return evaluate(RegexValidity(), result(text, expectations=Expectations(regex=pattern)))


def by_enumeration(text: str, *expected: str) -> Score:
    """The score of a response under a list of answers."""
    expectations = Expectations(enumeration=expected)
    return evaluate(EnumerationValidity(), result(text, expectations=expectations))


def reason(score: Score) -> AbsenceReason:
    """The reason of an absence, where there must be one."""
    assert score.absence is not None
    return score.absence.reason


def test_json_that_keeps_its_schema_is_valid() -> None:
    """A document under its schema scores 1."""
    assert by_schema('{"a": 1}', '{"properties": {"a": {"type": "integer"}}}').value == 1.0


def test_a_broken_promise_is_named_by_its_path() -> None:
    """The evidence of an invalid document is a JSON pointer and what is wrong there."""
    schema = '{"properties": {"a/b": {"items": {"type": "integer"}}}}'
    score = by_schema('{"a/b": [1, "x"]}', schema)
    assert score.value == 0.0
    (error,) = score.evidence
    assert error.ref == "response#/a~1b/1"
    assert "integer" in error.text


def test_text_around_json_is_invalid() -> None:
    """A document with a sentence before it is not JSON."""
    score = by_schema('Sure! {"a": 1}', "{}")
    assert score.value == 0.0
    assert [item.kind for item in score.evidence] == ["json_error"]


def test_json_that_is_nested_too_deeply_is_not_called_invalid() -> None:
    """Where the parser gives up nobody knows whether the schema is kept: an absence, and no 0."""
    deep = "[" * 1_100 + "]" * 1_100
    assert reason(by_schema(deep, "{}")) is AbsenceReason.INPUT_TOO_LARGE
    assert by_schema(deep[100:-100], "{}").value == 1.0


def test_one_fence_around_json_is_taken_off_and_flagged() -> None:
    """A response that is one fenced block is read from its inside."""
    score = by_schema('```json\n{"a": 1}\n```', '{"required": ["a"]}')
    assert score.value == 1.0
    assert score.flags == ("unfenced",)


@pytest.mark.parametrize(
    "schema",
    [
        "{",
        "[]",
        "1",
        '{"type": "nope"}',
        '{"pattern": "(?=a)"}',
        '{"$ref": "#/$defs/nowhere"}',
        '{"$ref": "https://example.com/schema.json"}',
        '{"$ref": "file:///etc/hostname"}',
        '{"$schema": "https://example.com/unknown"}',
    ],
)
def test_a_broken_schema_is_invalid_input(schema: str) -> None:
    """A schema that is none, or that points outside itself, is `input_invalid`: never fetched."""
    assert reason(by_schema("{}", schema)) is AbsenceReason.INPUT_INVALID


def test_a_schema_that_doubles_at_every_step_is_too_large() -> None:
    """Twenty-five definitions that each use the next one twice are refused, not run."""
    definitions = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(25)}
    schema = {"$ref": "#/$defs/d0", "$defs": {**definitions, "d25": {"type": "object"}}}
    assert reason(by_schema("{}", json.dumps(schema))) is AbsenceReason.INPUT_TOO_LARGE


def test_a_schema_that_doubles_at_every_level_of_the_document_is_too_large() -> None:
    """Two references at one child are fine on a flat document and refused on a deep one."""
    schema = json.dumps({"properties": {"a": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}})
    assert by_schema('{"a": {"a": {}}}', schema).value == 1.0
    deep = '{"a":' * 40 + "{}" + "}" * 40
    assert reason(by_schema(deep, schema)) is AbsenceReason.INPUT_TOO_LARGE


def test_trees_and_lists_are_ordinary_recursion() -> None:
    """A schema of a binary tree costs a few steps a node, however deep the tree is."""
    tree = {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}}
    document: object = {}
    for _ in range(50):
        document = {"left": document, "right": {}}
    assert SchemaCost(tree).steps(document, LIMIT) < 50_000


def test_a_schema_that_refers_to_itself_at_one_place_has_no_end() -> None:
    """A reference to itself at the same place costs the limit."""
    assert SchemaCost({"allOf": [{"$ref": "#"}]}).steps({}, LIMIT) == LIMIT


def test_patterns_match_the_whole_trimmed_response() -> None:
    """Blanks around are no fault; a part that matches is not enough."""
    assert by_regex(" 1234\n", r"\d{4}").value == 1.0
    assert by_regex("in 1234", r"\d{4}").value == 0.0


def test_a_pattern_that_re2_does_not_know_is_invalid_input() -> None:
    """Look-around, back-references and open brackets are `input_invalid`."""
    for pattern in ("(?=a)", r"(a)\1", "(", "(.{1,1000}){1,3}"):
        assert reason(by_regex("a", pattern)) is AbsenceReason.INPUT_INVALID


def test_a_pattern_that_ruins_backtracking_is_linear_here() -> None:
    """(x+x+)+y on half a million x is a plain 0."""
    assert by_regex("x" * 500_000, "(x+x+)+y").value == 0.0


def test_an_answer_of_the_enumeration_is_valid() -> None:
    """The trimmed response must be one of the answers, character for character."""
    assert by_enumeration(" yes\n", "yes", "no").value == 1.0
    assert by_enumeration("maybe", "yes", "no").value == 0.0


def test_an_answer_that_is_off_by_its_dress_is_invalid_and_flagged() -> None:
    """`Yes.` is not `yes` to a parser; the flag says that it would be after normalising."""
    score = by_enumeration("Yes.", "yes", "no")
    assert score.value == 0.0
    assert score.flags == ("matches_when_normalised",)


@pytest.mark.parametrize("metric", [JsonSchemaValidity(), RegexValidity(), EnumerationValidity()])
def test_what_nobody_expects_is_not_applicable(metric: Metric) -> None:
    """Without the expectation there is nothing to validate, and nothing is missing."""
    assert reason(evaluate(metric, result())) is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize(
    "metric", [JsonSchemaValidity(), RegexValidity(), EnumerationValidity(), ResponseLength()]
)
def test_hostile_sizes_are_too_large(metric: Metric) -> None:
    """Text beyond the stated limits is an absence."""
    expectations = Expectations("{}", "x", ("x",))
    huge = result("x" * 4_000_001, expectations=expectations)
    assert reason(evaluate(metric, huge)) is AbsenceReason.INPUT_TOO_LARGE


def test_length_falls_with_every_word() -> None:
    """Longer is lower, between 0 and 1, and the raw value counts words."""
    scores = [evaluate(ResponseLength(), result("word " * n)) for n in (1, 10, 1_000)]
    assert [score.raw_value for score in scores] == [1.0, 10.0, 1_000.0]
    values = [score.value or 0.0 for score in scores]
    assert 1.0 > values[0] > values[1] > values[2] > 0.0
