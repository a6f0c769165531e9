"""A bounded pool on one database: work in transactions, faults classified, reads asked again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.postgres.connecting import Address, arguments, connect
from plimsoll.adapters.postgres.errors import (
    ConnectionLostError,
    PasswordFileError,
    classify,
    classify_in_use,
)
from plimsoll.adapters.postgres.pool import Pool
from plimsoll.adapters.postgres.prepared import Connection
from plimsoll.domain.errors import FatalError, PlimsollError, RetryableError
from plimsoll.resilience.retries import RetryBudget, retry_within
from plimsoll.settings.postgres import PostgresSettings

T = TypeVar("T")

_SLOW_MS = 3_600_000
# The last of these is what a call meets on a connection that the server has just ended.
_FAULTS_IN_USE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
    asyncpg.InternalClientError,
)
_FAULTS = (*_FAULTS_IN_USE, ValueError)


class Database:
    """Connections to one database that look into one schema first."""

    def __init__(
        self, where: Address, settings: PostgresSettings, schema: str, application: str
    ) -> None:
        self.where = where
        self.schema = schema
        self._settings = settings
        self._arguments = arguments(where, settings, schema, application)
        self._pool: Pool | None = None
        self._clock = SystemClock()
        self._retries = RetryBudget()

    @property
    def is_open(self) -> bool:
        """Whether `open` has succeeded and `close` has not been called."""
        return self._pool is not None

    async def open(self) -> None:
        """Opens the first connection; FatalError where the database is not in UTF-8."""
        if self._pool is not None:
            return
        settings = self._settings
        pool = Pool(
            self._arguments, settings.pool_size, settings.connect_timeout_s, self.where.shown
        )
        try:
            connection = await pool.take()
            encoding = await connection.fetchval("SHOW server_encoding")
        except _FAULTS as error:
            # The cause is left out: the driver's own words may repeat parts of a DSN.
            raise classify(error, self.where.shown) from None
        pool.give_back(connection, None)
        if encoding != "UTF8":
            await pool.close()
            raise FatalError(f"database {self.where.shown} is in {encoding}: make one in UTF8")
        self._pool = pool

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Runs work in one transaction: all of it is kept, or nothing."""

        async def whole(connection: Connection) -> T:
            async with connection.transaction():
                return await work(connection)

        return await self.once(whole)

    async def once(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Runs one statement, which is a transaction of its own."""
        pool = self._pool
        if pool is None:
            raise RetryableError(f"database {self.where.shown} is not open")
        try:
            connection = await pool.take()
            try:
                found = await work(connection)
            except BaseException as error:
                pool.give_back(connection, error)
                raise
            else:
                pool.give_back(connection, None)
                return found
        except (*_FAULTS_IN_USE, PasswordFileError) as error:
            raise self._classified(error) from error

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Runs one statement that only reads; again where the connection was lost meanwhile."""
        try:
            return await self.once(work)
        except ConnectionLostError:
            # Every idle connection may be lost at once: a restart of the server.
            return await self._patiently(lambda: self.once(work))

    async def read_at_once(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Runs several that only read, all at one moment of the database."""

        async def whole(connection: Connection) -> T:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                return await work(connection)

        return await self.read(whole)

    async def slowly(self, statement: str) -> None:
        """Runs a statement that may take long, outside a transaction, on a connection of its own.

        Only a lock is not waited for longer than any statement may take.
        """
        patient = self._settings.model_copy(update={"statement_timeout_ms": _SLOW_MS})
        lock = f"SET lock_timeout = {self._settings.statement_timeout_ms:d}"
        try:
            connection = await connect(self.where, patient, self.schema, "plimsoll-upkeep")
            try:
                await connection.execute(lock)
                await connection.execute(statement)
            finally:
                await connection.close()
        except (*_FAULTS, PasswordFileError) as error:
            raise self._classified(error) from None

    async def close(self) -> None:
        """Waits a little for what is under way and closes all connections; never raises."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    def _classified(self, error: BaseException) -> PlimsollError:
        return classify_in_use(error, self.where.shown, renewed=self.where.renews_password)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        async def attempt(_left_s: float) -> T:
            return await call()

        return await retry_within(
            attempt,
            retried=ConnectionLostError,
            timeout_s=self._settings.connect_timeout_s,
            clock=self._clock,
            budget=self._retries,
        )
