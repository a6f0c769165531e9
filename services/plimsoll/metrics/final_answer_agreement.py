"""Share of sampled alternatives that end with the response's final answer."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.final_answers import final_answers
from plimsoll.metrics.reading import chars, read


class FinalAnswerAgreement:
    """(1/m) sum of 1[a(y) = a(y_i)], where a is the answer that a text ends with.

    Self-consistency by final answers (Wang et al., arXiv:2203.11171): reasoning may differ. An
    answer is the member `answer` of a JSON object, what stands in a box or after a mark such as
    `Answer:`, or a short text itself. Whole numbers are the same if they are equal; of two with
    decimals one may be the other rounded; units count, and 5 km are 5,000 m and not 5 m, but may
    be left out. An alternative that ends with no answer does not agree.
    """

    spec = MetricSpec(
        name="final_answer_agreement",
        version="2",
        family=Family.BLACK_BOX,
        summary="Share of sampled alternatives that end with the same answer.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES),
        source="Wang et al., arXiv:2203.11171",
        raw_scale="alternatives that agree",
    )

    def work(self, result: LlmResult) -> int:
        """Reading each text a few times."""
        return 100 + 4 * chars(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The share in [0, 1]; raw value is the count of alternatives that agree."""
        reading = read(result)
        if isinstance(reading, Absence):
            return reading
        if reading.form == "code":
            return Absence(AbsenceReason.NOT_APPLICABLE, "code does not end with an answer")
        found = final_answers(reading.texts)
        mine, *others = [found[answer] for answer in reading.answers]
        if mine is None:
            return Absence(AbsenceReason.NOT_APPLICABLE, "the response marks no final answer")
        agreeing = sum([other is not None and mine.same_as(other) for other in others])
        return measurement(
            value=agreeing / reading.samples,
            raw_value=float(agreeing),
            provenance=(
                ("equivalence", "final-answer"),
                ("numbers", "exact-or-rounded"),
                *reading.provenance,
            ),
            flags=reading.flags,
        )
