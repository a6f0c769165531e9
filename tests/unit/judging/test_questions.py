"""What judges are asked: stable first, delimited, the same for the same result."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judging import JudgeTraits
from plimsoll.domain.result import Document, Expectations, LlmResult, Message, Response
from plimsoll.domain.rubric import Part
from plimsoll.judging.material import MAX_CHARS, material, neutral
from plimsoll.judging.questions import (
    Question,
    estimated_tokens,
    instructions,
    questions,
    verdict_form,
)
from plimsoll.settings.rubric_files import shipped_rubrics
from tests.unit.judging.judged import PLAIN, panel
from tests.unit.metrics.results import result

WITHOUT_TEMPERATURE = JudgeTraits(temperature=False)
ASKED = replace(result("Paris"), messages=(Message("user", "Capital of France?"),))
COMPARED = replace(ASKED, comparison=Response(text="Lyon"))


def asked(of: LlmResult = ASKED, traits: JudgeTraits = PLAIN, **options: object) -> list[Question]:
    """The questions of a panel."""
    found = questions(panel(**options), "model", traits, of)  # type: ignore[arg-type]  # a test's shorthand
    assert not isinstance(found, Absence)
    return list(found)


def test_the_stable_part_holds_nothing_of_the_result() -> None:
    """A provider can keep it: it is the same bytes for every result of a rubric."""
    one, other = asked()[0].call, asked(replace(ASKED, response=Response(text="Rome")))[0].call
    assert one.system == other.system
    assert one.form == other.form
    assert "Paris" not in one.system
    assert "Paris" in one.material


def test_the_reason_is_asked_for_before_the_grade() -> None:
    """Properties are sent in their order: a grade that comes first would not be reasoned."""
    schema = json.loads(verdict_form(shipped_rubrics()["correctness"]).schema)
    assert list(schema["properties"]) == ["rationale", "cannot_tell", "grade", "nonce"]
    assert schema["properties"]["grade"]["enum"] == [1, 2, 3, 4, 5]
    assert schema["additionalProperties"] is False


def test_samples_are_told_apart() -> None:
    """Asking again on purpose is another question to a memo: otherwise it would answer for it."""
    calls = [question.call for question in asked(samples=3)]
    assert len(set(calls)) == 3
    assert {call.temperature for call in calls} == {1.0}
    assert asked()[0].call.temperature == 0.0


def test_without_temperature_the_levels_change_their_order() -> None:
    """A model that takes no temperature is perturbed instead, and no call names one."""
    calls = [question.call for question in asked(samples=4, traits=WITHOUT_TEMPERATURE)]
    assert len(set(calls)) == 4
    assert {call.temperature for call in calls} == {None}
    assert len({call.system for call in calls}) == 2


def test_comparisons_are_shown_in_both_orders() -> None:
    """Each question about two responses is asked twice, with the responses exchanged."""
    first, second = asked(COMPARED, rubric="preference")
    assert (first.swapped, second.swapped) == (False, True)
    assert first.call.material.index("Paris") < first.call.material.index("Lyon")
    assert second.call.material.index("Lyon") < second.call.material.index("Paris")


def test_too_much_material_is_not_cut() -> None:
    """Half of a response is another response: the judge is not asked."""
    long = replace(ASKED, response=Response(text="x" * (MAX_CHARS + 1)))
    found = questions(panel(), "model", PLAIN, long)
    assert isinstance(found, Absence)
    assert found.reason is AbsenceReason.INPUT_TOO_LARGE


def test_only_the_rubrics_parts_are_shown() -> None:
    """A judge without the reference must not see it: it made the label."""
    given = replace(
        ASKED, expectations=Expectations(references=("Paris, France",)), context=(Document("ctx"),)
    )
    assert "Paris, France" not in asked(given)[0].call.material
    assert "Paris, France" in asked(given, rubric="correctness_with_reference")[0].call.material


@given(st.text(alphabet=st.sampled_from("<>a \n\u202e\u200b\U000e0041\x00response"), max_size=60))
def test_no_text_makes_our_marks(text: str) -> None:
    """Whatever a response holds, it opens and closes no part, and hides nothing from a reader."""
    shown = material(replace(ASKED, response=Response(text=f"x{text}")), (Part.RESPONSE,))
    assert shown.count("<<<") == shown.count(">>>") == 2
    assert not set(shown) & set("\u202e\u200b\U000e0041\x00")


def test_no_language_is_estimated_too_cheap() -> None:
    """A sign of Chinese is a token or more, where three letters of English are one."""

    def tokens(text: str) -> int:
        """What a response adds to an estimate."""
        shown, plain = asked(replace(ASKED, response=Response(text=text))), asked()
        return estimated_tokens([q.call for q in shown]) - estimated_tokens([q.call for q in plain])

    assert tokens("\u4f60" * 3_000) >= 2_990
    assert 990 <= tokens("abc" * 1_000) <= 1_000


def test_neutralising_keeps_words() -> None:
    """Nothing that a reader sees is lost."""
    assert neutral("a <<b>> c\td\n<<<e>>>") == "a <<b>> c\td\n< < <e> > >"


@pytest.mark.parametrize("name", sorted(shipped_rubrics()))
def test_shipped_rubrics_are_whole(name: str) -> None:
    """Each has a question, anchored levels, and instructions that hold all of them."""
    rubric = shipped_rubrics()[name]
    text = instructions(rubric)
    assert rubric.question in text
    assert all(level.anchor in text for level in rubric.levels)
    values = [rubric.value_of(level.grade) for level in rubric.levels]
    assert (min(v for v in values if v is not None), values[-1]) == (0.0, 1.0)
