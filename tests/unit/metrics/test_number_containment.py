"""Numbers of the response that the context has, rounds to, or lets one work out."""

from __future__ import annotations

import pytest

from plimsoll.domain.absence import AbsenceReason
from plimsoll.metrics.evaluate import evaluate
from plimsoll.metrics.number_containment import NumberContainment, judged
from tests.unit.metrics.grounded import cut_out, grounded, of, reason

METRIC = NumberContainment()
TABLE = "Revenue was 4,812 in 2018 and 5,290 in 2019. Staff: 123. Margin 31.7%."


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("5,290", "stands"),
        ("5290.0", "stands"),
        ("0.317", "stands"),
        ("31.7 percent", "stands"),
        ("5,300", "rounded"),
        ("4,810", "rounded"),
        ("32%", "rounded"),
        ("10,102", "derived"),
        ("a rise of 478", "derived"),
        ("a rise of 9.93%", "derived"),
        ("5,051", "derived"),
        ("43.0081", "derived"),
        ("5,291", "unsupported"),
        ("2020", "unsupported"),
        ("9.94%", "unsupported"),
        ("seventeen", "unsupported"),
    ],
)
def test_how_a_number_is_supported(text: str, verdict: str) -> None:
    """It stands there, is rounded from there, follows from two numbers there, or came from nowhere.

    The sum, the difference, the change in per cent, the mean, and the ratio of 5,290 to 123.
    """
    assert [found for _, found in judged(grounded(text, TABLE))] == [verdict]


def test_the_share_and_the_offsets_of_what_is_unsupported() -> None:
    """Two of three numbers stand; evidence cuts the third out of the response."""
    text = "\U0001d518 It grew from 4,812 to 5,290, or by 77 stores."
    score = evaluate(METRIC, grounded(text, TABLE))
    assert score.value == pytest.approx(2 / 3)
    assert score.raw_value == 1.0
    assert cut_out(score, "number_unsupported", text) == ["77"]


def test_a_derivation_that_proves_nothing_does_not_count() -> None:
    """Of fifty numbers nearly every small number is a difference: 17 is then unsupported."""
    many = " ".join(str(7 * n + n * n % 11) for n in range(3, 53))
    assert [found for _, found in judged(grounded("17", many))] == ["unsupported"]


def test_a_number_of_the_request_claims_nothing() -> None:
    """What the response only repeats is not counted, for or against it."""
    score = of(METRIC, "In 2021 it was 99.", "It was 98.", question="What was it in 2021?")
    assert score.value == 0.0
    assert dict(score.provenance)["numbers_unsupported"] == "1"


def test_what_the_model_said_before_supports_nothing() -> None:
    """Only documents bear a number, so that an earlier invention does not bear its repetition."""
    assert of(METRIC, "It is 99.", "It is 98.").value == 0.0


@pytest.mark.parametrize(
    "text", ["No number.", "1. first\n2. second", "As [1] and [2, 3] say", "B2B"]
)
def test_marks_and_names_are_no_numbers(text: str) -> None:
    """List marks, citations and digits inside names leave nothing to check."""
    assert reason(of(METRIC, text, "nothing")) is AbsenceReason.NOT_APPLICABLE


def test_the_language_decides_what_a_comma_is() -> None:
    """In German 1.234,5 is 1234.5."""
    assert of(METRIC, "1.234,5 Euro", "1234,5 Euro", language="de").value == 1.0


def test_number_words_and_digits_are_the_same() -> None:
    """`three` is borne by 3, and 12 by `twelve`."""
    assert of(METRIC, "three of 12", "3 of twelve").value == 1.0
