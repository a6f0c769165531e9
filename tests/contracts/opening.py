"""Opens stores of one kind as often as a suite asks, and closes them all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol, TypeVar


class _Opened(Protocol):
    async def start(self) -> None: ...

    async def close(self) -> None: ...


Store = TypeVar("Store", bound=_Opened)


@asynccontextmanager
async def opening(made: Callable[[], Store]) -> AsyncIterator[Callable[[], Awaitable[Store]]]:
    """Starts another store on the same rows at each call: a second one is a second process."""
    async with AsyncExitStack() as stack:

        async def open_one() -> Store:
            store = made()
            await store.start()
            stack.push_async_callback(store.close)
            return store

        yield open_one
