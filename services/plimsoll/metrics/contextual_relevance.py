"""How far the response answers its request, as a guardrail of Bedrock scores it."""

from __future__ import annotations

from plimsoll.domain.absence import Absence
from plimsoll.domain.grounding import RELEVANCE
from plimsoll.domain.judging import JudgeCall, JudgeReply
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult
from plimsoll.metrics.guardrails import ASIDE, NOBODY_TO_ASK, grounding_question, score_in


class ContextualRelevance:
    """The guardrail's RELEVANCE score in [0, 1]; one check gives both of its scores.

    Sources above 100,000 characters in all, a query above 1,000 or a response above 5,000 are
    `input_too_large`: nothing is cut.
    """

    spec = MetricSpec(
        name="contextual_relevance",
        version="1",
        family=Family.GROUNDING,
        summary="Bedrock's contextual grounding: whether the response answers the request.",
        needs=(Need.RESPONSE_TEXT, Need.CONTEXT, Need.REQUEST_TEXT, Need.GUARDRAIL),
        source="Amazon Bedrock ApplyGuardrail, contextual grounding policy",
        cost=Cost.PAID,
        raw_scale="the guardrail's score",
    )

    def work(self, result: LlmResult) -> int:
        """More than an event loop has time for."""
        del result
        return ASIDE

    def question(self, result: LlmResult) -> JudgeCall | Absence:
        """Context, query and response; `input_too_large` above what the guardrail takes."""
        return grounding_question(result)

    def answer(self, reply: JudgeReply) -> Measurement | Absence:
        """The score; `not_configured` where the guardrail's policy has no such filter."""
        return score_in(reply, RELEVANCE)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """`not_configured`: where a guardrail can be asked, it is before it comes to this."""
        del result
        return NOBODY_TO_ASK
