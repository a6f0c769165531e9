"""Follows a small topic of facts: read whole at first, then on, and whole again after a break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Protocol

import structlog

from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.ports.clock import Clock
from plimsoll.resilience.patience import keep_trying
from plimsoll.settings.kafka import KafkaSettings

_log = structlog.get_logger(__name__)

_POLL_MS = 300
# How often a topic from which nothing comes is looked for, so that silence is not taken for news.
_LOOK_EVERY_S = 10.0
_NO_TOPIC_DELAY = timedelta(seconds=10)
# Between a failure that does not pass by itself and the next try.
_AFTER_FAILURE_S = 60.0
_SWALLOWED_S = 1.0


class Facts(Protocol):
    """What is made of a topic's records."""

    def replace(self, records: Sequence[Record]) -> None:
        """These are all that the topic holds now, in the order of their partitions."""

    def take(self, records: Sequence[Record]) -> None:
        """These came after the others."""

    def lose(self) -> None:
        """The topic is not there or cannot be read now: what was read may be old."""


class TopicFollower:
    """Keeps `facts` up to date for as long as `run` runs; it waits for brokers, and raises nothing.

    A topic that is not there, or may not be read, is asked for again.
    """

    def __init__(
        self, settings: KafkaSettings, topic: str, facts: Facts, clock: Clock, role: str
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._facts = facts
        self._clock = clock
        self._role = role
        self._told = ""
        # Set once it is known what the topic holds, or that there is none.
        self.known = asyncio.Event()

    async def run(self) -> None:
        """Follows until it is cancelled, whatever fails: that is told of, and tried again."""
        while True:
            attempt = asyncio.create_task(keep_trying(self._follow, self._clock, self._wait))
            try:
                await asyncio.wait({attempt})
            finally:
                await _let_go(attempt)
            # What a client cancels by itself ends an attempt, and nothing else.
            self._note_failure(None if attempt.cancelled() else attempt.exception())
            await self._clock.sleep(_AFTER_FAILURE_S)

    async def _follow(self) -> None:
        try:
            async with KafkaReader(self._settings, self._role) as reader:
                await self._read(reader)
        except (FatalError, RetryableError) as error:
            # What this topic says is not worth a service: whatever it is, it goes on without.
            delay = error.delay if isinstance(error, RetryableError) else _NO_TOPIC_DELAY
            raise RetryableError(str(error), delay) from error

    async def _read(self, reader: KafkaReader) -> None:
        partitions = await self._partitions(reader)
        bounds = await reader.bounds(partitions)
        ends = {tp: end for tp, (_, end) in bounds.items()}
        starts = {tp: begin for tp, (begin, _) in bounds.items()}
        whole = [record async for batch in reader.stretch(starts, ends) for record in batch]
        self._facts.replace(whole)
        self._told = ""
        self.known.set()
        heard = self._clock.monotonic()
        async for records in reader.follow(partitions, _POLL_MS, starts=ends):
            now = self._clock.monotonic()
            if records:
                self._facts.take(records)
                heard = now
            elif now - heard > _LOOK_EVERY_S:
                await reader.reach(await self._partitions(reader))
                heard = self._clock.monotonic()

    async def _partitions(self, reader: KafkaReader) -> Sequence[TopicPartition]:
        partitions = await reader.partitions(self._topic)
        if not partitions:
            self.known.set()
            remedy = f"there is no topic {self._topic}: run `plimsoll topics apply`"
            raise RetryableError(remedy, _NO_TOPIC_DELAY)
        return partitions

    def _wait(self, error: RetryableError) -> None:
        self._facts.lose()
        # It may last for ever, as where nobody has made the topic: said once.
        if str(error) != self._told:
            self._told = str(error)
            _log.warning("kafka.topic.unread", topic=self._topic, error=self._told)

    def _note_failure(self, error: BaseException | None) -> None:
        self._facts.lose()
        # Of what nobody foresaw the type only: a message may quote a record.
        what = "cancelled" if error is None else type(error).__name__
        _log.error("kafka.topic.failed", topic=self._topic, error=what)


async def _let_go(task: asyncio.Task[None]) -> None:
    """Cancels a task until it has ended: aiokafka's fetcher may swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_SWALLOWED_S)


@asynccontextmanager
async def followed(follower: TopicFollower) -> AsyncIterator[None]:
    """Follows as long as the block runs."""
    running = asyncio.create_task(follower.run())
    try:
        yield
    finally:
        await _let_go(running)
