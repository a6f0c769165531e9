"""How often sampled alternatives have what the response has, field by field."""

from __future__ import annotations

from collections import Counter

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.field_evidence import agreement
from plimsoll.metrics.json_fields import fields_of, looks_like_json, response_fields
from plimsoll.metrics.reading import Reading, chars, read


class FieldAgreement:
    """For each JSON pointer of the response, the share of alternatives with the same value there.

    Numbers agree by value, dates by day, strings without regard to case and blanks, types never
    with each other; items of arrays are compared by their index. A field that an alternative does
    not have is a disagreement, and so is an alternative that is no JSON. The value is that of the
    weakest field. Where most alternatives have a field that the response has not, the flag
    `field_missing` says so.
    """

    spec = MetricSpec(
        name="field_agreement",
        version="1",
        family=Family.STRUCTURED,
        summary="Agreement of sampled alternatives with the response's weakest JSON field.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="exact-match rate by JSON pointer (RFC 6901)",
        raw_scale="alternatives that agree on the weakest field",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text, if the response looks like JSON."""
        return 100 + (10 * chars(result) if looks_like_json(result) else 0)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; evidence has one for each field, the weakest first and by name."""
        fields = response_fields(result)
        if isinstance(fields, Absence):
            return fields
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        drawn = []
        for text, times in _alternatives(reading).items():
            others = fields_of(text)
            if isinstance(others, Absence):
                return others
            drawn.append((others or {}, times))
        return agreement(
            fields, drawn, reading.samples, provenance=reading.provenance, flags=reading.flags
        )


def _alternatives(reading: Reading) -> dict[str, int]:
    """How often each text was drawn, the delivered one not counted."""
    drawn = Counter(reading.answers[1:])
    return {reading.texts[answer]: times for answer, times in drawn.items()}
