"""Labels on their way to their topic."""

from __future__ import annotations

import asyncio

import pytest

from plimsoll.domain.errors import RetryableError
from plimsoll.domain.feedback import Feedback, FeedbackSource
from plimsoll.domain.identity import ResultKey
from plimsoll.pipeline.labels import LabelLog
from plimsoll.wire.feedback import decode_feedback
from tests.support.fake_clock import FakeClock
from tests.support.fake_log import FakeLog, FakeProducer

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
LABEL = Feedback("f-1", ResultKey("default", "a"), True, FeedbackSource.HUMAN)


class LateProducer(FakeProducer):
    """Connects at the second attempt, and counts attempts."""

    def __init__(self, log: FakeLog) -> None:
        super().__init__(log)
        self.starts = 0

    async def start(self) -> None:
        """Fails once."""
        self.starts += 1
        await asyncio.sleep(0)
        if self.starts == 1:
            raise RetryableError("no broker")


async def test_a_label_is_written_under_its_results_key() -> None:
    """The position is the broker's, the value reads back as the label."""
    log = FakeLog.of(FakeClock(), feedback=1)
    labels = LabelLog(FakeProducer(log), "feedback")
    at = await labels.publish(LABEL, TRACE)
    (record,) = log.records("feedback")
    assert record.header("traceparent") == TRACE.encode()
    assert (at.offset, record.key) == (0, b"default/a")
    assert decode_feedback(record.value or b"") == LABEL
    await labels.close()


async def test_it_connects_when_it_is_first_needed() -> None:
    """A broker that is away fails the label and not the next one; all connect once."""
    log = FakeLog.of(FakeClock(), feedback=1)
    producer = LateProducer(log)
    labels = LabelLog(producer, "feedback")
    with pytest.raises(RetryableError):
        await labels.publish(LABEL)
    await asyncio.gather(*(labels.publish(LABEL) for _ in range(5)))
    assert producer.starts == 2
    assert len(log.records("feedback")) == 5
