"""Whether the response is one of the answers that were asked for."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.words import folded, normal_text, words

MAX_CHARS = 1_000_000


class EnumerationValidity:
    """1 if the trimmed response is an expected answer, character for character; otherwise 0.

    Case and punctuation count, because they do for whoever parses the answer; a response that
    differs in them alone has the flag `matches_when_normalised`.
    """

    spec = MetricSpec(
        name="enumeration_validity",
        version="1",
        family=Family.VALIDATOR,
        summary="Whether the response is one of the expected answers.",
        needs=(Need.ENUMERATION, Need.RESPONSE_TEXT),
        source="exact comparison",
        raw_scale="1 valid, 0 invalid",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the answers and the response once."""
        expected = result.expectations.enumeration if result.expectations else ()
        return 20 + len(result.response.text) + sum(map(len, expected))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; evidence says how many answers were expected."""
        assert result.expectations is not None  # noqa: S101 - `needs` has been checked
        expected = result.expectations.enumeration
        size = len(result.response.text) + sum(map(len, expected))
        if size > MAX_CHARS:
            return Absence(AbsenceReason.INPUT_TOO_LARGE, f"{size} characters, {MAX_CHARS} allowed")
        answer = result.response.text.strip()
        if answer in {option.strip() for option in expected}:
            return Measurement(value=1.0, raw_value=1.0)
        close = _normal(answer) in {_normal(option) for option in expected}
        return Measurement(
            value=0.0,
            raw_value=0.0,
            evidence=(
                Evidence(
                    kind="enumeration",
                    ref="expectations.enumeration",
                    text=f"none of the {len(expected)} expected answers",
                ),
            ),
            flags=("matches_when_normalised",) if close else (),
        )


def _normal(text: str) -> str:
    lowered = folded(text)
    return normal_text(lowered, words(lowered))
