"""Publishing: what is poison is refused at its source, and an acknowledgement is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest

from plimsoll.domain.errors import FatalError, PoisonError, RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import OutRecord, Position, Record
from plimsoll.ports.log import LogProducer
from plimsoll.sdk import LlmResult, Response
from plimsoll.sdk.connection import Connection
from plimsoll.sdk.publisher import Publisher, PublishOptions
from plimsoll.wire.records import Decoded, IngestRules, decode

RULES = IngestRules(max_bytes=4_096)
OPTIONS = PublishOptions("llm.results.v1", RULES, ack_timeout=timedelta(seconds=30))
PARIS = LlmResult.from_text("r-1", "Paris")


class FakeProducer:
    """Acknowledges at once, or when it is told to, or with a trouble."""

    def __init__(self, trouble: Exception | None = None, *, holds: bool = False) -> None:
        self.trouble = trouble
        self.holds = holds
        self.sent: list[tuple[OutRecord, asyncio.Future[Position]]] = []
        self.arrived = asyncio.Semaphore(0)

    async def start(self) -> None: ...

    async def send(self, record: OutRecord) -> asyncio.Future[Position]:
        future: asyncio.Future[Position] = asyncio.get_running_loop().create_future()
        self.sent.append((record, future))
        self.arrived.release()
        if self.trouble:
            future.set_exception(self.trouble)
        elif not self.holds:
            future.set_result(Position(record.topic, 0, len(self.sent) - 1))
        return future

    async def flush(self) -> None: ...

    async def stop(self) -> None: ...


def publisher(producer: FakeProducer, options: PublishOptions = OPTIONS) -> Publisher:
    """A publisher over that producer."""
    return Publisher(Connection[LogProducer](lambda: producer, "broker"), options)


async def test_what_is_sent_reads_back_as_what_was_given() -> None:
    """A scorer decodes the record into the same result, under the digest that the client knows."""
    producer = FakeProducer()
    outgoing = publisher(producer).prepare(PARIS)
    assert await publisher(producer).deliver(outgoing) == Position("llm.results.v1", 0, 0)
    sent = producer.sent[0][0]
    (read,) = decode(Record(sent.topic, 3, 9, 0, sent.key, sent.value, sent.headers), RULES)
    assert isinstance(read, Decoded)
    assert LlmResult.of(read.result) == PARIS
    assert read.input_digest == outgoing.input_digest


async def test_the_trace_context_goes_along() -> None:
    """A traceparent is a header of the record."""
    producer = FakeProducer()
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    await publisher(producer).publish(PARIS, traceparent=parent)
    assert ("traceparent", parent.encode()) in producer.sent[0][0].headers


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (LlmResult(ResultKey("default", "a/b"), Response("x")), "result_id"),
        (LlmResult(ResultKey("Default", "r-1"), Response("x")), "tenant"),
        (LlmResult.from_text("r-1", "x" * 5_000), "4096"),
    ],
)
async def test_what_would_be_parked_is_refused_before_it_is_sent(
    result: LlmResult, message: str
) -> None:
    """Bad IDs and oversized results are ValueErrors here, and nothing reaches the topic."""
    producer = FakeProducer()
    with pytest.raises(ValueError, match=message):
        await publisher(producer).publish(result)
    assert producer.sent == []


async def test_an_acknowledgement_that_does_not_come_is_retryable() -> None:
    """The caller is told that it may still arrive, and the record on its way is not touched."""
    producer = FakeProducer(holds=True)
    options = PublishOptions("t", RULES, ack_timeout=timedelta(milliseconds=20))
    with pytest.raises(RetryableError, match="may still arrive"):
        await publisher(producer, options).publish(PARIS)
    assert not producer.sent[0][1].cancelled()


@pytest.mark.parametrize(
    ("trouble", "raised"),
    [
        (RetryableError("no leader"), RetryableError),
        (FatalError("not authorised"), FatalError),
        (PoisonError("too_large", "over max.message.bytes"), ValueError),
    ],
)
async def test_the_brokers_word_passes_through(trouble: Exception, raised: type[Exception]) -> None:
    """Trouble keeps its verdict; what the broker will never take is the caller's bad input."""
    with pytest.raises(raised, match=str(trouble)):
        await publisher(FakeProducer(trouble)).publish(PARIS)


async def test_many_results_go_out_in_order_and_within_the_bound() -> None:
    """Not more than the bound are unacknowledged, and positions come in the order given."""
    producer = FakeProducer(holds=True)
    options = PublishOptions("t", RULES, max_unacknowledged=3)
    taken = 0

    def results() -> Iterator[LlmResult]:
        nonlocal taken
        for number in range(8):
            taken += 1
            yield LlmResult.from_text(f"r-{number}", "x")

    positions = publisher(producer, options).publish_many(results())
    offsets = []
    for number in range(8):
        position = asyncio.ensure_future(anext(positions))
        await producer.arrived.acquire()
        assert taken <= number + 3
        producer.sent[number][1].set_result(Position("t", 0, number))
        offsets.append((await position).offset)
    assert offsets == list(range(8))
    keys = [record.key for record, _ in producer.sent]
    assert keys == [f"default/r-{number}".encode() for number in range(8)]


async def test_a_result_that_is_refused_ends_the_batch() -> None:
    """The caller sees which one was bad; what went before it stays published."""
    bad = LlmResult(ResultKey("default", "a b"), Response("x"))
    positions = publisher(FakeProducer()).publish_many([PARIS, bad, PARIS])
    with pytest.raises(ValueError, match="a b"):
        [position async for position in positions]
