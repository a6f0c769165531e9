"""The length of the response: a baseline that other metrics must beat, never an input."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.reading import MAX_CHARS

_HALF_WORDS = 64


class ResponseLength:
    """64 / (64 + words): shorter is higher, because longer responses are more often wrong."""

    spec = MetricSpec(
        name="response_length",
        version="1",
        family=Family.BASELINE,
        summary="Shorter is higher; reported beside the others and never an input.",
        needs=(Need.RESPONSE_TEXT,),
        source="baseline after arXiv:2508.08285",
        raw_scale="words separated by blanks",
        baseline=True,
    )

    def work(self, result: LlmResult) -> int:
        """Reading the response once."""
        return 10 + len(result.response.text) // 4

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The map of the length to (0, 1]; raw value is the number of words."""
        text = result.response.text
        if len(text) > MAX_CHARS:
            detail = f"{len(text)} characters, {MAX_CHARS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        count = len(text.split())
        return measurement(value=_HALF_WORDS / (_HALF_WORDS + count), raw_value=float(count))
