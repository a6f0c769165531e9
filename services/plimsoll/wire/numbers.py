"""Numbers of a result that have to be numbers."""

from __future__ import annotations

from math import isfinite

from plimsoll.domain.result import NO_GEN_AI, GenAi, LlmResult


def number_problem(result: LlmResult) -> str | None:
    """Which number is infinite, none at all, or outside its range; None where all are right.

    Log-probabilities are the metrics' business: a wrong one takes away one number, not the result.
    """
    facts = result.gen_ai
    if facts is not NO_GEN_AI and not _is_finite(facts):
        return "gen_ai: request_temperature, request_top_p and request_top_k have to be finite"
    for alternative in result.alternatives:
        if alternative.temperature is not None and not isfinite(alternative.temperature):
            return "alternatives: temperature has to be finite"
    for parent in result.parents:
        if parent.confidence is not None and not 0.0 <= parent.confidence <= 1.0:
            return "parents: confidence has to be in [0, 1]"
    return None


def _is_finite(facts: GenAi) -> bool:
    return (
        (facts.request_temperature is None or isfinite(facts.request_temperature))
        and (facts.request_top_p is None or isfinite(facts.request_top_p))
        and (facts.request_top_k is None or isfinite(facts.request_top_k))
    )
