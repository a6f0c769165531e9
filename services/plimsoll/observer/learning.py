"""The observer's ear for labels: whoever leads learns from them, and nothing else waits for it."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.errors import PlimsollError, RetryableError
from plimsoll.domain.record import TopicPartition
from plimsoll.pipeline.learned_before import LearnedBefore
from plimsoll.pipeline.learning import Learner, LearnerRules
from plimsoll.ports.clock import Clock
from plimsoll.ports.telemetry import LEARNER, Telemetry
from plimsoll.resilience.patience import keep_trying
from plimsoll.settings.model import Settings
from plimsoll.settings.observer import ObserverSettings

_log = structlog.get_logger(__name__)

_ROLE = "observer"
_NO_TOPIC_DELAY = timedelta(seconds=10)
_BETWEEN_LOOKS_S = 1.0
# How often brokers from which nothing comes are asked: while they are away, a reader is silent.
_ASK_EVERY_S = 10.0
# Between a failure that does not pass by itself and the next try: somebody may have mended it.
_AFTER_FAILURE_S = 60.0


class LabelFollower:
    """Learns beside the windows, on connections of its own, while `leads` says so."""

    def __init__(
        self, settings: Settings, clock: Clock, telemetry: Telemetry, leads: Callable[[], bool]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._telemetry = telemetry
        self._leads = leads
        self._rules = LearnerRules(settings.topics.calibrations, _rules(settings.observer))

    async def run(self) -> None:
        """Until it is cancelled, whatever fails: that is told of, and tried again."""
        try:
            while True:
                attempt = asyncio.create_task(self._learn())
                try:
                    await asyncio.wait({attempt})
                finally:
                    attempt.cancel()
                    await asyncio.wait({attempt})
                await self._note_failure(_raised(attempt))
        finally:
            self._telemetry.forget(LEARNER)

    async def _learn(self) -> None:
        while True:
            while not self._leads():
                self._telemetry.forget(LEARNER)
                await self._clock.sleep(_BETWEEN_LOOKS_S)
            await keep_trying(self._lead, self._clock, self._note_wait)

    async def _lead(self) -> None:
        """One life of a learner; returns where another observer leads."""
        if not self._leads():
            return
        # Until all is known that was learned before.
        self._telemetry.set(LEARNER, 0)
        async with KafkaReader(self._settings.kafka, _ROLE) as reader:
            labels = await _partitions(reader, self._settings.topics.feedback)
            learned = await _partitions(reader, self._settings.topics.calibrations)
            held, bounds = await reader.whole(learned), await reader.bounds(labels)
            before = LearnedBefore(held, bounds)
            producer = KafkaLogProducer(self._settings.kafka, _ROLE)
            await producer.start()
            learner = Learner(self._rules, producer, self._clock, self._telemetry, before)
            heard = self._clock.monotonic()
            try:
                async for records in reader.follow([*labels, *learned]):
                    if not records and self._clock.monotonic() - heard > _ASK_EVERY_S:
                        await _partitions(reader, self._settings.topics.feedback)
                        await reader.reach([*labels, *learned])
                        heard = self._clock.monotonic()
                    await learner.take(records)
                    if not self._leads():
                        return
                    await learner.publish()
                    learner.tell()
                    self._telemetry.set(LEARNER, 1)
            finally:
                learner.forget()
                # Each time tried anew is a connection of its own.
                await asyncio.shield(producer.stop())

    def _note_wait(self, error: RetryableError) -> None:
        self._telemetry.set(LEARNER, 0)
        _log.warning("observer.learner.waits", error=str(error))

    async def _note_failure(self, error: BaseException | None) -> None:
        self._telemetry.set(LEARNER, 0)
        # Of what nobody foresaw type and place only: a message may quote a label.
        said = str(error) if isinstance(error, PlimsollError) else type(error).__name__
        _log.error("observer.learner.failed", error=said, where=_place(error))
        await self._clock.sleep(_AFTER_FAILURE_S)


def _raised(attempt: asyncio.Task[None]) -> BaseException | None:
    # A client may cancel what it waits for: that ends an attempt, not the learner.
    return asyncio.CancelledError() if attempt.cancelled() else attempt.exception()


async def _partitions(reader: KafkaReader, topic: str) -> Sequence[TopicPartition]:
    """RetryableError where there is no such topic."""
    found = await reader.partitions(topic)
    if not found:
        remedy = f"there is no topic {topic}: run `plimsoll topics apply`"
        raise RetryableError(remedy, _NO_TOPIC_DELAY)
    return found


def _rules(settings: ObserverSettings) -> LearningRules:
    return LearningRules(
        error_rates=tuple(sorted(set(settings.promises))),
        failure=settings.promise_failure,
        good_for=timedelta(days=settings.promise_days),
    )


def _place(error: BaseException | None) -> str:
    frames = traceback.extract_tb(None if error is None else error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
