"""How far the response answers its request, as a guardrail of Bedrock scores it."""

from __future__ import annotations

from plimsoll.domain.grounding import RELEVANCE
from plimsoll.metrics.guardrails import GuardrailScore, guardrail_spec


class ContextualRelevance(GuardrailScore):
    """The guardrail's RELEVANCE score in [0, 1]; one check gives both of its scores."""

    filter_name = RELEVANCE
    spec = guardrail_spec(
        "contextual_relevance",
        "Bedrock's contextual grounding: whether the response answers the request.",
    )
