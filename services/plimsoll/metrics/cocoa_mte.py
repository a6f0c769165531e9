"""CoCoA with the mean entropy of a token's alternatives as the response's own uncertainty."""

from __future__ import annotations

import math

from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.cocoa import unlikeness, unlikeness_steps
from plimsoll.metrics.top_reading import read_top, settled, top_steps


class CocoaMte:
    """1 - U / log k, U = (mean over t of H_t) times the mean of 1 - sim over the alternatives.

    H_t is the entropy over the k top alternatives of token t, renormalised; a token with fewer
    is left out and counted. Similarity is ROUGE-L F1 on words.
    """

    spec = MetricSpec(
        name="cocoa_mte",
        version="1",
        family=Family.WHITE_BOX,
        summary="Mean token entropy, tempered by how alike the response's alternatives are.",
        needs=(Need.RESPONSE_TEXT, Need.ALTERNATIVES, Need.TOKEN_LOGPROBS, Need.TOP_LOGPROBS),
        source="CoCoA, Vashurin et al., arXiv:2502.04964, variant MTE",
        raw_scale="CoCoA uncertainty, nats",
    )

    def work(self, result: LlmResult) -> int:
        """Reading tokens and texts once."""
        return top_steps(result) + unlikeness_steps(result)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """The value in [0, 1]; raw value is U in nats."""
        top = read_top(result.response)
        if isinstance(top, Absence):
            return top
        unlike = unlikeness(result)
        if isinstance(unlike, Absence):
            return unlike
        uncertainty = settled(top.entropies.mean()) * unlike.value
        return unlike.measured(
            min(1.0, max(0.0, 1.0 - uncertainty / math.log(top.k))),
            uncertainty,
            (("log_base", "e"), ("map", "1-u/log k"), *top.provenance),
            top.flags,
        )
