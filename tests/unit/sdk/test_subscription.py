"""Subscriptions: at least once, each visible revision once, committed after the work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import OutRecord, Record, TopicPartition
from plimsoll.domain.scored import ScoredResult
from plimsoll.sdk.intake import Intake, StartAt
from plimsoll.sdk.selection import OnAbsent, Selection
from plimsoll.sdk.subscription import Ack, Subscription, SubscriptionOptions
from plimsoll.sdk.visible import VisibleRule
from plimsoll.wire.scored import encode_scored
from tests.support.fake_log import FakeConsumer, FakeLog
from tests.unit.sdk.values import NO_CONFIDENCE, scored

TOPIC = "llm.scores.v1"
IDLE = timedelta(milliseconds=150)
HABITS = SubscriptionOptions(ephemeral=False, poll_timeout_ms=5, stop_when_idle=IDLE)
EVERYTHING = Selection()


def log(*events: ScoredResult) -> FakeLog:
    """A log of one partition that holds these events."""
    made = FakeLog.of(SystemClock(), **{TOPIC: 1})
    for event in events:
        made.append(record(event))
    return made


def record(event: ScoredResult) -> OutRecord:
    """A scored event as the scorer publishes it."""
    return encode_scored(event, TOPIC, 262_144)


def result(number: int, *, revision: int = 0, lower: float = 0.8) -> ScoredResult:
    """The scored result number so-and-so."""
    key = ResultKey("default", f"r-{number}")
    return scored(key=key, revision=revision, lower=lower, score_id=f"s-{number}-{revision}")


def subscription(
    source: FakeLog,
    selection: Selection = EVERYTHING,
    *,
    group: str = "g",
    start: StartAt = StartAt.BEGINNING,
    options: SubscriptionOptions = HABITS,
) -> Subscription:
    """A subscription that ends when nothing has come for a moment."""
    return Subscription(
        lambda: FakeConsumer(source, [TOPIC], group),
        Intake(selection, VisibleRule(1_000), start),
        options,
    )


async def ids(stream: Subscription) -> list[tuple[str, int]]:
    """What a reader who acknowledges everything gets, as result IDs and revisions."""
    async with stream:
        return [(event.key.result_id, event.scored.revision) async for event in stream]


async def test_each_visible_revision_is_delivered_once() -> None:
    """Copies, conflicts and superseded revisions are passed over, and all of it adds up."""
    conflict = scored(key=result(1).key, score_id="s-other", input_digest="d-2")
    source = log(result(1), result(1), conflict, result(2), result(1, revision=9), result(1))
    stream = subscription(source)
    assert await ids(stream) == [("r-1", 0), ("r-2", 0), ("r-1", 9)]
    stats = stream.stats
    assert (stats.read, stats.delivered) == (6, 3)
    assert (stats.duplicate, stats.conflict, stats.superseded) == (1, 1, 1)


async def test_a_lower_bound_passes_over_what_is_below_it() -> None:
    """Only events whose interval begins at the bound or above are delivered."""
    source = log(result(1, lower=0.7), result(2, lower=0.69), result(3, lower=0.71))
    stream = subscription(source, Selection(min_lower_bound=0.7))
    assert await ids(stream) == [("r-1", 0), ("r-3", 0)]
    assert stream.stats.filtered == 1


@pytest.mark.parametrize(
    ("on_absent", "delivered"), [(OnAbsent.SKIP, []), (OnAbsent.DELIVER, [("r-1", 0)])]
)
async def test_an_absent_confidence_is_delivered_only_where_asked_for(
    on_absent: OnAbsent, delivered: list[tuple[str, int]]
) -> None:
    """An event without a confidence has no lower bound; the reader says what becomes of it."""
    source = log(scored(of=NO_CONFIDENCE))
    assert await ids(subscription(source, Selection(0.5, on_absent))) == delivered


async def test_a_revision_below_the_bound_still_supersedes() -> None:
    """Once a rescore has put a result below the bound, a late copy of its old score is not told."""
    source = log(result(1), result(1, revision=9, lower=0.1), result(1))
    stream = subscription(source, Selection(min_lower_bound=0.7))
    assert await ids(stream) == []


async def test_tenants_are_told_apart_by_the_key() -> None:
    """A subscription to one tenant passes over the others without decoding them."""
    mine = scored(key=ResultKey("a", "r-1"))
    source = log(scored(key=ResultKey("b", "r-1")), mine)
    source.append(OutRecord(TOPIC, b"b/r-2", b"\xff not protobuf"))
    stream = subscription(source, Selection(tenant="a"))
    assert await ids(stream) == [("r-1", 0)]
    assert (stream.stats.filtered, stream.stats.unreadable) == (2, 0)


async def test_what_cannot_be_read_is_counted_and_does_not_stop_the_stream() -> None:
    """A foreign record on the topic is passed over, and shown in the counts."""
    source = log(result(1))
    source.append(OutRecord(TOPIC, b"default/r-x", b"\xff\xff\xff"))
    source.append(record(result(2)))
    stream = subscription(source)
    assert await ids(stream) == [("r-1", 0), ("r-2", 0)]
    assert stream.stats.unreadable == 1


async def test_leaving_the_loop_leaves_the_event_in_hand_unacknowledged() -> None:
    """A reader that fails on an event gets it again; what came before it does not come back."""
    source = log(result(1), result(2), result(3))

    async def read_until_it_fails() -> None:
        async with subscription(source) as stream:
            async for event in stream:
                if event.key.result_id == "r-2":
                    raise LookupError("the reader's own trouble")

    with pytest.raises(LookupError):
        await read_until_it_fails()
    assert source.committed("g", TOPIC) == 1
    assert await ids(subscription(source)) == [("r-2", 0), ("r-3", 0)]
    assert source.committed("g", TOPIC) == 3


async def test_explicit_acknowledgements_commit_without_a_gap() -> None:
    """With the first of three events still in work, nothing is committed; with it, all three."""
    source = log(result(1), result(2), result(3))
    options = replace(HABITS, ack=Ack.EXPLICIT)
    async with subscription(source, options=options) as stream:
        first, second, third = [event async for event in stream]
        stream.ack(second)
        stream.ack(third)
        stream.ack(third)
    assert source.committed("g", TOPIC) == 0
    async with subscription(source, options=options) as stream:
        again = [event async for event in stream]
        assert [event.position for event in again] == [
            first.position,
            second.position,
            third.position,
        ]
        for event in again:
            stream.ack(event)
    assert source.committed("g", TOPIC) == 3


async def test_a_reader_that_acknowledges_nothing_is_held_at_the_bound() -> None:
    """Events out with the reader are bounded; an acknowledgement lets the next one through."""
    source = log(result(1), result(2), result(3))
    options = replace(HABITS, ack=Ack.EXPLICIT, max_unacknowledged=2, stop_when_idle=None)
    async with subscription(source, options=options) as stream:
        first = await anext(stream)
        await anext(stream)
        third = asyncio.ensure_future(anext(stream))
        done, _ = await asyncio.wait({third}, timeout=0.1)
        assert not done
        stream.ack(first)
        assert (await third).key.result_id == "r-3"


async def test_a_rebalance_repeats_nothing_to_the_same_reader() -> None:
    """What is in hand or was acknowledged is not handed out again when its partition comes back."""
    source = log(*(result(number) for number in range(6)))
    got = []
    async with subscription(source) as stream:
        async for event in stream:
            got.append(event.key.result_id)
            if len(got) in {1, 3}:
                await source.rebalance("g")
    assert got == [f"r-{number}" for number in range(6)]
    assert source.committed("g", TOPIC) == 6


async def test_what_is_in_hand_over_a_rebalance_is_committed_only_when_acknowledged() -> None:
    """The event keeps its offset open through a rebalance, until its reader is done with it."""
    source = log(result(1), result(2))
    options = replace(HABITS, ack=Ack.EXPLICIT)
    async with subscription(source, options=options) as stream:
        first = await anext(stream)
        await source.rebalance("g")
        second = await anext(stream)
        stream.ack(second)
        await source.rebalance("g")
        assert source.committed("g", TOPIC) == 0
        assert [event async for event in stream] == []
        stream.ack(first)
    assert source.committed("g", TOPIC) == 2


async def test_the_buffer_is_bounded_and_a_slow_reader_loses_nothing() -> None:
    """However many events wait on the topic, the subscription holds no more than its bound."""
    source = log(*(result(number) for number in range(40)))
    options = replace(HABITS, buffer_events=4)
    got = 0
    async with subscription(source, options=options) as stream:
        async for _ in stream:
            got += 1
            await asyncio.sleep(0)
            assert stream.queued <= 4
    assert got == 40


async def test_a_new_group_begins_at_the_end_and_goes_on_from_there() -> None:
    """Without offsets a group sees what comes after it joined; later members go on after that."""
    source = log(result(1))
    stream = subscription(source, start=StartAt.END)
    async with stream:
        source.append(record(result(2)))
        assert [event.key.result_id async for event in stream] == ["r-2"]
    source.append(record(result(3)))
    assert await ids(subscription(source, start=StartAt.END)) == [("r-3", 0)]


async def test_a_group_that_got_nothing_still_remembers_where_it_began() -> None:
    """What comes between two members of a group that began at the end is not skipped."""
    source = log(result(1))
    assert await ids(subscription(source, start=StartAt.END)) == []
    source.append(record(result(2)))
    assert await ids(subscription(source, start=StartAt.END)) == [("r-2", 0)]


async def test_an_ephemeral_subscription_commits_nothing_and_survives_a_rebalance() -> None:
    """It goes on where it was, although the group has no offsets."""
    source = log(result(1), result(2))
    options = replace(HABITS, ephemeral=True)
    got = []
    async with subscription(source, options=options) as stream:
        async for event in stream:
            got.append(event.key.result_id)
            await source.rebalance("g")
    assert got == ["r-1", "r-2"]
    assert source.commits == {}


async def test_trouble_that_passes_is_waited_out() -> None:
    """A commit that the group refuses is made up for later."""
    source = log(result(1))
    stream = subscription(source)
    async with stream:
        source.members[0].commit_errors.append(RetryableError("the group has moved on"))
        assert [event.key.result_id async for event in stream] == ["r-1"]
    assert source.committed("g", TOPIC) == 1


async def test_trouble_that_does_not_pass_reaches_the_reader() -> None:
    """A fatal error ends the stream as an error, not as its end."""
    source = log()

    class Refused(FakeConsumer):
        async def poll(self, max_records: int, timeout_ms: int) -> Sequence[Record]:
            raise FatalError("access denied")

    stream = Subscription(
        lambda: Refused(source, [TOPIC], "g"),
        Intake(EVERYTHING, VisibleRule(10), StartAt.BEGINNING),
        SubscriptionOptions(),
    )
    with pytest.raises(FatalError, match="access denied"):
        await anext(stream)
    await stream.close()


async def test_a_place_that_cannot_be_found_is_looked_for_again() -> None:
    """A member that could not read the group's offsets joins anew, and does not begin anywhere."""
    source = log(result(1), result(2))
    coordinator_moves = False

    class Unlucky(FakeConsumer):
        async def committed(self, partition: TopicPartition) -> tuple[int, str] | None:
            if coordinator_moves:
                raise RetryableError("the coordinator is moving", timedelta(0))
            return await super().committed(partition)

    members: list[Unlucky] = []

    def join() -> Unlucky:
        members.append(Unlucky(source, [TOPIC], "g"))
        return members[-1]

    stream = Subscription(
        join,
        Intake(EVERYTHING, VisibleRule(10), StartAt.BEGINNING),
        HABITS,
    )
    async with stream:
        assert (await anext(stream)).key.result_id == "r-1"
        coordinator_moves = True
        with pytest.raises(RetryableError):
            await source.rebalance("g")
        coordinator_moves = False
        assert [event.key.result_id async for event in stream] == ["r-2"]
    assert len(members) == 2
    assert source.committed("g", TOPIC) == 2


async def test_a_closed_subscription_stays_closed() -> None:
    """Asking it for more is a mistake that says so."""
    stream = subscription(log(result(1)))
    await ids(stream)
    with pytest.raises(RuntimeError, match="closed"):
        await anext(stream)
