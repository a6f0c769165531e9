"""The gate where brokers and services are away or silent, on real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from plimsoll.sdk import DecidedBy, GateAnswer, LlmResult, Plimsoll, Verdict
from plimsoll.settings.model import Settings
from tests.support.kafka import KafkaBroker
from tests.support.ports import free_port
from tests.support.services import Fleet
from tests.support.topics import all_names, make_topics

RESULT = LlmResult.from_text("r-1", "Paris")
BRIEF = timedelta(seconds=1)


@asynccontextmanager
async def silent_port() -> AsyncIterator[str]:
    """An address that takes connections and never says a word."""
    done = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        done.set()
        server.close()


async def gated(plimsoll: Plimsoll, deadline: timedelta = BRIEF) -> GateAnswer:
    """The gate's answer; a gate that is late by far fails the test."""
    async with asyncio.timeout(deadline.total_seconds() + 120):
        return await plimsoll.gate(RESULT, deadline=deadline, on_missing="reject")


async def test_no_broker_listens() -> None:
    """A refused connection is an answer, and the trouble is named."""
    address = f"127.0.0.1:{free_port()}"
    async with Plimsoll(bootstrap_servers=address, query=address) as plimsoll:
        answer = await gated(plimsoll)
    assert (answer.verdict, answer.decided_by) == (Verdict.REJECT, DecidedBy.UNREACHABLE)
    assert "broker" in answer.detail


async def test_the_broker_says_nothing() -> None:
    """A connection that hangs is given up at the deadline, by every gate that waits for it."""
    async with (
        silent_port() as address,
        Plimsoll(bootstrap_servers=address, query=address) as plimsoll,
    ):
        answers = await asyncio.gather(*(gated(plimsoll) for _ in range(3)))
        assert {answer.decided_by for answer in answers} == {DecidedBy.UNREACHABLE}
        assert plimsoll.gate_stats.unreachable == 3


async def test_the_query_service_says_nothing(settings: Settings) -> None:
    """The result is published, and the silence behind it is told from "not scored yet"."""
    async with silent_port() as address, Plimsoll(settings=settings, query=address) as plimsoll:
        await plimsoll.publish(RESULT)
        async with asyncio.timeout(300):
            # A gate that stood still while it published had no time left to ask.
            while "query service" not in (answer := await gated(plimsoll)).detail:
                assert answer.decided_by is DecidedBy.UNREACHABLE
    assert answer.decided_by is DecidedBy.UNREACHABLE


async def test_nobody_scores(settings: Settings, ships: Fleet, plimsoll: Plimsoll) -> None:
    """With a query service and no scorer, the gate times out and says that it was not scored."""
    for service in ("indexer", "query"):
        ships.start("plimsoll.cli", settings, service)
    async with asyncio.timeout(300):
        # A gate that spent its time on a service that was starting had none left to wait.
        while (
            "not scored yet" not in (answer := await gated(plimsoll, timedelta(seconds=3))).detail
        ):
            assert answer.decided_by in {DecidedBy.UNREACHABLE, DecidedBy.TIME_OUT}, answer
    assert answer.decided_by is DecidedBy.TIME_OUT


async def test_the_broker_dies_and_comes_back(own_kafka: KafkaBroker, settings: Settings) -> None:
    """A client that has been connected answers through an outage, and publishes after it."""
    await make_topics(own_kafka.bootstrap, all_names(settings.topics))
    query = f"127.0.0.1:{free_port()}"
    async with Plimsoll(
        settings=settings, bootstrap_servers=own_kafka.bootstrap, query=query
    ) as plimsoll:
        await plimsoll.publish(RESULT)
        own_kafka.kill()
        answer = await gated(plimsoll)
        assert answer.decided_by is DecidedBy.UNREACHABLE
        assert "broker" in answer.detail
        own_kafka.start()
        async with asyncio.timeout(300):
            while "broker" in (answer := await gated(plimsoll)).detail:
                assert answer.decided_by is DecidedBy.UNREACHABLE
        position = await plimsoll.publish(LlmResult.from_text("r-2", "Rome"))
    assert position.topic == settings.topics.results
