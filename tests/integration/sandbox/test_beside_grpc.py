"""Programs in a process whose threads are at work for gRPC, as a plug-in's client's may be."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import grpc
import pytest

from tests.support.sandboxes import python, real_sandbox, value


@pytest.fixture
def busy_grpc() -> Iterator[None]:
    """A server and a client, in a thread, that are made anew and call each other all the time."""
    enough = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_call_until(enough)))
    thread.start()
    yield
    enough.set()
    thread.join()


async def _call_until(enough: threading.Event) -> None:
    async def echo(request: bytes, _: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        return request

    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Echo": grpc.unary_unary_rpc_method_handler(echo)
    }
    while not enough.is_set():
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("echo", handlers),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/echo/Echo")
            for _ in range(50):
                await asyncio.gather(*(call(b"x") for _ in range(4)))
        await server.stop(None)


@pytest.mark.usefixtures("busy_grpc")
def test_no_library_goes_on_in_what_becomes_the_sandbox() -> None:
    """Every program comes to its value: a copy of this process, with gRPC in it, would crash."""
    sandbox = real_sandbox()
    for number in range(100):
        assert value(sandbox, python("def f(n): return n", f"({number},)")).output
