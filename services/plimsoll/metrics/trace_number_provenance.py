"""Share of the response's numbers that come from the trace, the request or the context."""

from __future__ import annotations

from collections import Counter

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.given import context_texts, request_texts, too_large
from plimsoll.metrics.number_containment import counted, numbers_of
from plimsoll.metrics.number_support import MAX_OPERANDS, NumberSupport
from plimsoll.metrics.numbers import Number, digits, reading_steps
from plimsoll.metrics.reading import MAX_CHARS
from plimsoll.metrics.traces import UNFAITHFUL

MAX_EVIDENCE = 16
_ORDER = ("unsupported", "derived", "trace")


class TraceNumberProvenance:
    """Numbers of the response that stand in request or context, or in the trace, or follow.

    A number stands in a text as it is or rounded there. It follows where two numbers of request,
    context and trace make it by sum, difference, mean, product or ratio, and only where that is
    no coincidence, see `NumberSupport.derives`. That a number stands in the trace says where it
    came up, not that it is right; and a trace may be made up after the fact.
    """

    spec = MetricSpec(
        name="trace_number_provenance",
        version="1",
        family=Family.TRACE,
        summary="Share of the response's numbers that the reasoning or its inputs account for.",
        needs=(Need.REASONING, Need.RESPONSE_TEXT),
        source="number containment with derivable arithmetic, over trace, request and context",
        raw_scale="numbers from nowhere",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once, and all pairs of numbers that they may hold."""
        texts = [result.response.reasoning, *request_texts(result), *context_texts(result)]
        operands = sum(map(digits, texts)) // 2
        pairs = min(MAX_OPERANDS, operands) ** 2
        return 300 + sum(map(reading_steps, [result.response.text, *texts])) + 5 * pairs

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence is numbers that no input has."""
        trace = result.response.reasoning
        problem = too_large(result, MAX_CHARS - len(trace))
        if problem is not None:
            return problem
        found = counted(result)
        if not found:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response has no number")
        given = numbers_of(request_texts(result) + context_texts(result), result.language)
        thought = numbers_of([trace], result.language)
        supports = (NumberSupport(given), NumberSupport(thought), NumberSupport(given + thought))
        verdicts = [(number, _verdict(number, *supports)) for number in found]
        counts = Counter(verdict for _, verdict in verdicts)
        return Measurement(
            value=1.0 - counts["unsupported"] / len(found),
            raw_value=float(counts["unsupported"]),
            evidence=_evidence(result.response.text, verdicts),
            provenance=tuple((f"numbers_{name}", str(n)) for name, n in sorted(counts.items())),
            flags=(UNFAITHFUL,),
        )


def _verdict(
    number: Number, given: NumberSupport, thought: NumberSupport, both: NumberSupport
) -> str:
    if given.stands(number) or given.rounds(number):
        return "given"
    if thought.stands(number) or thought.rounds(number):
        return "trace"
    return "derived" if both.derives(number) else "unsupported"


def _evidence(text: str, verdicts: list[tuple[Number, str]]) -> tuple[Evidence, ...]:
    """Unsupported ones first: they are what a reader looks for."""
    told = [pair for pair in verdicts if pair[1] in _ORDER]
    told.sort(key=lambda pair: _ORDER.index(pair[1]))
    return tuple(
        Evidence(
            kind=f"number_{verdict}",
            ref="response.text",
            start=number.start,
            end=number.end,
            text=text[number.start : number.end],
        )
        for number, verdict in told[:MAX_EVIDENCE]
    )
