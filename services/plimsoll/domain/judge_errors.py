"""Why asking a judge failed, in classes that limiter, breaker and retries tell apart.

PlimsollError
├── RetryableError
│   └── JudgeFaultError           wait `delay`, then ask again: throttled, transient, model_fault
└── JudgeRefusalError             asking the same again is useless
    ├── JudgeMisconfiguredError   no call to this model can succeed until somebody acts
    └── ParameterRefusedError     ask once more, `call.without(parameter)`
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import PlimsollError, RetryableError
from plimsoll.domain.judging import UNKNOWN_USAGE, JudgeUsage, Parameter


class FaultKind(StrEnum):
    """Who has to hear of a fault.

    THROTTLED is for the limiter: the quota is spent. TRANSIENT is for the breaker: the service or
    the way to it fails, whatever is asked. MODEL_FAULT is for neither: the model failed at this
    question; one more attempt is worth its price. CONFIGURATION opens the breaker until an
    operator acts.
    """

    THROTTLED = "throttled"
    TRANSIENT = "transient"
    MODEL_FAULT = "model_fault"
    CONFIGURATION = "configuration"


class JudgeFaultError(RetryableError):
    """A passing fault of a judge.

    `code` is the provider's own word or the client's, a constant; `absence` is what a score says
    once patience is over. `usage` is what the failed attempt has cost: nothing, or unknown where
    the provider may have gone on without us. `request_id` is what the provider calls it.
    """

    def __init__(
        self,
        kind: FaultKind,
        code: str,
        delay: timedelta,
        absence: Absence,
        usage: JudgeUsage = UNKNOWN_USAGE,
        *,
        request_id: str = "",
    ) -> None:
        asked = f" (request {request_id})" if request_id else ""
        super().__init__(f"judge {kind.value}: {code}{asked}", delay)
        self.kind = kind
        self.code = code
        self.absence = absence
        self.usage = usage
        self.request_id = request_id


class JudgeRefusalError(PlimsollError):
    """A fault that asking the same again does not mend; `absence` is what a score says then."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.absence = Absence(AbsenceReason.PROVIDER_ERROR, code)


class JudgeMisconfiguredError(JudgeRefusalError):
    """No call to this model can succeed: the message says what to do."""

    kind = FaultKind.CONFIGURATION


class ParameterRefusedError(JudgeRefusalError):
    """The model does not take `parameter`; a call without it may succeed."""

    def __init__(self, code: str, parameter: Parameter) -> None:
        super().__init__(code, f"judge refuses {parameter.value}: {code}")
        self.parameter = parameter
