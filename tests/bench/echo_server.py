"""The least that a look-up can cost: a grpc.aio server that answers with fixed bytes."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import grpc

METHOD = "/plimsoll.bench.Echo/Echo"


def unchanged(value: bytes) -> bytes:
    """Bytes in, bytes out."""
    return value


async def run(listen: str, reply_bytes: int) -> None:
    """Serves until it is killed."""
    reply = bytes(reply_bytes)

    async def echo(_request: bytes, _context: Any) -> bytes:
        return reply

    _, _, service_and_method = METHOD.partition("/")
    service, _, method = service_and_method.partition("/")
    handler = grpc.unary_unary_rpc_method_handler(echo, unchanged, unchanged)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    server.add_insecure_port(listen)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))
