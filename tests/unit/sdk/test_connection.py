"""Clients that connect when they are first needed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from plimsoll.domain.errors import RetryableError
from plimsoll.sdk.connection import Connection

SOON = timedelta(milliseconds=20)
LONG = timedelta(seconds=30)


class Client:
    """Starts when `open` is set; fails where `trouble` is given."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.open = asyncio.Event()
        self.trouble = trouble
        self.stopped = 0

    async def start(self) -> None:
        await self.open.wait()
        if self.trouble:
            raise self.trouble

    async def stop(self) -> None:
        self.stopped += 1


async def test_who_gives_up_does_not_break_the_start_that_others_wait_for() -> None:
    """A deadline ends the wait of one caller; the connection goes on and serves the next."""
    client = Client()
    connection = Connection(lambda: client, "broker")
    with pytest.raises(RetryableError, match=r"no connection to the broker within 0\.02 s"):
        await connection.get(SOON)
    client.open.set()
    assert await connection.get(LONG) is client


async def test_all_callers_share_one_client() -> None:
    """Two calls at once start one client."""
    made: list[Client] = []

    def make() -> Client:
        made.append(Client())
        made[-1].open.set()
        return made[-1]

    connection = Connection(make, "broker")
    first, second = await asyncio.gather(connection.get(LONG), connection.get(LONG))
    assert first is second
    assert len(made) == 1


async def test_a_start_that_failed_is_tried_again_with_a_new_client() -> None:
    """The failed client is stopped, and a later call gets a client that works."""
    clients = [Client(RetryableError("refused")), Client()]
    for client in clients:
        client.open.set()
    waiting = list(clients)
    connection = Connection(lambda: waiting.pop(0), "broker", pause=timedelta(0))
    with pytest.raises(RetryableError, match="refused"):
        await connection.get(LONG)
    assert await connection.get(LONG) is clients[1]
    assert clients[0].stopped == 1


async def test_right_after_a_failure_nobody_connects_again() -> None:
    """Within the pause every caller gets the failure, and no second client is made."""
    made: list[Client] = []

    def make() -> Client:
        made.append(Client(RetryableError("refused")))
        made[-1].open.set()
        return made[-1]

    connection = Connection(make, "broker", pause=LONG)
    for _ in range(3):
        with pytest.raises(RetryableError, match="refused"):
            await connection.get(LONG)
    assert len(made) == 1


async def test_closing_stops_the_client_and_ends_its_use() -> None:
    """A closed connection has stopped its client once and makes no other."""
    client = Client()
    client.open.set()
    connection = Connection(lambda: client, "broker")
    await connection.get(LONG)
    await connection.close()
    await connection.close()
    assert client.stopped == 1
    with pytest.raises(RuntimeError, match="closed"):
        await connection.get(LONG)


async def test_closing_while_it_connects_lets_go_of_the_client() -> None:
    """A client that was still connecting is stopped, too."""
    client = Client()
    connection = Connection(lambda: client, "broker")
    with pytest.raises(RetryableError):
        await connection.get(SOON)
    await connection.close()
    assert client.stopped == 1
