"""What a client raises, by the status that a call ended with.

LookUpError                 there is no score; `reason` and `metadata` say more
├── NotSeenError            neither score nor dead letter is in the store
├── NotScoredYetError       nor was there after the wait
├── DeadLetteredError       the result ended in the dead letters
└── ErasedError             the result was erased on order
InvalidRequestError         the request is wrong; `fields` says where
UnavailableError            a RetryableError: the service is away or cannot serve
ExhaustedError              a RetryableError: too many calls wait or watch
DeadlineError               a RetryableError: no answer in time
FatalError                  everything else: the service is another one, or refuses us
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from plimsoll.domain.errors import FatalError, PlimsollError, RetryableError

_NO_DELAY = timedelta(0)


class LookUpError(PlimsollError):
    """There is no visible score; `reason` is the service's word, `metadata` its facts."""

    def __init__(self, message: str, reason: str, metadata: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reason = reason
        self.metadata = dict(metadata)


class NotSeenError(LookUpError):
    """The store holds neither a score nor a dead letter of this ID."""


class NotScoredYetError(LookUpError):
    """No score came before the wait ended."""


class DeadLetteredError(LookUpError):
    """The result ended in the dead letters."""


class ErasedError(LookUpError):
    """The result was erased on order: no score of it is kept, and none will be."""


class InvalidRequestError(PlimsollError):
    """The request is wrong; `fields` names each wrong field with its problem."""

    def __init__(self, message: str, fields: Mapping[str, str]) -> None:
        super().__init__(message)
        self.fields = dict(fields)


class UnavailableError(RetryableError):
    """The service is away, or what it stands on is."""


class ExhaustedError(RetryableError):
    """Too many calls wait or watch at once."""


class DeadlineError(RetryableError):
    """No answer before the call's deadline."""


_LOOK_UPS = {
    "NOT_SEEN": NotSeenError,
    "NOT_SCORED_YET": NotScoredYetError,
    "DEAD_LETTER": DeadLetteredError,
    "ERASED": ErasedError,
}
_RETRYABLE = {
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    # A caller who cancels gets no status: this is a service that stops. gRPC ends so the calls
    # that reached it and were not yet taken up (github.com/grpc/grpc/issues/41785).
    grpc.StatusCode.CANCELLED: UnavailableError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ExhaustedError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineError,
}

# What gRPC says where the other end hangs up before it has answered.
_CLOSED = (
    "socket closed",
    "endpoint clos",
    "connection reset",
    "shutdown",
    "broken pipe",
    "goaway",
)
_PLAIN_HINT = (
    "; a service that speaks TLS hangs up on plain text: set sdk.tls and sdk.tls_cafile, and for "
    "mutual TLS sdk.tls_certfile and sdk.tls_keyfile"
)
_TLS_HINT = (
    "; look at sdk.tls_cafile, at the name in the service's certificate, and for mutual TLS at "
    "sdk.tls_certfile and sdk.tls_keyfile; where the service speaks plain text, sdk.tls is false"
)


def look_up_error(message: str, reason: str, metadata: Mapping[str, str]) -> LookUpError:
    """The error of a reason; one that a newer service gives is a plain LookUpError."""
    return _LOOK_UPS.get(reason, LookUpError)(message, reason, metadata)


def failure_of(error: grpc.aio.AioRpcError, target: str, *, tls: bool = False) -> PlimsollError:
    """The verdict on a call that did not succeed; `tls`: it was made over TLS."""
    code, message = error.code(), error.details() or ""
    if code is grpc.StatusCode.UNAVAILABLE:
        message += _hint(message, tls=tls)
    details = _Details(error)
    if code in _RETRYABLE:
        return _RETRYABLE[code](f"{target}: {message}", details.delay)
    if code in {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION}:
        return look_up_error(message, details.reason, details.metadata)
    if code is grpc.StatusCode.INVALID_ARGUMENT:
        return InvalidRequestError(message, details.fields)
    return FatalError(f"{target} answered {code.name}: {message}")


def _hint(message: str, *, tls: bool) -> str:
    """What may be behind a connection that was closed without a word."""
    closed = any(words in message.lower() for words in _CLOSED)
    if not tls:
        return _PLAIN_HINT if closed else ""
    return _TLS_HINT if closed or "andshake" in message else ""


class _Details:
    """What google.rpc tells beside a status; a status without details tells nothing."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        self.delay = _NO_DELAY
        self.reason = ""
        self.metadata: dict[str, str] = {}
        self.fields: dict[str, str] = {}
        try:
            status = rpc_status.from_call(cast(grpc.Call, error))
        except ValueError:
            status = None  # Details that contradict the status are no details.
        if status is not None:
            self._read(status)

    def _read(self, status: status_pb2.Status) -> None:
        retry, info = error_details_pb2.RetryInfo(), error_details_pb2.ErrorInfo()
        bad = error_details_pb2.BadRequest()
        for packed in status.details:
            if packed.Unpack(retry):
                self.delay = retry.retry_delay.ToTimedelta()
            elif packed.Unpack(info):
                self.reason, self.metadata = info.reason, dict(info.metadata)
            elif packed.Unpack(bad):
                self.fields = {one.field: one.description for one in bad.field_violations}
