"""Whether the response says anything: no refusal, placeholder, error text or opener."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.boilerplate import boilerplate
from plimsoll.metrics.reading import MAX_CHARS


class SubstantiveResponse:
    """0 where the response answers nothing, otherwise 1; its evidence names the kind.

    It does not say that a refusal was wrong: to a forbidden or unanswerable question it is right.
    """

    spec = MetricSpec(
        name="substantive_response",
        version="2",
        family=Family.VALIDATOR,
        summary="Whether the response is more than a refusal, placeholder or error text.",
        needs=(Need.RESPONSE_TEXT,),
        source="phrases; openers after arXiv:2507.08794",
        raw_scale="1 says something, 0 nothing",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the beginning, and the rest for a letter."""
        return 200 + 3 * len(result.response.text)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; the evidence's kind is one of `Boilerplate`."""
        text = result.response.text
        if len(text) > MAX_CHARS:
            detail = f"{len(text)} characters, {MAX_CHARS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        kind = boilerplate(text)
        if kind is None:
            return measurement(value=1.0, raw_value=1.0)
        return measurement(
            value=0.0, raw_value=0.0, evidence=(Evidence(kind=str(kind), ref="response.text"),)
        )
