"""A subscription goes on where its log ends before the place that it had reached."""

from __future__ import annotations

from plimsoll.domain.record import TopicPartition
from plimsoll.sdk.intake import Intake, StartAt
from plimsoll.sdk.selection import Selection
from plimsoll.sdk.visible import VisibleRule
from tests.support.fake_log import FakeConsumer
from tests.unit.sdk.test_subscription import TOPIC, ids, log, result, subscription


async def test_a_commit_beyond_the_end_stops_no_reader() -> None:
    """A log that was cut is read from its start, and its own offsets are committed."""
    source = log(*(result(number) for number in range(3)))
    source.commits["g", TopicPartition(TOPIC, 0)] = (1_000, "")
    assert await ids(subscription(source)) == [("r-0", 0), ("r-1", 0), ("r-2", 0)]
    assert source.committed("g", TOPIC) == 3


async def test_what_was_in_hand_of_the_old_log_acknowledges_nothing_of_the_new() -> None:
    """An offset of the new log is committed for its own event, not for one that stood there."""
    old, new = (log(*(result(number) for number in numbers)) for numbers in ((0, 1), (10, 11)))
    partition = TopicPartition(TOPIC, 0)
    intake = Intake(Selection(), VisibleRule(100), StartAt.BEGINNING)
    await intake.assign(FakeConsumer(old, [TOPIC], "g"), [partition])
    for record in old.records(TOPIC):
        intake.take(record)
    in_hand = intake.give()
    assert in_hand is not None
    for record in new.records(TOPIC):
        intake.take(record)
    intake.acknowledge(in_hand)
    assert intake.due() == {partition: (0, "")}
    first = intake.give()
    assert first is not None
    assert first.key.result_id == "r-10"
    intake.acknowledge(first)
    assert intake.due() == {partition: (1, "")}
