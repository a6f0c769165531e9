"""Whether the response is free of spans that identify a person."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.domain.score import Evidence
from plimsoll.metrics.pii import pii_spans

MAX_CHARS = 1_000_000
MAX_EVIDENCE = 32


class PiiFree:
    """1 where no personal span was found, otherwise 0; see `pii_spans` for what is looked for.

    Evidence has kinds and offsets, and never what stands there.
    """

    spec = MetricSpec(
        name="pii_free",
        version="1",
        family=Family.VALIDATOR,
        summary="Whether no e-mail address, phone, account, card or IP number was found.",
        needs=(Need.RESPONSE_TEXT,),
        source="patterns with check digits (ISO 13616, ISO/IEC 7812)",
        raw_scale="spans found",
    )

    def work(self, result: LlmResult) -> int:
        """A few patterns over the response."""
        return 100 + 4 * len(result.response.text)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """1.0 or 0.0; raw value is the number of spans."""
        text = result.response.text
        if len(text) > MAX_CHARS:
            detail = f"{len(text)} characters, {MAX_CHARS} allowed"
            return Absence(AbsenceReason.INPUT_TOO_LARGE, detail)
        found = pii_spans(text)
        return measurement(
            value=float(not found),
            raw_value=float(len(found)),
            evidence=tuple(
                Evidence(
                    kind=f"pii_{span.kind}", ref="response.text", start=span.start, end=span.end
                )
                for span in found[:MAX_EVIDENCE]
            ),
        )
