"""Labels on their way to the feedback topic."""

from __future__ import annotations

import asyncio

from plimsoll.domain.feedback import Feedback
from plimsoll.domain.record import Position
from plimsoll.ports.log import LogProducer
from plimsoll.wire.feedback import encode_feedback


class LabelLog:
    """Publishes labels; connects at the first one, so that look-ups need no broker."""

    def __init__(self, producer: LogProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic
        self._started = False
        self._starting = asyncio.Lock()

    async def publish(self, feedback: Feedback, traceparent: str = "") -> Position:
        """Where the broker put it; RetryableError where none acknowledges."""
        async with self._starting:
            if not self._started:
                await self._producer.start()
                self._started = True
        record = encode_feedback(feedback, self._topic, traceparent)
        acknowledged = await self._producer.send(record)
        return await acknowledged

    async def close(self) -> None:
        """Flushes and disconnects; never raises."""
        await self._producer.stop()
