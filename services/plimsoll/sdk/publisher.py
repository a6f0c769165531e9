"""Publishes results for scoring, and knows that the broker has them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta

from plimsoll.adapters.telemetry.current import current_trace
from plimsoll.domain.errors import PoisonError, RetryableError
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.domain.result import LlmResult
from plimsoll.ports.log import LogProducer
from plimsoll.ports.tracing import TraceContext
from plimsoll.sdk.connection import Connection
from plimsoll.sdk.outgoing import Outgoing
from plimsoll.wire.publish import encode_result
from plimsoll.wire.records import Decoded, IngestRules, decode


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """Where results go, as what, and what the scorers behind that topic take."""

    topic: str
    rules: IngestRules
    ack_timeout: timedelta = timedelta(seconds=10)
    max_unacknowledged: int = 256


class Publisher:
    """Sends results to the topic that scorers read.

    Publishing the same result twice is harmless: the same ID with the same content has one score.
    """

    def __init__(self, producer: Connection[LogProducer], options: PublishOptions) -> None:
        self._producer = producer
        self._options = options

    async def publish(self, result: LlmResult, *, traceparent: str = "") -> Position:
        """Sends one result and waits for the broker's acknowledgement; gives where it stands.

        ValueError where a scorer could only park it as poison; RetryableError where it was not
        acknowledged in time (it may still arrive; publish it again); FatalError where the broker
        refuses this client.
        """
        return await self.deliver(self.prepare(result, traceparent))

    async def publish_many(self, results: Iterable[LlmResult]) -> AsyncIterator[Position]:
        """Sends results in order, many in flight, and yields each one's position; as `publish`."""
        waiting: deque[asyncio.Task[Position]] = deque()
        try:
            for result in results:
                waiting.append(asyncio.create_task(self.deliver(self.prepare(result))))
                if len(waiting) >= self._options.max_unacknowledged:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def prepare(self, result: LlmResult, traceparent: str = "") -> Outgoing:
        """Encodes a result and reads it back as a scorer will; ValueError says what is wrong.

        Without a `traceparent` the result takes the active span of OpenTelemetry along, if any.
        """
        trace = TraceContext(traceparent) if traceparent else current_trace()
        try:
            record = encode_result(
                result, self._options.topic, traceparent=trace.parent, tracestate=trace.state
            )
        except PoisonError as poison:
            raise ValueError(str(poison)) from poison
        (read,) = decode(_as_consumed(record), self._options.rules)
        if isinstance(read, Decoded):
            return Outgoing(result.key, record, read.input_digest)
        raise ValueError(f"{result.key} would be parked: {read}") from read

    async def deliver(self, outgoing: Outgoing) -> Position:
        """Sends what was prepared and waits for the acknowledgement; errors as `publish`."""
        limit = self._options.ack_timeout
        producer = await self._producer.get(limit)
        try:
            async with asyncio.timeout(limit.total_seconds()):
                acknowledged = await producer.send(outgoing.record)
                # Giving up on the answer must not touch what is on its way to the broker.
                return await asyncio.shield(acknowledged)
        except TimeoutError:
            raise RetryableError(
                f"{outgoing.key} was not acknowledged within {limit.total_seconds():g} s; "
                "it may still arrive, and publishing it again is harmless"
            ) from None
        except PoisonError as poison:
            raise ValueError(f"the broker refuses {outgoing.key}: {poison}") from poison


def _as_consumed(record: OutRecord) -> Record:
    return Record(record.topic, 0, 0, 0, record.key, record.value, record.headers)
