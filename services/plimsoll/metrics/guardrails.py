"""What the metrics of a guardrail share: what it is asked, and how its reply is read."""

from __future__ import annotations

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.grounding import GUARDRAIL, as_question, unfit
from plimsoll.domain.judging import GroundingCall, JudgeCall, JudgeReply
from plimsoll.domain.metric import Measurement
from plimsoll.domain.result import LlmResult

# Never on the event loop, and never in a compute process either: it waits for another machine.
ASIDE = 1_000_000_000
NOBODY_TO_ASK = Absence(
    AbsenceReason.NOT_CONFIGURED, "no guardrail can be asked here: set bedrock.guardrail_id"
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
