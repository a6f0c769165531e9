"""For services that publish results and act on their confidence; needs none of the extras.

    >>> from datetime import timedelta
    >>> async def may_show(answer_of_a_model: str) -> bool:
    ...     async with Plimsoll() as plimsoll:  # addresses from the environment
    ...         result = LlmResult.from_text("order-4711", answer_of_a_model)
    ...         answer = await plimsoll.gate(result, deadline=timedelta(seconds=2))
    ...     return answer.verdict is Verdict.ACCEPT

What it raises: ValueError for bad input, RetryableError where trying again may help, FatalError
where somebody has to change something. A gate raises the first only.
"""

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.claims import Claim, ClaimFilter, ClaimGuarantee, ClaimPromise
from plimsoll.domain.confidence import (
    Confidence,
    ConfidenceStatus,
    Decision,
    Estimate,
    Promise,
    Verdict,
)
from plimsoll.domain.errors import FatalError, PlimsollError, RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.record import Position
from plimsoll.domain.result import (
    Alternative,
    Code,
    CodeTest,
    Document,
    Expectations,
    GenAi,
    LogprobOrigin,
    Message,
    ParentRef,
    Response,
    SampledBy,
    TaskKind,
    Tokens,
    ToolCall,
    Usage,
)
from plimsoll.domain.score import Evidence, Interval, Score
from plimsoll.domain.scored import ScoredResult
from plimsoll.sdk.answers import DecidedBy, GateAnswer, GateStats
from plimsoll.sdk.client import Plimsoll
from plimsoll.sdk.events import ScoredEvent, SubscriptionStats
from plimsoll.sdk.found import Missing, MissingReason, Watched
from plimsoll.sdk.intake import StartAt
from plimsoll.sdk.lookups import Lookups
from plimsoll.sdk.publisher import Publisher
from plimsoll.sdk.results import LlmResult
from plimsoll.sdk.selection import OnAbsent
from plimsoll.sdk.subscription import Ack, Subscription

__all__ = [
    "Absence",
    "AbsenceReason",
    "Ack",
    "Alternative",
    "CertificateState",
    "Claim",
    "ClaimFilter",
    "ClaimGuarantee",
    "ClaimPromise",
    "Code",
    "CodeTest",
    "Confidence",
    "ConfidenceRecord",
    "ConfidenceStatus",
    "DecidedBy",
    "Decision",
    "Document",
    "Estimate",
    "Evidence",
    "Expectations",
    "FatalError",
    "GateAnswer",
    "GateStats",
    "GenAi",
    "Interval",
    "LlmResult",
    "LogprobOrigin",
    "Lookups",
    "Message",
    "Missing",
    "MissingReason",
    "OnAbsent",
    "ParentRef",
    "Plimsoll",
    "PlimsollError",
    "Position",
    "Promise",
    "Publisher",
    "Response",
    "ResultKey",
    "RetryableError",
    "SampledBy",
    "Score",
    "ScoredEvent",
    "ScoredResult",
    "StartAt",
    "Subscription",
    "SubscriptionStats",
    "TaskKind",
    "Tokens",
    "ToolCall",
    "Usage",
    "Verdict",
    "View",
    "Watched",
]
