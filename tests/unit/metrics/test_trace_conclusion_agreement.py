"""Whether the answer is what the reasoning trace concludes."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.trace_conclusion_agreement import TraceConclusionAgreement
from plimsoll.pipeline.scoring import INLINE_STEPS
from tests.unit.metrics.results import result
from tests.unit.metrics.tokens import measured_of, refused_of
from tests.unit.metrics.traces import traced

METRIC = TraceConclusionAgreement()


@pytest.mark.parametrize(
    ("trace", "answer"),
    [
        ("5 + 7 = 12, so the answer is 12.", "12"),
        ("5 + 7 = 12.\nThe final answer is: **12**\nDone.", "There are 12 apples."),
        (r"Hence $\boxed{\frac{3}{4}}$.", "0.75"),
        (r"so \boxed{x = 12}", r"The answer is \boxed{12}."),
        ("first the answer is 13? No.\n#### 12", "12"),
        ("The answer is 1,200.50 dollars.", "$1200.50"),
        ("The answer is -5.", "-5"),
        ("The answer is 3.3333.", "3.33"),
        ("The answer is 12%.", "0.12"),
        ("The answer is (B).", "B) Paris"),
        ("Answer: option c", "(C)"),
        ("The answer is Paris.", "The capital of France is Paris."),
        ("The answer is: the city of Paris", "Paris."),
        ("Die Antwort ist Paris.", "Paris"),
        ("La r\u00e9ponse est Paris.", "Paris"),
        ("The answer should be:\n\nParis\n", "Paris"),
    ],
)
def test_the_same_answer_in_other_words_agrees(trace: str, answer: str) -> None:
    """Numbers, fractions, choices and words agree in whichever form the two say them."""
    found = measured_of(METRIC, traced(trace, answer))
    assert found.value == 1.0, found.evidence
    assert found.flags == ("trace_may_be_unfaithful",)


@pytest.mark.parametrize(
    ("trace", "answer"),
    [
        ("so the answer is 12.", "13"),
        ("The answer is 5.", "-5"),
        ("The answer is 4.", "4.4"),
        ("The answer is 1.", "1/2"),
        ("The answer is (B).", "(C) Paris"),
        ("The answer is yes.", "No."),
        ("The answer is Paris.", "Rome"),
    ],
)
def test_another_answer_does_not(trace: str, answer: str) -> None:
    """Another number, sign, choice or word is no agreement at all."""
    assert measured_of(METRIC, traced(trace, answer)).value == 0.0


def test_of_texts_the_share_of_common_words_counts() -> None:
    """Two of four words of the shorter conclusion stand in the longer answer: one half."""
    given = traced(
        "The answer is Paris or maybe Lyon.", "I would say Paris, or else Nice, of the two."
    )
    found = measured_of(METRIC, given)
    assert found.value == 0.5
    assert dict(found.provenance)["compared_as"] == "text"


def test_the_last_stated_answer_counts_and_evidence_shows_both() -> None:
    """Of two stated answers the later one is the conclusion; offsets lead to both texts."""
    trace, answer = "The answer is 3. Wait. The answer is 4.", "It is 4."
    conclusion, said = measured_of(METRIC, traced(trace, answer)).evidence
    assert (conclusion.ref, said.ref) == ("response.reasoning", "response.text")
    assert trace[conclusion.start : conclusion.end] == "4" == conclusion.text
    assert answer[said.start : said.end] == "It is 4."


@pytest.mark.parametrize(
    ("trace", "answer", "value"),
    [
        ("5 + 7 = 12", "12", 1.0),
        ("Start with 12. It is 200 minutes over 5 days.", "200", 1.0),
        (r"Start with 1. So it is \frac{51}{16}.", "51/16", 1.0),
        ("12 is wrong. So it is 13. Done.", "12", 0.0),
        ("x" * 5_000 + " 12 " + "x" * 5_000, "12", None),
    ],
)
def test_the_last_sentence_with_a_number_stands_for_an_unstated_conclusion(
    trace: str, answer: str, value: float | None
) -> None:
    """A trace that works towards a number and does not say so is read by its last figures."""
    given = traced(trace, answer)
    if value is None:
        assert refused_of(METRIC, given).reason is AbsenceReason.PARSE_FAILED
        return
    found = measured_of(METRIC, given)
    assert found.value == value
    assert found.flags == ("conclusion_inferred", "trace_may_be_unfaithful")
    assert dict(found.provenance)["conclusion"] == "last-figures"


@pytest.mark.parametrize(
    ("trace", "answer", "reason"),
    [
        ("I like 12 cities in France.", "Paris", AbsenceReason.PARSE_FAILED),
        ("The answer is", "Paris", AbsenceReason.PARSE_FAILED),
        ("no number at all", "12", AbsenceReason.PARSE_FAILED),
        ("The answer is 12.", "Paris", AbsenceReason.ABSTAINED),
        ("The answer is B.", "Paris", AbsenceReason.ABSTAINED),
        ("The answer is ?!", "Paris", AbsenceReason.ABSTAINED),
    ],
)
def test_what_cannot_be_compared_is_no_disagreement(
    trace: str, answer: str, reason: AbsenceReason
) -> None:
    """A trace without a conclusion, or one of another kind than the answer, gives no number."""
    assert refused_of(METRIC, traced(trace, answer)).reason is reason


def test_without_a_trace_it_does_not_apply() -> None:
    """A result without reasoning is `not_applicable`, which widens nothing."""
    assert refused_of(METRIC, result()).reason is AbsenceReason.NOT_APPLICABLE


@pytest.mark.parametrize(
    "trace",
    ["answer is " * 20_000, "\\boxed{" * 20_000, "answer" + " " * 100_000, "{" * 50_000 + "####"],
)
def test_a_trace_made_to_be_slow_is_read_in_one_go(trace: str) -> None:
    """Marks without an answer, open braces and runs of blanks by the thousand are no trap."""
    METRIC.compute(traced(trace, "12"))


def test_too_long_a_trace_is_an_absence() -> None:
    """More characters than a metric reads are `input_too_large`."""
    assert refused_of(METRIC, traced("a" * 4_000_001)).reason is AbsenceReason.INPUT_TOO_LARGE


def test_texts_of_many_numbers_are_not_read_on_the_event_loop() -> None:
    """Where neither says what it concludes, every number of both is looked at."""
    assert METRIC.work(traced("7 + 8 = 15; " * 1_000, "15")) > INLINE_STEPS
    assert METRIC.work(traced("so it is, " * 1_000, "15")) < INLINE_STEPS
