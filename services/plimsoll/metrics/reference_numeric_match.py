"""Whether the number that the response gives is the right one, within a tolerance."""

from __future__ import annotations

import re

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.numbers import Number, Reading, is_negative, numbers, reading_steps
from plimsoll.metrics.references import compared

# Relative; wide enough for a last digit that was rounded, and far below a wrong digit in front.
TOLERANCE = 1e-3
_MARK = re.compile(
    r"####|\\boxed\{|\b(?:final )?answer(?: is|\s*[:=])|\bAntwort(?: ist|\s*:)|\br\u00e9ponse\s*:",
    re.IGNORECASE,
)


class ReferenceNumericMatch:
    """1 if the response's number is within 0.1 % of a reference's, otherwise 0.

    Two numbers that are both written to the unit count something, or are years: only equal ones
    are the same (1999 is not 2000). Its number is the one behind the last mark of an answer
    (`####`, `answer is`, a box), or the only one in it. Of several without a mark none is picked,
    neither the first nor the smallest: `abstained`.
    """

    spec = MetricSpec(
        name="reference_numeric_match",
        version="2",
        family=Family.REFERENCE,
        summary="Whether the number given is a reference's. Ground truth: never in a confidence.",
        needs=(Need.REFERENCES, Need.RESPONSE_TEXT),
        source="relative tolerance 0.001; whole numbers exactly",
        raw_scale="relative difference",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        references = result.expectations.references if result.expectations else ()
        return 50 + sum(map(reading_steps, (result.response.text, *references)))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; raw value is the smallest relative difference, at most 1e6."""
        texts = compared(result)
        if isinstance(texts, Absence):
            return texts
        right = [_only(reference, result.language) for reference in texts.references]
        expected = [values for values in right if values]
        if not expected:
            return Absence(AbsenceReason.NOT_APPLICABLE, "no reference answer is one number")
        given = _answered(texts.response, result.language)
        if isinstance(given, Absence):
            return given
        values, found = given
        pairs = [(a, b) for other in expected for a in values for b in other]
        difference = min(_difference(a.value, b.value) for a, b in pairs)
        return Measurement(
            value=float(any(_same(a, b) for a, b in pairs)),
            raw_value=min(1e6, difference),
            evidence=(Evidence("number", "response.text", found.start, found.end),),
            provenance=(("tolerance", f"{TOLERANCE:g}"),),
        )


def _answered(text: str, language: str) -> tuple[list[Reading], Number] | Absence:
    found = numbers(text, language)
    mark = None
    for mark in _MARK.finditer(text):  # noqa: B007 - the last one counts
        pass
    if mark is not None:
        behind = next((number for number in found if number.start >= mark.end()), None)
        if behind is not None:
            return _values(text, behind), behind
    if not found:
        return Absence(AbsenceReason.PARSE_FAILED, "the response has no number")
    if len({tuple(_values(text, number)) for number in found}) > 1:
        detail = f"{len(found)} numbers, and none is marked as the answer"
        return Absence(AbsenceReason.ABSTAINED, detail)
    return _values(text, found[0]), found[0]


def _only(text: str, language: str) -> list[Reading]:
    found = numbers(text, language)
    return _values(text, found[0]) if len(found) == 1 else []


def _values(text: str, number: Number) -> list[Reading]:
    """What a number may be, with its sign; 12 % is 12 and 0.12."""
    sign = -1.0 if is_negative(text, number) else 1.0
    values = [Reading(sign * reading.value, reading.place) for reading in number.readings]
    if not number.percent:
        return values
    return values + [Reading(one.value / 100.0, one.place / 100.0) for one in values]


def _same(one: Reading, other: Reading) -> bool:
    if one.place == other.place == 1.0:
        return one.value == other.value
    return _difference(one.value, other.value) <= TOLERANCE


def _difference(one: float, other: float) -> float:
    if one == other:
        return 0.0
    return abs(one - other) / abs(other) if other else float("inf")
