"""The client of ConfidenceService: domain values in and out, one layer of retries."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import grpc

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.rpc.answers import (
    CatalogueEntry,
    ConfidenceRecord,
    LabelReceipt,
    Page,
    View,
    WatchEvent,
    read_entry,
    read_event,
    read_item,
    read_page,
    read_receipt,
    read_record,
    view_number,
)
from plimsoll.adapters.rpc.asking import encode_filter
from plimsoll.adapters.rpc.credentials import Metadata, call_metadata, client_credentials
from plimsoll.adapters.rpc.failures import LookUpError, UnavailableError, failure_of
from plimsoll.adapters.telemetry.current import current_trace
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.feedback import Feedback
from plimsoll.domain.identity import ResultKey
from plimsoll.ports.clock import Clock
from plimsoll.ports.store import ScoreFilter
from plimsoll.resilience.retries import RetryBudget, retry_within
from plimsoll.settings.sdk import SdkSettings
from plimsoll.v1 import service_pb2
from plimsoll.v1.service_pb2_grpc import ConfidenceServiceStub
from plimsoll.wire.feedback import feedback_to_proto
from plimsoll.wire.headers import TRACEPARENT, TRACESTATE

if TYPE_CHECKING:
    from plimsoll.v1.service_pb2_grpc import ConfidenceServiceAsyncStub

_MAX_REPLY_BYTES = 32 * 1024 * 1024
_OPTIONS = (
    ("grpc.max_receive_message_length", _MAX_REPLY_BYTES),
    # Retries have one home, and it is not the channel.
    ("grpc.enable_retries", 0),
    # A service that comes back is found soon.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # A machine that dies closes no connection: while a call is open, a silent one is asked whether
    # it lives, as often as it takes. Services allow it every five seconds.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)
# A service that ends takes all calls in flight with it: that many begin again at once.
_RETRIES_IN_RESERVE = 100
_TIMEOUT = timedelta(seconds=10)
_RECONNECT_S = 0.1
_EVERYTHING = ScoreFilter()

Q = TypeVar("Q")
T = TypeVar("T")
Q_contra = TypeVar("Q_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class _Call(Protocol[Q_contra, T_co]):
    def __call__(
        self, request: Q_contra, *, timeout: float, metadata: Metadata
    ) -> Awaitable[T_co]: ...


class ConfidenceClient:
    """Asks one query service at `target` (host:port); errors are those of `failures`.

    `timeout` bounds each call with its retries, on top of what `get` waits. Only what says that
    the service is away or going (UnavailableError) is tried again, under a budget. `credentials`
    speak TLS, and `metadata` gives what each call carries besides (see `open_client`). Use it as
    an async context manager, or call `close`.
    """

    def __init__(
        self,
        target: str,
        *,
        timeout: timedelta = _TIMEOUT,
        credentials: grpc.ChannelCredentials | None = None,
        metadata: Callable[[], Metadata] = tuple,
        clock: Clock | None = None,
    ) -> None:
        self._target = target
        self._timeout = timeout
        self._credentials = credentials
        self._metadata = metadata
        self._clock = clock or SystemClock()
        self._budget = RetryBudget(_RETRIES_IN_RESERVE)
        self._channel: grpc.aio.Channel | None = None
        self._stub: ConfidenceServiceAsyncStub | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Nothing waits here: the channel connects at the first call."""
        self._open()

    async def close(self) -> None:
        """Disconnects; never raises."""
        channel, self._channel, self._stub = self._channel, None, None
        if channel is not None:
            await channel.close()

    stop = close

    async def get(
        self, key: ResultKey, *, wait: timedelta = timedelta(0), view: View = View.FULL
    ) -> ConfidenceRecord:
        """One result's visible score, waited for up to `wait`; LookUpError where there is none."""
        started, patience_s = self._clock.monotonic(), wait.total_seconds()
        request = service_pb2.GetConfidenceRequest(
            tenant=key.tenant, result_id=key.result_id, view=view_number(view)
        )

        async def attempt(left_s: float) -> service_pb2.GetConfidenceResponse:
            if wait:
                waited_s = self._clock.monotonic() - started
                request.wait.FromTimedelta(timedelta(seconds=max(0.0, patience_s - waited_s)))
            return await self._attempt(self._open().GetConfidence, request, left_s)

        reply = await self._retried(attempt, self._timeout + wait)
        return read_record(reply.record)

    async def batch_get(
        self, tenant: str, result_ids: Sequence[str], *, view: View = View.FULL
    ) -> tuple[ConfidenceRecord | LookUpError, ...]:
        """Up to 100 look-ups of one tenant, in the order asked; each answers for itself."""
        request = service_pb2.BatchGetConfidenceRequest(
            tenant=tenant, result_ids=result_ids, view=view_number(view)
        )
        reply = await self._call(self._open().BatchGetConfidence, request)
        return tuple(read_item(item) for item in reply.items)

    async def list(
        self,
        where: ScoreFilter = _EVERYTHING,
        *,
        page_size: int = 0,
        page_token: str = "",
        view: View = View.SUMMARY,
    ) -> Page:
        """A page of visible scores, newest first; 0 takes the service's own size."""
        request = service_pb2.ListConfidencesRequest(
            filter=encode_filter(where),
            page_size=page_size,
            page_token=page_token,
            view=view_number(view),
        )
        return read_page(await self._call(self._open().ListConfidences, request))

    async def list_metrics(self, family: str = "") -> tuple[CatalogueEntry, ...]:
        """The catalogue of metrics, of one family where it is named."""
        request = service_pb2.ListMetricsRequest(family=family)
        reply = await self._call(self._open().ListMetrics, request)
        return tuple(read_entry(info) for info in reply.metrics)

    async def submit_feedback(self, feedback: Feedback) -> LabelReceipt:
        """Publishes a label; back once the broker has it. An empty feedback_id gets a UUID."""
        # Named here, so that a second attempt is the same label.
        named = replace(feedback, feedback_id=feedback.feedback_id or str(uuid.uuid4()))
        request = service_pb2.SubmitFeedbackRequest(feedback=feedback_to_proto(named))
        reply = await self._call(self._open().SubmitFeedback, request)
        return read_receipt(reply)

    async def watch(
        self,
        where: ScoreFilter = _EVERYTHING,
        *,
        resume_token: str = "",
        from_start: bool = False,
        view: View = View.FULL,
    ) -> AsyncIterator[WatchEvent]:
        """Scores as they become visible, and signs of life; goes on by itself after a break.

        UnavailableError where the service stays away for longer than `timeout`.
        """
        request = service_pb2.WatchConfidencesRequest(
            filter=encode_filter(where),
            resume_token=resume_token,
            view=view_number(view),
            from_start=from_start,
        )
        away_since: float | None = None
        while True:
            try:
                async for event in self._stream(request):
                    away_since = None
                    request.resume_token = event.resume_token
                    yield event
            except RetryableError as failure:
                # From the break on, not from the last sign of life: that may be as old as signs are
                # far apart, and older where a line died.
                now = self._clock.monotonic()
                away_since = now if away_since is None else away_since
                if now - away_since > self._timeout.total_seconds():
                    raise
                await self._clock.sleep(max(_RECONNECT_S, failure.delay.total_seconds()))

    async def _stream(
        self, request: service_pb2.WatchConfidencesRequest
    ) -> AsyncIterator[WatchEvent]:
        try:
            stream = self._open().WatchConfidences(request, metadata=self._sent())
            async for reply in stream:
                yield read_event(reply)
        except grpc.aio.AioRpcError as error:
            raise failure_of(error, self._target, tls=self._credentials is not None) from error
        raise UnavailableError(f"{self._target} ended the stream")

    def _sent(self) -> Metadata:
        """What goes with a call: credentials, and the trace that the caller is in."""
        at = current_trace()
        if not at.parent:
            return self._metadata()
        found = ((TRACEPARENT, at.parent), (TRACESTATE, at.state))
        return (*self._metadata(), *((name, value) for name, value in found if value))

    def _open(self) -> ConfidenceServiceAsyncStub:
        if self._stub is None:
            if self._credentials is None:
                channel = grpc.aio.insecure_channel(self._target, options=_OPTIONS)
            else:
                channel = grpc.aio.secure_channel(self._target, self._credentials, options=_OPTIONS)
            self._channel, self._stub = channel, ConfidenceServiceStub(channel)
        return self._stub

    async def _call(self, call: _Call[Q, T], request: Q) -> T:
        return await self._retried(
            lambda left_s: self._attempt(call, request, left_s), self._timeout
        )

    async def _retried(self, attempt: Callable[[float], Awaitable[T]], longest: timedelta) -> T:
        return await retry_within(
            attempt,
            retried=UnavailableError,
            timeout_s=longest.total_seconds(),
            clock=self._clock,
            budget=self._budget,
        )

    async def _attempt(self, call: _Call[Q, T], request: Q, left_s: float) -> T:
        try:
            return await call(request, timeout=left_s, metadata=self._sent())
        except grpc.aio.AioRpcError as error:
            raise failure_of(error, self._target, tls=self._credentials is not None) from error


def open_client(
    sdk: SdkSettings,
    target: str,
    *,
    timeout: timedelta = _TIMEOUT,
    clock: Clock | None = None,
) -> ConfidenceClient:
    """A client with the settings' TLS and token; ConfigurationError where these are wrong."""
    return ConfidenceClient(
        target,
        timeout=timeout,
        credentials=client_credentials(sdk),
        metadata=call_metadata(sdk, target),
        clock=clock,
    )
