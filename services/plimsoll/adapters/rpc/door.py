"""The door of the query service: who calls, how often they may, what they may ask for.

Every call passes here before its request is answered; a request of a kind that has no rule is
refused. The same words answer a tenant that the caller may not see and one that does not exist.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

import grpc
import structlog
from google.protobuf.message import Message

from plimsoll.adapters.access.tokens import TokenError, TokenReader
from plimsoll.adapters.rpc.requests import read_tenant
from plimsoll.adapters.rpc.statuses import StatusError, invalid, slowed_down
from plimsoll.domain.caller import ANYBODY, Caller, granted
from plimsoll.ports.clock import Clock
from plimsoll.resilience.allowance import Allowances
from plimsoll.settings.access import AccessMode, AccessSettings
from plimsoll.v1 import service_pb2

_log = structlog.get_logger(__name__)

_BEARER = "bearer "
_NAMES = ("x509_subject_alternative_name", "x509_common_name")
_LOGGED_IDS = 100
_LOGGED_CHARS = 128

Request = TypeVar("Request", bound=Message)


class Call(Protocol):
    """What a call tells of its caller."""

    def invocation_metadata(self) -> object:
        """The call's metadata."""

    def auth_context(self) -> Mapping[str, object]:
        """What TLS has verified."""


Identify = Callable[[Call], Awaitable[Caller]]


class Door:
    """Lets callers in and says who they are; StatusError turns one away."""

    def __init__(self, settings: AccessSettings, identify: Identify, clock: Clock) -> None:
        self._identify = identify
        self._allowances = Allowances(settings.calls_per_s, clock)
        self._audited = settings.audit and settings.mode is not AccessMode.NONE
        # Where everybody may do everything, there is nothing to look up on every call.
        self.open = settings.mode is AccessMode.NONE and not settings.calls_per_s

    async def caller(self, call: Call) -> Caller:
        """Who calls; RetryableError where that cannot be found out now."""
        caller = await self._identify(call)
        wait_s = self._allowances.take(caller.name)
        if wait_s > 0:
            raise slowed_down("access.calls_per_s", wait_s)
        return caller

    def admit(self, caller: Caller, request: Message) -> None:
        """Checks a request and fills in what the caller's own tenant decides."""
        decision = "ADMITTED"
        try:
            _check(caller, request)
        except StatusError as error:
            decision = error.code.name
            raise
        finally:
            if self._audited:
                _log.info(
                    "query.call.audited",
                    caller=caller.name,
                    request=request.DESCRIPTOR.name,
                    decision=decision,
                    **_asked(request),
                )


def _check(caller: Caller, request: Message) -> None:
    match request:
        case service_pb2.GetConfidenceRequest() | service_pb2.BatchGetConfidenceRequest():
            _check_tenant(caller, request.tenant, "tenant")
        case service_pb2.WatchConfidencesRequest() | service_pb2.ListConfidencesRequest():
            _narrow(caller, request.filter)
        case service_pb2.SubmitFeedbackRequest():
            _check_tenant(caller, request.feedback.tenant, "feedback.tenant")
            if not caller.may_label:
                raise StatusError(grpc.StatusCode.PERMISSION_DENIED, "you may not send labels")
            request.feedback.rater = request.feedback.rater or caller.name[:_LOGGED_CHARS]
        case service_pb2.ListMetricsRequest():
            pass
        case _:
            kind = request.DESCRIPTOR.name
            raise StatusError(grpc.StatusCode.PERMISSION_DENIED, f"nobody may send a {kind}")


def _check_tenant(caller: Caller, tenant: str, field: str) -> None:
    tenant = read_tenant(tenant, field)
    if not caller.may_see(tenant):
        raise _denied(f"tenant {tenant}")


def _narrow(caller: Caller, where: service_pb2.ConfidenceFilter) -> None:
    if where.tenant:
        _check_tenant(caller, where.tenant, "filter.tenant")
    elif caller.tenants is not None:
        if not caller.tenants:
            raise _denied("any tenant")
        if len(caller.tenants) > 1:
            raise invalid("filter.tenant", "is empty: name one of the tenants that you may see")
        (where.tenant,) = caller.tenants


def _denied(what: str) -> StatusError:
    return StatusError(grpc.StatusCode.PERMISSION_DENIED, f"you may not see results of {what}")


def _asked(request: Message) -> dict[str, object]:
    """What a request is about, as it was sent and cut short: the log is no place for more."""
    match request:
        case service_pb2.GetConfidenceRequest():
            tenant, result_ids = request.tenant, [request.result_id]
        case service_pb2.BatchGetConfidenceRequest():
            tenant, result_ids = request.tenant, list(request.result_ids[:_LOGGED_IDS])
        case service_pb2.WatchConfidencesRequest() | service_pb2.ListConfidencesRequest():
            tenant, result_ids = request.filter.tenant, []
        case service_pb2.SubmitFeedbackRequest():
            tenant, result_ids = request.feedback.tenant, [request.feedback.result_id]
        case _:
            return {}
    cut = [result_id[:_LOGGED_CHARS] for result_id in result_ids]
    return {"tenant": tenant[:_LOGGED_CHARS], "result_ids": cut}


async def anybody(call: Call) -> Caller:  # noqa: ARG001 - nobody is asked
    """Everybody, without a name."""
    return ANYBODY


def by_certificate(settings: AccessSettings) -> Identify:
    """By the first of a verified certificate's names that the settings know."""

    async def identify(call: Call) -> Caller:
        verified = call.auth_context()
        for kind in _NAMES:
            for raw in verified.get(kind, ()):  # type: ignore[attr-defined]  # lists of bytes
                name = raw.decode("utf-8", "replace")
                tenants = settings.clients.get(name)
                if tenants is not None:
                    may_label = name in settings.labellers
                    return granted(name, frozenset(tenants), may_label=may_label)
        raise unauthenticated("no name in your certificate is among access.clients")

    return identify


def by_token(tokens: TokenReader) -> Identify:
    """By the bearer token in `authorization` (RFC 6750)."""

    async def identify(call: Call) -> Caller:
        try:
            return await tokens.read(_bearer(call))
        except TokenError as error:
            raise unauthenticated(str(error)) from error

    return identify


def _bearer(call: Call) -> str:
    given = [
        value
        for name, value in call.invocation_metadata() or ()  # type: ignore[attr-defined]  # pairs
        if name == "authorization" and isinstance(value, str)
    ]
    if len(given) != 1 or given[0][: len(_BEARER)].lower() != _BEARER:
        raise unauthenticated("send one `authorization: Bearer TOKEN` with the call")
    return given[0][len(_BEARER) :].strip()


def unauthenticated(message: str) -> StatusError:
    """Nobody knows who calls."""
    return StatusError(grpc.StatusCode.UNAUTHENTICATED, message)
