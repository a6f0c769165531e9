"""The faults that an emulator can play, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# `stop:<reason>` ends an answer with that stop reason, known to the service's model or not.
STOP = "stop:"


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error of the service: HTTP status, code and message."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class OnTheWire:
    """An answer that does not arrive as answers do."""

    how: str


@dataclass(frozen=True, slots=True)
class InTheVerdict:
    """A whole answer with something wrong in it."""

    how: str


Fault = ErrorAnswer | OnTheWire | InTheVerdict

# What a quota that is spent answers, too.
THROTTLED = ErrorAnswer(429, "ThrottlingException", "Too many requests, wait and try again.")
_ERRORS: Mapping[str, ErrorAnswer] = {
    "throttling": THROTTLED,
    "model_not_ready": ErrorAnswer(429, "ModelNotReadyException", "The model is being loaded."),
    "model_timeout": ErrorAnswer(408, "ModelTimeoutException", "The model took too long."),
    "model_error": ErrorAnswer(424, "ModelErrorException", "The model failed."),
    "internal": ErrorAnswer(500, "InternalServerException", "Something went wrong."),
    "unavailable": ErrorAnswer(503, "ServiceUnavailableException", "Come back later."),
    "quota_exceeded": ErrorAnswer(400, "ServiceQuotaExceededException", "The quota is exceeded."),
    "denied": ErrorAnswer(403, "AccessDeniedException", "You may not invoke this model."),
    "expired": ErrorAnswer(403, "ExpiredTokenException", "The security token has expired."),
    "not_found": ErrorAnswer(404, "ResourceNotFoundException", "There is no such model."),
    "invalid": ErrorAnswer(400, "ValidationException", "The request is not valid."),
    "too_long": ErrorAnswer(400, "ValidationException", "Input is too long for requested model."),
    "needs_profile": ErrorAnswer(
        400,
        "ValidationException",
        "Invocation of this model with on-demand throughput isn't supported. Retry with an "
        "inference profile.",
    ),
    "unknown_error": ErrorAnswer(400, "SomethingNewException", "Nobody has heard of this."),
    "unknown_outage": ErrorAnswer(500, "SomethingNewException", "Nobody has heard of this."),
}
_WIRE = (
    "hang",
    "reset",
    "half_body",
    "drip",
    "garbage",
    "empty",
    "not_object",
    "not_finite",
    "deep",
    "huge",
    "wrong_shape",
    "gateway",
)
_VERDICT = (
    "no_verdict",
    "text_only",
    "wrong_tool",
    "two_verdicts",
    "injected",
    "no_nonce",
    "wrong_nonce",
)
FAULTS: Mapping[str, Fault] = {
    **_ERRORS,
    **{name: OnTheWire(name) for name in _WIRE},
    **{name: InTheVerdict(name) for name in _VERDICT},
}


def fault(name: str) -> Fault:
    """The fault of a name that `check_fault` has let pass."""
    return InTheVerdict(name) if name.startswith(STOP) else FAULTS[name]


def refusal(parameter: str) -> ErrorAnswer:
    """What a model says of a parameter that it does not take."""
    message = f"The model returned the following errors: {parameter}: is not supported"
    return ErrorAnswer(400, "ValidationException", message)
