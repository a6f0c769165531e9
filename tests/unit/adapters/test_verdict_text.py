"""Verdicts that were written as text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.adapters.verdict_text import read_object
from plimsoll.domain.absence import Absence, AbsenceReason

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), VALUES))
def test_an_object_is_read_as_it_is(found: dict[str, object]) -> None:
    """Any JSON object comes back equal."""
    assert read_object(json.dumps(found), "end_turn") == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"pass"',
        '{"a": 1',
        '{"a": 1} and more',
        '```json\n{"a": 1}\n```',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e999}',
        '{"verdict": "pass", "verdict": "fail"}',
        '{"a": ' + "[" * 100_000,
        '{"a": "' + "x" * 300_000 + '"}',
    ],
)
def test_nothing_is_guessed_at(text: str) -> None:
    """What is not one object, whole, finite and without a name twice is `parse_failed`."""
    found = read_object(text, "end_turn")
    assert isinstance(found, Absence)
    assert found.reason is AbsenceReason.PARSE_FAILED
    assert len(found.detail) < 100


@pytest.mark.parametrize("form", ['{{"rationale": "{}"}}', '{{"nonce": "{}"}}', '{{"{}": 1}}'])
def test_halves_of_characters_are_replaced(form: str) -> None:
    """A broken emoji in a reply can be written to bytes; a whole one stays what it is."""
    half, whole = "a \\ud83d b", "a \\ud83d\\ude00 b"
    assert read_object(form.format(half), "end_turn") == json.loads(form.format("a \ufffd b"))
    assert read_object(form.format(whole), "end_turn") == json.loads(form.format("a \U0001f600 b"))
