"""ConfidenceService: from request bytes to reply bytes, and from errors to statuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NoReturn, TypeVar

import grpc
import structlog
from google.protobuf.message import DecodeError, Message

from plimsoll.adapters.rpc.catalogue import Strengths, encode_catalogue
from plimsoll.adapters.rpc.door import Door
from plimsoll.adapters.rpc.labelling import Labelling
from plimsoll.adapters.rpc.listing import list_page
from plimsoll.adapters.rpc.looking_up import LookUps
from plimsoll.adapters.rpc.opening import AS_IT_STANDS, Evidence
from plimsoll.adapters.rpc.standings import NOBODY_KNOWS, Certificates
from plimsoll.adapters.rpc.statuses import StatusError, of_retryable, unavailable
from plimsoll.adapters.rpc.tracing import (
    Stream,
    Unary,
    traced,
    traced_stream,
    traceparent_to_pass_on,
)
from plimsoll.adapters.rpc.watching import Watches
from plimsoll.domain.caller import ANYBODY, Caller
from plimsoll.domain.errors import DataRefusedError, FatalError, RetryableError
from plimsoll.domain.metric import MetricSpec
from plimsoll.ports.store import ScoreStore
from plimsoll.ports.telemetry import QUERY_CALLS, Instrument, Telemetry
from plimsoll.ports.tracing import Tracing
from plimsoll.v1 import service_pb2

_log = structlog.get_logger(__name__)

_OK = grpc.StatusCode.OK.name
_GET = service_pb2.GetConfidenceRequest
_GET_OK = ("GetConfidence", _OK)

SERVICE = service_pb2.DESCRIPTOR.services_by_name["ConfidenceService"].full_name

Context = grpc.aio.ServicerContext[bytes, bytes]
Request = TypeVar("Request", bound=Message)


class ConfidenceServicer:
    """The six calls. Requests come in and replies go out as bytes (see `replies`).

    `on_fatal` is told where the store can never serve again.
    """

    def __init__(
        self,
        *,
        door: Door,
        store: ScoreStore,
        look_ups: LookUps,
        watches: Watches,
        labelling: Labelling,
        metrics: Sequence[MetricSpec],
        strengths: Strengths,
        telemetry: Telemetry,
        on_fatal: Callable[[FatalError], None],
        tracing: Tracing | None = None,
        evidence: Evidence = AS_IT_STANDS,
        certificates: Certificates = NOBODY_KNOWS,
    ) -> None:
        self._tracing = tracing
        self._evidence = evidence
        self._certificates = certificates
        self._door = door
        self._store = store
        self._look_ups = look_ups
        self._watches = watches
        self._labelling = labelling
        self._metrics = metrics
        self._strengths = strengths
        self._telemetry = telemetry
        self._on_fatal = on_fatal

    def handlers(self) -> grpc.GenericRpcHandler:
        """What a server registers."""
        calls: dict[str, Unary] = {
            "GetConfidence": self.get_confidence,
            "BatchGetConfidence": self.batch_get_confidence,
            "ListConfidences": self.list_confidences,
            "ListMetrics": self.list_metrics,
            "SubmitFeedback": self.submit_feedback,
        }
        watch: Stream = self.watch_confidences
        if self._tracing is not None:
            calls = {
                name: traced(self._tracing, f"{SERVICE}/{name}", call)
                for name, call in calls.items()
            }
            watch = traced_stream(self._tracing, f"{SERVICE}/WatchConfidences", watch)
        handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
            name: grpc.unary_unary_rpc_method_handler(call) for name, call in calls.items()
        }
        handlers["WatchConfidences"] = grpc.unary_stream_rpc_method_handler(watch)
        return grpc.method_handlers_generic_handler(SERVICE, handlers)

    async def get_confidence(self, data: bytes, context: Context) -> bytes:
        """The visible score of one result."""
        # Written out for speed: the other calls go through `_answer`.
        try:
            request, caller = await self._admitted(_GET, data, context)
            reply = await self._look_ups.get(request, context, caller)
        except (StatusError, RetryableError, FatalError) as error:
            return await self._end("GetConfidence", error, context)
        self._telemetry.count(QUERY_CALLS, _GET_OK)
        return reply

    async def batch_get_confidence(self, data: bytes, context: Context) -> bytes:
        """Up to 100 look-ups at once; each answers for itself."""

        async def answer() -> bytes:
            request, caller = await self._admitted(
                service_pb2.BatchGetConfidenceRequest, data, context
            )
            return await self._look_ups.batch(request, caller)

        return await self._answer("BatchGetConfidence", answer(), context)

    async def watch_confidences(self, data: bytes, context: Context) -> AsyncIterator[bytes]:
        """Scores as they become visible."""
        try:
            request, _ = await self._admitted(service_pb2.WatchConfidencesRequest, data, context)
            async for reply in self._watches.watch(request):
                yield reply
        except (StatusError, RetryableError, FatalError) as error:
            await self._end("WatchConfidences", error, context)

    async def list_confidences(self, data: bytes, context: Context) -> bytes:
        """Scores by filter, newest first, in pages."""

        async def answer() -> bytes:
            request, _ = await self._admitted(service_pb2.ListConfidencesRequest, data, context)
            return await list_page(self._store, self._evidence, self._certificates, request)

        return await self._answer("ListConfidences", answer(), context)

    async def list_metrics(self, data: bytes, context: Context) -> bytes:
        """The catalogue of metrics with their measured strengths."""

        async def answer() -> bytes:
            request, _ = await self._admitted(service_pb2.ListMetricsRequest, data, context)
            return encode_catalogue(self._metrics, self._strengths, request.family)

        return await self._answer("ListMetrics", answer(), context)

    async def submit_feedback(self, data: bytes, context: Context) -> bytes:
        """Publishes a label; answers after the broker has acknowledged it."""

        async def answer() -> bytes:
            request, _ = await self._admitted(service_pb2.SubmitFeedbackRequest, data, context)
            trace = traceparent_to_pass_on(context)
            return await self._labelling.submit(request, context.time_remaining(), trace)

        return await self._answer("SubmitFeedback", answer(), context)

    async def _admitted(
        self, kind: type[Request], data: bytes, context: Context
    ) -> tuple[Request, Caller]:
        """The request of a caller who may send it; who calls is settled before a byte is read."""
        if self._door.open:
            return _parse(kind, data), ANYBODY
        caller = await self._door.caller(context)
        request = _parse(kind, data)
        self._door.admit(caller, request)
        return request, caller

    async def _answer(self, method: str, answer: Awaitable[bytes], context: Context) -> bytes:
        try:
            reply = await answer
        except (StatusError, RetryableError, FatalError) as error:
            return await self._end(method, error, context)
        self._telemetry.count(QUERY_CALLS, (method, _OK))
        return reply

    async def _end(
        self, method: str, error: StatusError | RetryableError | FatalError, context: Context
    ) -> NoReturn:
        status = self._status(error)
        self._telemetry.count(QUERY_CALLS, (method, status.code.name))
        await status.end(context)

    def _status(self, error: StatusError | RetryableError | FatalError) -> StatusError:
        if isinstance(error, StatusError):
            return error
        if isinstance(error, RetryableError):
            _log.warning("query.call.retryable", error=str(error))
            return of_retryable(error)
        if isinstance(error, DataRefusedError):
            # Whoever brings it must not end the look-ups of all by that.
            _log.error("query.call.refused", error=str(error))
            return StatusError(grpc.StatusCode.INTERNAL, "the store cannot answer this call")
        _log.error("query.call.fatal", error=str(error))
        self._on_fatal(error)
        # What is wrong with the store is for the log, not for callers.
        return unavailable("the store cannot serve")


class NoTelemetry:
    """Nobody wants to know."""

    def count(self, what: Instrument, labels: tuple[str, ...] = (), amount: float = 1) -> None:
        """Nothing."""

    def set(
        self,
        what: Instrument,
        value: float,
        labels: tuple[str, ...] = (),
        *,
        good_for_s: float | None = None,
    ) -> None:
        """Nothing."""

    def forget(self, what: Instrument, labels: tuple[str, ...] = ()) -> None:
        """Nothing."""

    def observe(self, what: Instrument, value: float, labels: tuple[str, ...] = ()) -> None:
        """Nothing."""


def _parse(kind: type[Request], data: bytes) -> Request:
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise StatusError(
            grpc.StatusCode.INVALID_ARGUMENT, f"request is not a {kind.DESCRIPTOR.full_name}"
        ) from error
