"""Starting a store: one that is away is waited for, one that can never serve ends the start."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog

from plimsoll.domain.errors import RetryableError
from plimsoll.ports.clock import Clock
from plimsoll.resilience.patience import keep_trying

_log = structlog.get_logger(__name__)


class Startable(Protocol):
    """A store that is not started yet."""

    async def start(self) -> None:
        """RetryableError where it is away, FatalError where it can never serve."""


Start = Callable[[Startable], Coroutine[Any, Any, None]]


async def at_once(store: Startable) -> None:
    """For whoever has somebody waiting: a store that is away is told of, not waited for."""
    await store.start()


def when_there(name: str, clock: Clock, count: Callable[[], None]) -> Start:
    """For services: waits for as long as the store is away, and says so once for each reason.

    `count` is called before each wait; what can never serve passes through. Who waits is ended
    by being cancelled.
    """

    async def start(store: Startable) -> None:
        said: str | None = None

        def note(error: RetryableError) -> None:
            nonlocal said
            count()
            if str(error) != said:
                said = str(error)
                _log.warning("store.waits", store=name, error=said)

        await keep_trying(store.start, clock, note)
        if said is not None:
            _log.info("store.there", store=name)

    return start
