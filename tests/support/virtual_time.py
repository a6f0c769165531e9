"""An event loop whose clock jumps to whatever is due next: ten minutes pass in no time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=UTC)
_SHORTEST_S = 10e-9


class _Jumping(selectors.BaseSelector):
    """Does not wait: it moves the clock instead."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; where nothing is, it is later."""
        ready = self._real.select(timeout if timeout is None else 0)
        if not ready and timeout is not None:
            self.now_s += max(0.0, timeout)
        return ready

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """As the real one."""
        return self._real.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """As the real one."""
        return self._real.get_map()

    def close(self) -> None:
        """As the real one."""
        self._real.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that never waits. Whatever runs on a thread must not be waited for with a timer."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since it was made."""
        return self._jumping.now_s


class VirtualClock:
    """The clock of the running virtual loop."""

    def monotonic(self) -> float:
        """Virtual seconds."""
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        """The same, as a date."""
        return START + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        """Waits in virtual time.

        A loop takes what is due within its clock's resolution for due now: a virtual one would
        stand still for whoever waits for less.
        """
        await asyncio.sleep(max(seconds, _SHORTEST_S) if seconds > 0 else 0)


def virtually(main: Callable[[VirtualClock], Awaitable[T]]) -> T:
    """Runs to the end in virtual time."""

    async def whole() -> T:
        return await main(VirtualClock())

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(whole())
