"""Processor time of a look-up beside an empty grpc.aio echo of the same reply size."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from statistics import median

import grpc

from plimsoll.v1 import service_pb2
from tests.bench.echo_server import METHOD, unchanged
from tests.bench.figures import Figure
from tests.bench.records import load, sample_records
from tests.bench.rig import Rig, cpu_seconds, say
from tests.support.ports import free_port
from tests.support.reader import ends_of, wait_until_committed
from tests.support.services import Service
from tests.support.store_reader import wait_until_projected

GET = "/plimsoll.v1.ConfidenceService/GetConfidence"
BATCH_GET = "/plimsoll.v1.ConfidenceService/BatchGetConfidence"
CALLERS = 16
BATCH_KEYS = 100
# Processor time is told in hundredths of a second: fewer might take none.
LEAST_CALLS = 1_000


async def measure(rig: Rig, sample: Sequence[bytes]) -> list[Figure]:
    """Fills the store through the pipeline, then calls both servers in turn."""
    names = await fill(rig, sample)
    query = rig.fleet.query(rig.settings)
    async with grpc.aio.insecure_channel(rig.settings.query.listen) as channel:
        await asyncio.wait_for(channel.channel_ready(), 300)
        requests = [
            service_pb2.GetConfidenceRequest(tenant="bench", result_id=name).SerializeToString()
            for name in names
        ]
        reply = await channel.unary_unary(GET, unchanged, unchanged)(requests[0])
        figures = await against_echo(rig, query, channel, requests, len(reply))
        return [*figures, await batches(rig, query, channel, names)]


async def fill(rig: Rig, sample: Sequence[bytes]) -> list[str]:
    """Scores and projects the sample; gives its result IDs."""
    names = [f"look-{number}" for number in range(max(len(sample), BATCH_KEYS))]
    topics, group = rig.settings.topics, rig.settings.scorer.group_id
    await load(rig.bootstrap, topics.results, list(sample_records(sample, len(names), "look")))
    scorer, indexer = rig.fleet.scorer(rig.settings), rig.fleet.indexer(rig.settings)
    await wait_until_committed(rig.bootstrap, group, topics.results)
    await wait_until_projected(rig.settings.store.path, await ends_of(rig.bootstrap, topics.scores))
    scorer.kill()
    indexer.kill()
    return names


async def against_echo(
    rig: Rig, query: Service, channel: grpc.aio.Channel, requests: Sequence[bytes], reply_bytes: int
) -> list[Figure]:
    """GetConfidence and the echo, in turn, by server time per call."""
    listen = f"127.0.0.1:{free_port()}"
    echo = rig.fleet.start("tests.bench.echo_server", rig.settings, listen, str(reply_bytes))
    micros: dict[str, list[float]] = {"get": [], "echo": []}
    async with grpc.aio.insecure_channel(listen) as echo_channel:
        await asyncio.wait_for(echo_channel.channel_ready(), 300)
        for round_number in range(rig.sizes.repetitions + 1):
            for name, server, where, method in (
                ("get", query, channel, GET),
                ("echo", echo, echo_channel, METHOD),
            ):
                before = cpu_seconds(server)
                calls = max(rig.sizes.calls, LEAST_CALLS)
                await call(where, method, requests, calls)
                if round_number:
                    spent = cpu_seconds(server) - before
                    micros[name].append(spent / calls * 1e6)
    echo.kill()
    get, empty = median(micros["get"]), median(micros["echo"])
    ratio = median(e / g for g, e in zip(micros["get"], micros["echo"], strict=True))
    say(f"look-up: {get:.0f} µs a call, echo of {reply_bytes} bytes {empty:.0f} µs")
    aim = "calls per core: 0.85 of the echo or more"
    return [Figure("get_confidence_per_core", 1e6 / get, "1/s", 1e6 / empty, ratio, aim)]


async def batches(
    rig: Rig, query: Service, channel: grpc.aio.Channel, names: Sequence[str]
) -> Figure:
    """Items a second and core when asked for a hundred at a time."""
    request = service_pb2.BatchGetConfidenceRequest(tenant="bench", result_ids=names[:BATCH_KEYS])
    calls = max(rig.sizes.calls, LEAST_CALLS) // 20
    before, started = cpu_seconds(query), time.monotonic()
    await call(channel, BATCH_GET, [request.SerializeToString()], calls)
    items = calls * BATCH_KEYS
    say(f"batches: {items / (time.monotonic() - started):,.0f} items a second by the clock")
    return Figure("batch_get_items_per_core", items / (cpu_seconds(query) - before), "1/s")


async def call(
    channel: grpc.aio.Channel, method: str, requests: Sequence[bytes], count: int
) -> None:
    """`count` calls by sixteen callers at once."""
    stub = channel.unary_unary(method, unchanged, unchanged)

    async def caller(first: int) -> None:
        for number in range(first, count, CALLERS):
            await stub(requests[number % len(requests)])

    await asyncio.gather(*(caller(first) for first in range(CALLERS)))
