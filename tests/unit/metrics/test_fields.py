"""JSON responses field by field: places, agreement, grounding and probabilities."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import Expectations, LlmResult, Tokens
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.field_agreement import FieldAgreement
from plimsoll.metrics.field_evidence import MAX_SHOWN, weakest_field
from plimsoll.metrics.field_grounding import FieldGrounding
from plimsoll.metrics.field_probability import FieldProbability
from plimsoll.metrics.json_fields import MAX_DEPTH, MAX_FIELDS, Kind, fields_of
from plimsoll.ports.metric import Metric
from tests.unit.metrics.results import result

ALL: list[Metric] = [FieldAgreement(), FieldGrounding(), FieldProbability()]
DOCUMENTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def measured(metric: Metric, of: LlmResult) -> Measurement:
    """What the metric measures, where there must be something."""
    found = metric.compute(of)
    assert isinstance(found, Measurement), found
    return found


def by_field(found: Measurement) -> dict[str, float]:
    """Confidences by JSON pointer, as evidence tells them."""
    return {e.ref: float(e.text) for e in found.evidence if e.kind == "field"}


def at(document: Any, pointer: str) -> Any:
    """What an RFC 6901 pointer points at."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


@given(document=st.one_of(st.lists(DOCUMENTS), st.dictionaries(st.text(), DOCUMENTS)),
       indent=st.sampled_from([None, 2]), ascii_only=st.booleans())  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_every_leaf_has_its_pointer_and_place(
    document: Any, indent: int | None, *, ascii_only: bool
) -> None:
    """Pointers lead to the leaf's value, and its place in the text holds what it says."""
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    found = fields_of(text)
    assert found is not None
    assert not isinstance(found, Absence)
    for pointer, leaf in found.items():
        value = at(document, pointer)
        inside = text[leaf.start : leaf.end]
        if leaf.kind is Kind.STRING:
            assert value == leaf.text == json.loads(f'"{inside}"' if inside != '""' else inside)
        else:
            assert value == json.loads(inside)
    count = len(found)
    assert count == leaves(document)


def leaves(document: Any) -> int:
    """Scalars and empty containers of a document."""
    inner = list(document.values()) if isinstance(document, dict) else document
    return sum(map(leaves, inner)) if isinstance(document, dict | list) and inner else 1


def test_places_count_from_the_start_of_the_response() -> None:
    """A fence before the JSON moves the places along."""
    text = '```json\n{"a": "xyz"}\n```'
    found = fields_of(text)
    assert found is not None
    assert not isinstance(found, Absence)
    assert text[found["/a"].start : found["/a"].end] == "xyz"


@pytest.mark.parametrize("text", ["5", '"a"', "a", "{'a': 1}", "{", "", "{}x", '{"a":1} {"b":2}'])
def test_what_is_no_object_or_array_has_no_fields(text: str) -> None:
    """Scalars and text around JSON are not read field by field."""
    assert fields_of(text) is None


def test_too_many_fields_and_too_deep_ones_are_too_large() -> None:
    """Bounds hold before anything is compared."""
    for text in (json.dumps(list(range(MAX_FIELDS + 1))), "[" * 65 + "]" * 65):
        found = fields_of(text)
        assert isinstance(found, Absence)
        assert found.reason is AbsenceReason.INPUT_TOO_LARGE
    assert MAX_DEPTH == 64


def test_agreement_is_told_for_each_pointer_and_the_weakest_is_named() -> None:
    """Two of four alternatives have the total, all have the currency, one has another item."""
    found = measured(
        FieldAgreement(),
        result(
            '{"total": 10, "currency": "EUR", "items": [{"sku": "A"}, {"sku": "B"}]}',
            samples=[
                '{"currency":"eur","total":10.0,"items":[{"sku":"A"},{"sku":"B"}]}',
                '{"total": 11, "currency": "EUR", "items": [{"sku": "A"}, {"sku": "C"}]}',
                '{"total": 10, "currency": "EUR", "items": [{"sku": "A"}, {"sku": "B"}]}',
                '{"total": "10", "currency": "EUR", "items": [{"sku": "A"}, {"sku": "B"}]}',
            ],
        ),
    )
    assert by_field(found) == {
        "/total": 0.5,
        "/items/1/sku": 0.75,
        "/items/0/sku": 1.0,
        "/currency": 1.0,
    }
    assert (found.value, found.raw_value) == (0.5, 2.0)
    assert (found.evidence[0].kind, found.evidence[0].ref) == ("weakest_field", "/total")
    assert found.flags == ("low_sample",)


def test_a_field_that_an_alternative_lacks_is_a_disagreement() -> None:
    """Missing, no JSON at all, or another type: none of them agrees."""
    found = measured(
        FieldAgreement(), result('{"a": 1, "b": true}', samples=['{"b": true}', "sorry", '{"a":1}'])
    )
    assert by_field(found) == pytest.approx({"/a": 1 / 3, "/b": 1 / 3}, abs=1e-4)


def test_true_is_not_one_and_null_is_not_empty() -> None:
    """Types never agree with each other."""
    found = measured(
        FieldAgreement(), result('[1, null, "", {}]', samples=['[true, "", null, []]'])
    )
    assert set(by_field(found).values()) == {0.0}


def test_a_field_that_most_alternatives_have_is_missed() -> None:
    """Two of three have `b`, the response has not: flagged, without a number for it."""
    found = measured(
        FieldAgreement(),
        result('{"a": 1}', samples=['{"a":1,"b":2}', '{"a":1,"b":3}', '{"a":1}']),
    )
    assert "field_missing" in found.flags
    assert found.value == 1.0


