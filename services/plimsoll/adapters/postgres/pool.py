"""A bounded pool of connections that costs a look-up next to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import asyncpg

from plimsoll.adapters.postgres.turns import Turns
from plimsoll.domain.errors import RetryableError

if TYPE_CHECKING:
    from plimsoll.adapters.postgres.prepared import Connection

_CLOSE_S = 5.0


class Pool:
    """Connections that are opened when they are needed, and kept for whoever comes next.

    The driver's own pool resets each connection by a statement and a task of their own; here
    nothing is ever set on one. What was interrupted is closed and never used again.
    """

    def __init__(self, arguments: Mapping[str, Any], most: int, wait_s: float, name: str) -> None:
        self._arguments = arguments
        self._turns = Turns(most)
        self._wait_s = wait_s
        self._name = name
        self._idle: list[Connection] = []
        self._closed = False

    async def take(self) -> Connection:
        """A connection, to be given back; RetryableError where none is free in time.

        Raises what the driver raises where none can be opened.
        """
        if not self._turns.take_at_once():
            await self._wait()
        connection = self._newest()
        if connection is not None:
            return connection
        try:
            opened: Connection = await asyncpg.connect(**self._arguments)
        except BaseException:
            self._turns.give_back()
            raise
        return opened

    def give_back(self, connection: Connection, error: BaseException | None) -> None:
        """After use, with what ended it: one that was interrupted is closed."""
        odd = error is not None and not isinstance(error, Exception)
        if self._closed or odd or connection.is_in_transaction():
            connection.terminate()
        else:
            # One that is closed is found out when it is taken.
            self._idle.append(connection)
        self._turns.give_back()

    async def close(self) -> None:
        """Closes all connections; never raises."""
        self._closed = True
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.close(timeout=_CLOSE_S)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                connection.terminate()

    def _newest(self) -> Connection | None:
        """The one that was used last, so that those which are not needed stay idle."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.take()
        except TimeoutError as error:
            raise RetryableError(f"database {self._name}: all connections are in use") from error
