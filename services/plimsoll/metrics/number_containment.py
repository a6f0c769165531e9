"""Share of the response's numbers that the context has, rounds to, or lets one work out."""

from __future__ import annotations

import re
from collections import Counter

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.given import context_texts, request_texts, too_large
from plimsoll.metrics.number_support import MAX_OPERANDS, NumberSupport
from plimsoll.metrics.numbers import Number, digits, numbers, reading_steps

MAX_EVIDENCE = 16
# Marks of list items and of citations, whose digits count nothing.
_MARKS = re.compile(r"^[ \t]*+[0-9]{1,3}[.)](?=\s)|\[[0-9,; \u2013-]{1,40}\]", re.MULTILINE)


class NumberContainment:
    """Numbers of the response that stand in the context, round a number there, or follow from two.

    Two context numbers make one by sum, difference, mean, product or ratio (a percentage by share
    or change), to the last written place; only where that is no coincidence, see
    `NumberSupport.derives`. Numbers that only repeat the request are not counted: they claim
    nothing about the context. Signs, list marks and digits inside names do not count.
    """

    spec = MetricSpec(
        name="number_containment",
        version="1",
        family=Family.GROUNDING,
        summary="Share of the response's numbers that stand in the context or follow from it.",
        needs=(Need.CONTEXT, Need.RESPONSE_TEXT),
        source="number containment with derivable arithmetic",
        raw_scale="numbers without support",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, and all pairs of numbers that the context may hold."""
        texts = [result.response.text, *context_texts(result), *request_texts(result)]
        # Numbers of running text have two digits or more.
        operands = sum(map(digits, context_texts(result))) // 2
        pairs = min(MAX_OPERANDS, operands) ** 2
        return 200 + sum(map(reading_steps, texts)) + 5 * pairs

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence names unsupported numbers, and those that were derived."""
        problem = too_large(result)
        if problem is not None:
            return problem
        verdicts = judged(result)
        if not verdicts:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response gives no number of its own")
        counts = Counter(verdict for _, verdict in verdicts)
        return measurement(
            value=1.0 - counts["unsupported"] / len(verdicts),
            raw_value=float(counts["unsupported"]),
            evidence=_evidence(result.response.text, verdicts),
            provenance=tuple((f"numbers_{name}", str(n)) for name, n in sorted(counts.items())),
        )


def judged(result: LlmResult) -> list[tuple[Number, str]]:
    """Each number that the response gives: stands, rounded, derived or unsupported."""
    found = counted(result)
    if not found:
        return []
    support = NumberSupport(numbers_of(context_texts(result), result.language))
    verdicts = [(number, _verdict(number, support)) for number in found]
    if all(verdict != "unsupported" for _, verdict in verdicts):
        return verdicts
    echo = NumberSupport(numbers_of(request_texts(result), result.language))
    return [
        (number, verdict)
        for number, verdict in verdicts
        if verdict != "unsupported" or not echo.stands(number)
    ]


def counted(result: LlmResult) -> list[Number]:
    """The response's numbers, without those of list marks and citations."""
    text = result.response.text
    marks = [match.span() for match in _MARKS.finditer(text)]
    found: list[Number] = []
    index = 0
    for number in numbers(text, result.language):
        while index < len(marks) and marks[index][1] <= number.start:
            index += 1
        if index == len(marks) or number.start < marks[index][0]:
            found.append(number)
    return found


def numbers_of(texts: list[str], language: str) -> list[Number]:
    """The numbers of several texts."""
    return [number for text in texts for number in numbers(text, language)]


def _verdict(number: Number, support: NumberSupport) -> str:
    if support.stands(number):
        return "stands"
    if support.rounds(number):
        return "rounded"
    return "derived" if support.derives(number) else "unsupported"


def _evidence(text: str, verdicts: list[tuple[Number, str]]) -> tuple[Evidence, ...]:
    # Unsupported ones first: they are what a reader looks for.
    ordered = sorted(verdicts, key=lambda pair: pair[1] != "unsupported")
    return tuple(
        Evidence(
            kind=f"number_{verdict}",
            ref="response.text",
            start=number.start,
            end=number.end,
            text=text[number.start : number.end],
        )
        for number, verdict in ordered
        if verdict in {"unsupported", "derived"}
    )[:MAX_EVIDENCE]
