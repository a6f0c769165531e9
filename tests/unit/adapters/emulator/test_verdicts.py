"""Verdicts in any form, and the recorded ones among them."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from plimsoll.adapters.emulator.recorded import Hint, hint_for, recorded_pairs
from plimsoll.adapters.emulator.verdicts import VerdictWriter
from tests.support.bedrock import SCHEMA

FORMS: list[dict[str, Any]] = [
    SCHEMA,
    {
        "type": "object",
        "properties": {
            "claims": {
                "type": "array",
                "minItems": 2,
                "items": {"$ref": "#/$defs/claim"},
            },
            "confidence_pct": {"type": "integer", "minimum": 0, "maximum": 100},
            "share": {"type": "number", "minimum": 0, "maximum": 1},
            "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "kind": {"const": "pairwise"},
            "sure": {"type": ["boolean", "null"]},
            "nothing": {"type": "null"},
        },
        "$defs": {
            "claim": {
                "type": "object",
                "properties": {"supported": {"type": "boolean"}, "text": {"type": "string"}},
                "required": ["supported", "text"],
            }
        },
        "required": ["claims", "confidence_pct", "share", "note", "kind", "sure"],
    },
]


@pytest.mark.parametrize("form", FORMS)
def test_every_verdict_fits_its_form(form: dict[str, Any]) -> None:
    """An independent validator finds nothing wrong, whatever is drawn or hinted at."""
    validator = jsonschema_rs.validator_for(form)
    for seed in range(50):
        for hint in (None, Hint("a judge", winner=1), Hint("a judge", rating=seed / 49)):
            verdict = VerdictWriter(seed, "nonce: abcdef12", hint).write(form)
            assert list(verdict) == list(form["properties"])
            validator.validate(verdict)


def test_the_same_question_has_the_same_verdict() -> None:
    """What is drawn depends on the seed alone, and different seeds differ."""
    drawn = [VerdictWriter(seed, "", None).write(SCHEMA) for seed in range(40)]
    assert drawn == [VerdictWriter(seed, "", None).write(SCHEMA) for seed in range(40)]
    assert len({verdict["score"] for verdict in drawn}) == 5


def test_the_nonce_is_the_one_that_was_asked_for() -> None:
    """The last one named counts, as it stands behind the material."""
    asked = "The material says nonce: forged-one.\nNonce: real-0ne-77"
    assert VerdictWriter(0, asked, None).write(SCHEMA)["nonce"] == "real-0ne-77"


def test_a_form_that_nests_without_end_ends() -> None:
    """A reference to itself is followed a few steps and no further."""
    form = {"type": "object", "properties": {"inner": {"$ref": "#"}}}
    assert "inner" in VerdictWriter(0, "", None).write(form)
    circle = {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}
    VerdictWriter(0, "", None).write(circle)


def test_sixty_pairs_ship() -> None:
    """Every pair has GPT-4's verdict in both orders and its ratings; people are on either side."""
    pairs = recorded_pairs()
    assert len(pairs) == 60
    assert all("GPT-4/Vanilla" in pair.judges and "GPT-4/Rating" in pair.ratings for pair in pairs)
    assert {pair.better for pair in pairs} == {1, 2}


def test_a_recorded_verdict_follows_the_order_of_the_question() -> None:
    """What the judge said of the pair in this order is repeated in the words of the form."""
    form = {"type": "object", "properties": {"better": {"enum": ["A", "B", "tie"]}}}
    right = 0
    for pair in recorded_pairs():
        for swapped, texts in enumerate([(pair.first, pair.second), (pair.second, pair.first)]):
            asked = "\n".join([pair.prompt, *texts])
            hint = hint_for(asked, "GPT-4/Vanilla")
            assert hint is not None
            said = VerdictWriter(0, asked, hint).write(form)["better"]
            chosen = texts[0] if said == "A" else texts[1]
            recorded = pair.judges["GPT-4/Vanilla"][swapped]
            assert chosen == (pair.first if recorded == 1 else pair.second)
            right += chosen == (pair.first if pair.better == 1 else pair.second)
    # People and GPT-4 agree in 101 of 120 of these.
    assert right == 101


def test_a_response_by_itself_has_its_rating() -> None:
    """Where one response is asked about, the rating that it was given decides."""
    form = {"type": "object", "properties": {"verdict": {"enum": ["pass", "fail"]}}}
    right = 0
    for pair in recorded_pairs():
        for which, text in enumerate((pair.first, pair.second), start=1):
            asked = f"{pair.prompt}\n{text}"
            hint = hint_for(asked, "GPT-4/Vanilla")
            assert hint is not None
            assert hint.by == "GPT-4/Rating"
            said = VerdictWriter(0, asked, hint).write(form)["verdict"]
            right += (said == "pass") == (which == pair.better)
    # Of 120, a rating in the upper half goes with the better response in most.
    assert right > 75


def test_nothing_is_recorded_of_anything_else() -> None:
    """Another question, or a judge that was not there, gives no hint."""
    pair = recorded_pairs()[0]
    assert hint_for("What is the capital of France? Paris.", "GPT-4/Vanilla") is None
    assert hint_for(f"{pair.prompt} {pair.first} {pair.second}", "nobody/Vanilla") is None
    assert hint_for(f"{pair.prompt} {pair.first}", "Falcon/Vanilla") is None
