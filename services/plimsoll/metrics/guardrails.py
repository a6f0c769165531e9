"""What the metrics of a guardrail share: what it is asked, and how its reply is read."""

from __future__ import annotations

from typing import ClassVar

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.grounding import GUARDRAIL, as_question, unfit
from plimsoll.domain.judging import GroundingCall, JudgeCall, JudgeReply
from plimsoll.domain.metric import Cost, Family, Measurement, MetricSpec, Need
from plimsoll.domain.result import LlmResult

# Never on the event loop, and never in a compute process either: it waits for another machine.
ASIDE = 1_000_000_000
NOBODY_TO_ASK = Absence(
    AbsenceReason.NOT_CONFIGURED, "no guardrail can be asked here: set bedrock.guardrail_id"
)


class GuardrailScore:
    """One of a guardrail's scores in [0, 1]; `filter_name` is what Bedrock calls it.

    Sources above 100,000 characters in all, a query above 1,000 or a response above 5,000 are
    `input_too_large`: nothing is cut.
    """

    filter_name: ClassVar[str]

    def work(self, result: LlmResult) -> int:
        """More than an event loop has time for."""
        del result
        return ASIDE

    def question(self, result: LlmResult) -> JudgeCall | Absence:
        """Context, query and response; `input_too_large` above what the guardrail takes."""
        return grounding_question(result)

    def answer(self, reply: JudgeReply) -> Measurement | Absence:
        """The score; `not_configured` where the guardrail's policy has no such filter."""
        return score_in(reply, self.filter_name)

    def compute(self, result: LlmResult) -> Measurement | Absence:
        """`not_configured`: where a guardrail can be asked, it is before it comes to this."""
        del result
        return NOBODY_TO_ASK


def guardrail_spec(name: str, summary: str) -> MetricSpec:
    """The spec of one of its scores: both need the same, and cost one check together."""
    return MetricSpec(
        name=name,
        version="1",
        family=Family.GROUNDING,
        summary=summary,
        needs=(Need.RESPONSE_TEXT, Need.CONTEXT, Need.REQUEST_TEXT, Need.GUARDRAIL),
        source="Amazon Bedrock ApplyGuardrail, contextual grounding policy",
        cost=Cost.PAID,
        raw_scale="the guardrail's score",
    )


def grounding_question(result: LlmResult) -> JudgeCall | Absence:
    """The context as sources, the last message of a user as the query, and the response."""
    asked = [message.text for message in result.messages if message.role == "user" and message.text]
    call = GroundingCall(
        sources=tuple(document.text for document in result.context),
        query=asked[-1] if asked else "",
        response=result.response.text,
    )
    return unfit(call) or as_question(call)


def score_in(reply: JudgeReply, name: str) -> Measurement | Absence:
    """One of the guardrail's scores, as it gave it."""
    if reply.verdict is None:
        return reply.absence or Absence(AbsenceReason.PROVIDER_ERROR, "no reply")
    score = reply.verdict.get(name)
    if not isinstance(score, float):
        return Absence(AbsenceReason.NOT_CONFIGURED, f"the guardrail has no {name} filter")
    return Measurement(
        value=score,
        raw_value=score,
        provenance=((GUARDRAIL, str(reply.verdict.get(GUARDRAIL, ""))),),
    )
