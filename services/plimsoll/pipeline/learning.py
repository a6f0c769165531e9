"""From labels to what is learned of them: restore, fold, publish, each step safe to repeat.

1. What was learned before is read from its topic, with the place that each scope has come to.
2. Every label is folded, from the first on; until those places are reached, what is new waits.
3. Scopes that have changed are published, each with its own place in the same record.

A process killed between any two steps folds the same labels again, to the same end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from plimsoll.calibration.learning.fold import Learning
from plimsoll.calibration.learning.labels import LabelOutcome
from plimsoll.calibration.learning.places import LabelPlace
from plimsoll.calibration.learning.rules import LearningRules
from plimsoll.domain.errors import PoisonError, RetryableError
from plimsoll.domain.learned import LearnedScope, ScopeKey
from plimsoll.domain.record import Record
from plimsoll.pipeline.learned_before import LearnedBefore
from plimsoll.pipeline.learned_figures import LearnedFigures
from plimsoll.ports.clock import Clock
from plimsoll.ports.log import LogProducer
from plimsoll.ports.telemetry import LABELS_READ, Telemetry
from plimsoll.wire.feedback import decode_feedback
from plimsoll.wire.learned import decode_learned, encode_learned

_log = structlog.get_logger(__name__)

# What else the process does comes in between: a label may bring a fit over thousands.
_LABELS_AT_ONCE = 50
_MOST_AHEAD = timedelta(hours=1)
# A producer would wait for as long as brokers are away, and nobody would be told.
_ACKNOWLEDGED_S = 60.0
_TEACHING = (LabelOutcome.TAUGHT, LabelOutcome.CORRECTED, LabelOutcome.RETRACTED)
_UNCOUNTED = (LabelOutcome.KNOWN, LabelOutcome.WAITING)


@dataclass(frozen=True, slots=True)
class LearnerRules:
    """The topic of what is learned, and what is promised."""

    topic: str
    learning: LearningRules


class Learner:
    """One life of a learner: it begins from the topics, and ends where anything fails."""

    def __init__(
        self,
        rules: LearnerRules,
        producer: LogProducer,
        clock: Clock,
        telemetry: Telemetry,
        before: LearnedBefore,
    ) -> None:
        self._rules = rules
        self._producer = producer
        self._clock = clock
        self._telemetry = telemetry
        self._before = before
        # Partitions of which not all is known again that was learned of, with the offset to reach.
        self._recalling = dict(before.to_recall)
        self._learning = Learning(rules.learning, before.scopes)
        self._figures = LearnedFigures(before.scopes, telemetry)
        # Where our own records stand that have not come back yet.
        self._own: set[tuple[int, int]] = set()
        # What somebody who knew less has written over.
        self._again: dict[ScopeKey, LearnedScope] = {}
        self._full = False
        if not self._recalling:
            self._learning.caught_up()
            self._say_caught_up()

    async def take(self, records: Sequence[Record]) -> None:
        """Folds labels; RetryableError where somebody else has published meanwhile.

        Two observers may lead for a moment: one that has stood still wakes up with what it knew.
        Who has learned of more labels puts its own record after the other's; else it begins anew
        from the topic.
        """
        for count, record in enumerate(records, 1):
            if record.topic == self._rules.topic:
                self._meet(record)
            else:
                outcome = self._fold(record)
                # Below what was learned of, what teaches nothing was counted by an earlier life.
                if record.partition not in self._recalling or outcome in _TEACHING:
                    self._count(outcome)
                await self._passed(record)
            if count % _LABELS_AT_ONCE == 0:
                await self._clock.sleep(0)

    async def publish(self) -> None:
        """Returns when what has changed is acknowledged; RetryableError where it may be missing."""
        again, self._again = self._again, {}
        again.update((scope.key, scope) for scope in self._learning.take_changes())
        topic = self._rules.topic
        try:
            # One deadline for both: where brokers take nothing, a full buffer waits as well.
            async with asyncio.timeout(_ACKNOWLEDGED_S):
                sent = [
                    (scope, await self._producer.send(encode_learned(scope, topic)))
                    for scope in again.values()
                ]
                for scope, acknowledged in sent:
                    at = await acknowledged
                    self._own.add((at.partition, at.offset))
                    self._figures.published(scope)
        except TimeoutError as error:
            raise RetryableError("what was learned is not acknowledged") from error

    def tell(self) -> None:
        """How many promises stand now, and how many do not."""
        self._figures.tell(self._clock.now())

    def forget(self) -> None:
        """Whoever learns from now on tells."""
        self._figures.forget()

    def _fold(self, record: Record) -> str:
        try:
            label = decode_feedback(record.value or b"")
            time = self._time(record)
        except (PoisonError, ValueError, OverflowError, OSError) as error:
            reason = error.reason if isinstance(error, PoisonError) else "bad_time"
            where = {"partition": record.partition, "offset": record.offset}
            _log.warning("observer.label.unreadable", reason=reason, **where)
            return "unreadable"
        return self._learning.fold(label, LabelPlace(time, record.partition, record.offset))

    def _time(self, record: Record) -> datetime:
        """When a label came; one clock of the query services that is far ahead ends no promise."""
        said, now = datetime.fromtimestamp(record.timestamp_ms / 1_000, UTC), self._clock.now()
        return now if said - now > _MOST_AHEAD else said

    def _count(self, outcome: str) -> None:
        if outcome not in _UNCOUNTED:
            self._telemetry.count(LABELS_READ, (outcome,))
        if outcome == LabelOutcome.TOO_MANY and not self._full:
            self._full = True
            _log.warning("observer.learner.full", scopes=len(self._learning.scopes))

    async def _passed(self, record: Record) -> None:
        reach = self._recalling.get(record.partition)
        if reach is not None and record.offset + 1 >= reach:
            del self._recalling[record.partition]
            if not self._recalling:
                await self._catch_up()

    async def _catch_up(self) -> None:
        for count, outcome in enumerate(self._learning.catching_up(), 1):
            self._count(outcome)
            if count % _LABELS_AT_ONCE == 0:
                await self._clock.sleep(0)
        self._say_caught_up()

    def _say_caught_up(self) -> None:
        _log.info("observer.learner.caught_up", scopes=len(self._learning.scopes))

    def _meet(self, record: Record) -> None:
        place = record.partition, record.offset
        if place in self._own:
            self._own.discard(place)
            return
        if self._before.holds(record):
            return
        try:
            theirs = decode_learned(record.value or b"")
        except PoisonError:
            theirs = None
        ours = None if theirs is None else self._learning.scopes.get(theirs.key)
        if theirs is None or ours is None or not _precedes(theirs, ours):
            raise RetryableError("another observer has published what it learned")
        self._again[ours.key] = ours


def _precedes(one: LearnedScope, other: LearnedScope) -> bool:
    """Whether the other has learned of all that the one has, and of more."""
    first, second = one.state.cursor, other.state.cursor
    return first != second and all(at <= second.get(part, 0) for part, at in first.items())
