"""Whether the answer is what the reasoning trace concludes."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.conclusions import Conclusion, last_figures, stated, whole
from plimsoll.metrics.numbers import reading_steps
from plimsoll.metrics.same_answer import is_number, likeness
from plimsoll.metrics.traces import UNFAITHFUL, trace_too_large


class TraceConclusionAgreement:
    r"""How far the trace's own conclusion and the answer are the same.

    The conclusion is what follows the last `\boxed{`, `####` or `the answer is` of the trace;
    where there is none and the answer is a number, the last sentence with one, which is flagged.
    Choices and numbers agree or not; of texts the share of the shorter one's words that the
    longer one has counts. A trace may be made up after the fact: agreement does not show that
    the answer came from it.
    """

    spec = MetricSpec(
        name="trace_conclusion_agreement",
        version="2",
        family=Family.TRACE,
        summary="Whether the answer is what the model's own reasoning ended with.",
        needs=(Need.REASONING, Need.RESPONSE_TEXT),
        source="the trace's last stated answer against the response",
        raw_scale="agreement of two answers",
    )

    def work(self, result: LlmResult) -> int:
        """Looking for marks and numbers in both texts."""
        return 500 + sum(map(reading_steps, (result.response.reasoning, result.response.text)))

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The agreement in [0, 1]; evidence is both conclusions, where they stand."""
        problem = trace_too_large(result)
        if problem is not None:
            return problem
        text, trace = result.response.text, result.response.reasoning
        answer = stated(text) or whole(text)
        concluded = stated(trace)
        if concluded is None and is_number(answer.text, result.language):
            concluded = last_figures(trace, result.language)
        if concluded is None:
            detail = "the trace does not say what it concludes"
            return Absence(AbsenceReason.PARSE_FAILED, detail)
        alike = likeness(concluded.text, answer.text, result.language)
        if alike is None:
            detail = "conclusion and answer are of different kinds"
            return Absence(AbsenceReason.ABSTAINED, detail)
        inferred = () if concluded.rule == "stated" else ("conclusion_inferred",)
        return Measurement(
            value=alike.value,
            raw_value=alike.value,
            evidence=(
                _evidence("conclusion", "response.reasoning", concluded),
                _evidence("answer", "response.text", answer),
            ),
            provenance=(
                ("answer", answer.rule),
                ("compared_as", alike.kind),
                ("conclusion", concluded.rule),
            ),
            flags=(*inferred, UNFAITHFUL),
        )


def _evidence(kind: str, ref: str, found: Conclusion) -> Evidence:
    return Evidence(kind=kind, ref=ref, start=found.start, end=found.end, text=found.text[:200])
