"""A port that leads to another one for as long as a test wants it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_BITE_BYTES = 65_536


@asynccontextmanager
async def forwarded(port: int, to: int) -> AsyncIterator[None]:
    """Who connects to `port` of 127.0.0.1 reaches `to` while the block runs, nobody before."""
    under_way: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", to)
        both = {
            asyncio.create_task(_copy(reader, back)),
            asyncio.create_task(_copy(there, writer)),
        }
        under_way.update(both)
        await asyncio.wait(both)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while read := await reader.read(_BITE_BYTES):
            writer.write(read)
            await writer.drain()
    except OSError:
        return
    finally:
        writer.close()