def test_dates_and_strings_agree_in_their_canonical_form() -> None:
    """One day in two notations, one name in two cases; a hyphen tells codes apart."""
    found = measured(
        FieldAgreement(),
        result(
            '{"due": "2024-01-05", "name": "Ann  Lee", "code": "A-1"}',
            samples=['{"due": "5 January 2024", "name": "ANN LEE", "code": "A1"}'],
        ),
    )
    assert by_field(found) == {"/due": 1.0, "/name": 1.0, "/code": 0.0}


def test_grounding_looks_for_numbers_dates_and_words() -> None:
    """By value, by day and by content word; truth values claim nothing."""
    found = measured(
        FieldGrounding(),
        result(
            '{"net": 1234.5, "vat": 0.19, "due": "2024-01-05", "who": "Ann Lee", "paid": true,'
            ' "gross": 9}',
            context=["Ann Smith owes EUR 1,234.50 and 19% VAT by January 5, 2024."],
        ),
    )
    assert by_field(found) == {
        "/net": 1.0,
        "/vat": 1.0,
        "/due": 1.0,
        "/who": 0.5,
        "/gross": 0.0,
    }
    assert found.evidence[0].ref == "/gross"


def test_fields_that_claim_nothing_have_no_grounding() -> None:
    """Truth values and nulls alone are not applicable."""
    outcome = FieldGrounding().compute(result('{"a": true, "b": null}', context=["a"]))
    assert isinstance(outcome, Absence)
    assert outcome.reason is AbsenceReason.NOT_APPLICABLE


def test_a_fields_probability_is_that_of_its_own_tokens() -> None:
    """Keys and quotes do not count; a value of two tokens has their geometric mean."""
    texts = ('{"', "city", '": "', "Par", "is", '", "', "n", '": ', "42", "}")
    logprobs = (-0.1, -9.0, -0.1, -0.2, -0.4, -9.0, -9.0, -0.1, -0.7, -0.1)
    of = result('{"city": "Paris", "n": 42}', tokens=Tokens(logprobs, texts))
    found = measured(FieldProbability(), of)
    assert by_field(found) == pytest.approx(
        {"/city": math.exp(-0.3), "/n": math.exp(-0.7)}, abs=1e-4
    )
    assert found.value == pytest.approx(math.exp(-0.7))
    assert found.raw_value == pytest.approx(-0.7)


def test_a_token_that_mixes_value_and_punctuation_counts_for_the_value() -> None:
    """`"Paris"}` in one token is the only one that there is for the field."""
    of = result('{"a":"Paris"}', tokens=Tokens((-0.1, -0.5), ('{"a":', '"Paris"}')))
    assert by_field(measured(FieldProbability(), of)) == pytest.approx(
        {"/a": math.exp(-0.5)}, abs=1e-4
    )


def test_a_response_that_was_trimmed_is_found_in_its_tokens() -> None:
    """Blanks around the response are in the tokens and not in the text."""
    of = result('{"a":1}', tokens=Tokens((-9.0, -0.1, -0.5, -9.0), (" ", '{"a":', "1}", "\n")))
    assert by_field(measured(FieldProbability(), of)) == pytest.approx(
        {"/a": math.exp(-0.5)}, abs=1e-4
    )


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        (Tokens((-0.1,)), AbsenceReason.INPUT_MISSING),
        (Tokens((-0.1, -0.2), ('{"b":', "1}")), AbsenceReason.INPUT_INVALID),
        (Tokens((0.1, -0.2), ('{"a":', "1}")), AbsenceReason.INPUT_INVALID),
    ],
)
def test_tokens_that_do_not_tell_places_give_no_number(
    tokens: Tokens, reason: AbsenceReason
) -> None:
    """Without texts, or with those of another response, no token belongs to a field."""
    absence = evaluate(FieldProbability(), result('{"a":1}', tokens=tokens)).absence
    assert absence is not None
    assert absence.reason is reason


@pytest.mark.parametrize("metric", ALL)
def test_prose_has_no_fields_and_broken_json_failed_to_parse(metric: Metric) -> None:
    """Not applicable, unless a schema says that JSON was asked for."""
    prose = result(
        "Paris", samples=["Paris"], context=["Paris"], tokens=Tokens((-0.1,), ("Paris",))
    )
    for expected, reason in (
        (None, AbsenceReason.NOT_APPLICABLE),
        (Expectations(json_schema="{}"), AbsenceReason.PARSE_FAILED),
    ):
        absence = evaluate(metric, replace(prose, expectations=expected)).absence
        assert absence is not None
        assert absence.reason is reason


def test_the_weakest_fields_are_shown_and_the_rest_is_flagged() -> None:
    """Evidence is bounded, the value is not; a pointer too long to show is never cut."""
    many = {f"/{number:04}": number / 1_000 for number in range(500)}
    found = weakest_field({**many, "/" + "x" * 300: 0.9})
    shown = [e.ref for e in found.evidence if e.kind == "field"]
    assert shown == [f"/{number:04}" for number in range(MAX_SHOWN)]
    assert found.flags == ("fields_not_shown",)
    assert dict(found.provenance)["fields"] == "501"
    unnamed = weakest_field({"/" + "x" * 300: 0.1})
    assert (unnamed.value, unnamed.evidence) == (0.1, ())
