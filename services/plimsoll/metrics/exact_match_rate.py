"""Share of sampled alternatives that say the same as the response, letter for letter."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.reading import chars, normal_forms, read


class ExactMatchRate:
    """(1/m) sum of 1[norm(y) = norm(y_i)] (Cole et al., arXiv:2305.14613).

    norm for text: NFKC, case folding, no punctuation, no articles; a number is its value. For
    code lines without trailing blanks, for mathematics single-spaced: there signs count.
    """

    spec = MetricSpec(
        name="exact_match_rate",
        version="1",
        family=Family.BLACK_BOX,
        summary="Share of sampled alternatives whose normal form is the response's.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Cole et al., arXiv:2305.14613",
        raw_scale="alternatives that match",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text once."""
        return 50 + chars(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; raw value is the count of matches."""
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        forms = normal_forms(reading)
        normal = [forms[answer] for answer in reading.answers]
        matches = normal.count(normal[0]) - 1
        return measurement(
            value=matches / reading.samples,
            raw_value=float(matches),
            provenance=reading.provenance,
            flags=reading.flags,
        )
