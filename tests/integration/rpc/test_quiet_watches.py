"""Watches that hear nothing for long, and then lose their service or their line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import grpc
import pytest

from plimsoll.adapters.rpc import client as rpc_client
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.adapters.rpc.servicer import SERVICE
from tests.support.fake_clock import FakeClock

Context = grpc.aio.ServicerContext[bytes, bytes]
# How soon a silent line is asked here; that it is a real one costs a new connection at most.
_SOON = {
    "grpc.keepalive_time_ms": 500,
    "grpc.keepalive_timeout_ms": 500,
    "grpc.http2.ping_timeout_ms": 500,
}


class Signs:
    """One sign of life to each watch; it ends the first once `gone` is set."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.begun = 0

    async def watch(self, data: bytes, context: Context) -> AsyncIterator[bytes]:
        """One watch; every second one is refused, as while a service comes back."""
        del data
        self.begun += 1
        if self.begun % 2 == 0:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "coming back")
        ends = self.gone if self.begun == 1 else asyncio.Event()
        yield b""
        await ends.wait()
        await context.abort(grpc.StatusCode.UNAVAILABLE, "going")

    @asynccontextmanager
    async def served(self) -> AsyncIterator[int]:
        """The port."""
        server = grpc.aio.server()
        handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
            "WatchConfidences": grpc.unary_stream_rpc_method_handler(self.watch)
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            yield port
        finally:
            await server.stop(None)


@asynccontextmanager
async def line(to: int, dead: asyncio.Event) -> AsyncIterator[int]:
    """A port that leads to another; what is connected when `dead` is set is heard no more."""
    open_lines: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while read := await reader.read(65_536):
            writer.write(read)

    async def die() -> None:
        await dead.wait()
        for one in tuple(open_lines):
            one.cancel()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", to)
        writers.extend((writer, back))
        open_lines.update(
            {asyncio.create_task(copy(reader, back)), asyncio.create_task(copy(there, writer))}
        )

    dying = asyncio.create_task(die())
    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in (dying, *open_lines):
            task.cancel()
        for writer in writers:
            writer.close()


async def test_a_quiet_watch_has_its_whole_time_to_find_its_service_again() -> None:
    """That nothing was heard for long before a break does not count: signs are seconds apart."""
    clock, service = FakeClock(), Signs()
    async with service.served() as port:
        target, timeout = f"127.0.0.1:{port}", timedelta(seconds=5)
        async with ConfidenceClient(target, timeout=timeout, clock=clock) as client:
            watch = client.watch()
            assert (await anext(watch)).record is None
            clock.seconds += 100.0
            service.gone.set()
            assert (await anext(watch)).record is None
    assert service.begun == 3


async def test_a_watch_over_a_dead_line_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that dies closes no connection: the silence is noticed, and another one opened."""
    quick = tuple((name, _SOON.get(name, value)) for name, value in rpc_client._OPTIONS)
    monkeypatch.setattr(rpc_client, "_OPTIONS", quick)
    dead, service = asyncio.Event(), Signs()
    async with service.served() as to, line(to, dead) as port:
        target, timeout = f"127.0.0.1:{port}", timedelta(seconds=600)
        async with ConfidenceClient(target, timeout=timeout) as client:
            watch = client.watch()
            assert (await anext(watch)).record is None
            dead.set()
            async with asyncio.timeout(600):
                assert (await anext(watch)).record is None
    assert service.begun >= 3
