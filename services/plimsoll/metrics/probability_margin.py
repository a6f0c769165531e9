"""Mean lead of the best alternative over the second at each token of the response."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need, measurement
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.top_reading import read_pairs, settled, top_steps


class ProbabilityMargin:
    """Mean over t of p(1) - p(2), the probabilities of the best two alternatives of token t.

    A token with fewer than two alternatives is left out and counted.
    """

    spec = MetricSpec(
        name="probability_margin",
        version="1",
        family=Family.WHITE_BOX,
        summary="How far the best alternative leads the second at each token, on average.",
        needs=(Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="Farr et al., 2024, as in uqlm",
        raw_scale="mean difference of two probabilities",
    )

    def work(self, result: LlmResult) -> int:
        """Reading the top alternatives once."""
        return top_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The mean in [0, 1], which is its raw value too."""
        top = read_pairs(result.response)
        if isinstance(top, Absence):
            return top
        if not len(top.margins):
            return Absence(AbsenceReason.INPUT_MISSING, "no token has 2 alternatives")
        mean = settled(top.margins.mean())
        excluded = top.count - len(top.margins)
        return measurement(
            value=min(1.0, max(0.0, mean)),
            raw_value=mean,
            provenance=(("excluded_tokens", str(excluded)), ("k", "2"), *top.origin),
            flags=("tokens_excluded",) if excluded else (),
        )
