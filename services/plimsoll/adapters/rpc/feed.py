"""One poller that tells everybody who waits what has come into the store."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import islice

import structlog

from plimsoll.domain.errors import DataRefusedError, RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import TopicPartition
from plimsoll.ports.clock import Clock
from plimsoll.ports.store import DeadLetterRow, ScoreStore, VisibleScore

_log = structlog.get_logger(__name__)

_KEYS_PER_LOOK = 500
Outcome = VisibleScore | DeadLetterRow


class ProjectionFeed:
    """Looks at the store's offsets once per `poll` while somebody waits, else not at all.

    Only when they have moved are the keys of all who wait looked up, together.
    """

    def __init__(self, store: ScoreStore, clock: Clock, poll: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._poll_s = poll.total_seconds()
        self._waiting: dict[ResultKey, set[asyncio.Future[Outcome]]] = {}
        self._fresh: set[ResultKey] = set()
        self._seen: dict[TopicPartition, int] = {}
        self._moved = asyncio.Event()
        self._listeners = 0
        self._wanted = asyncio.Event()
        self.waiters = 0
        self.draining = False

    async def run(self) -> None:
        """Polls until it is cancelled."""
        while True:
            await self._wanted.wait()
            try:
                await self._look()
            except RetryableError as error:
                # Those who wait go on waiting, to the end of their own time.
                _log.warning("query.feed.store_unavailable", error=str(error))
                self._seen = {}
                await self._clock.sleep(error.delay.total_seconds())
            await self._clock.sleep(self._poll_s)
            if not self._waiting and not self._listeners:
                self._wanted.clear()

    async def outcome(self, key: ResultKey, longest: timedelta) -> Outcome | None:
        """The key's score or dead letter as soon as there is one; None after `longest`.

        Raises RetryableError where the service drains meanwhile.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, set()).add(future)
        self._fresh.add(key)
        self.waiters += 1
        self._wanted.set()
        if self.draining:
            self.drain()
        try:
            return await asyncio.wait_for(future, longest.total_seconds())
        except TimeoutError:
            return None
        finally:
            self.waiters -= 1
            self._forget(key, future)

    def movement(self) -> asyncio.Event:
        """Is set once the store has moved on; take it before reading, wait for it after."""
        return self._moved

    async def wait_for(self, moved: asyncio.Event, longest: timedelta) -> None:
        """Waits until `moved` is set; TimeoutError after `longest`."""
        self._listeners += 1
        self._wanted.set()
        try:
            await asyncio.wait_for(moved.wait(), longest.total_seconds())
        finally:
            self._listeners -= 1

    def drain(self) -> None:
        """Lets everybody go who waits."""
        self.draining = True
        self._moved.set()
        for futures in self._waiting.values():
            for future in futures:
                if not future.done():
                    future.set_exception(RetryableError("the query service is stopping"))

    async def _look(self) -> None:
        offsets = dict(await self._store.next_offsets())
        moved = offsets != self._seen
        # Who came after the last look is looked up once, moved or not.
        keys = set(self._waiting) if moved else self._fresh & set(self._waiting)
        self._fresh = set()
        self._seen = offsets
        if moved:
            self._moved.set()
            self._moved = asyncio.Event()
        remaining = iter(keys)
        while some := list(islice(remaining, _KEYS_PER_LOOK)):
            await self._resolve_each(some)

    async def _resolve_each(self, keys: list[ResultKey]) -> None:
        try:
            await self._resolve(keys)
        except DataRefusedError as error:
            if len(keys) > 1:
                # One of them is to blame: the others are not to wait in vain for it.
                for key in keys:
                    await self._resolve_each([key])
                return
            for future in self._waiting.get(keys[0], ()):
                if not future.done():
                    future.set_exception(error)

    async def _resolve(self, keys: list[ResultKey]) -> None:
        scores = await self._store.get(keys)
        missing = [key for key in keys if key not in scores]
        letters = await self._store.dead_letters(missing) if missing else {}
        outcomes: dict[ResultKey, Outcome] = {**letters, **scores}
        for key, found in outcomes.items():
            for future in self._waiting.get(key, ()):
                if not future.done():
                    future.set_result(found)

    def _forget(self, key: ResultKey, future: asyncio.Future[Outcome]) -> None:
        futures = self._waiting.get(key, set())
        futures.discard(future)
        if not futures:
            self._waiting.pop(key, None)
