"""How far the response follows from its context, as a guardrail of Bedrock scores it."""

from __future__ import annotations

from plimsoll.domain.grounding import GROUNDING
from plimsoll.metrics.guardrails import GuardrailScore, guardrail_spec


class ContextualGrounding(GuardrailScore):
    """The guardrail's GROUNDING score in [0, 1]; one check gives both of its scores."""

    filter_name = GROUNDING
    spec = guardrail_spec(
        "contextual_grounding",
        "Bedrock's contextual grounding: whether the response follows from the context.",
    )
