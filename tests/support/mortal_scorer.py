"""A scorer that dies of SIGKILL at a named step of a judged result, once for each order to.

All of it is the scorer's own; only the doors of its adapters are watched. The order is a file that
holds a step's name: it is taken away by who dies of it, so that the successor lives.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from plimsoll.adapters.bedrock.judge import BedrockJudge
from plimsoll.adapters.kafka.consumer import KafkaLogConsumer
from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.sqlite.judge_store import SqliteJudgeStore
from plimsoll.scorer.__main__ import main

Door = Callable[..., Awaitable[Any]]


class Step(StrEnum):
    """Where a worker dies, in the order of a result's way."""

    BEFORE_THE_CALL = "before-the-call"
    AFTER_THE_REPLY = "after-the-reply"
    AFTER_THE_MEMO = "after-the-memo"
    AFTER_THE_PUBLISH = "after-the-publish"
    BEFORE_THE_COMMIT = "before-the-commit"

    def order(self, file: Path) -> None:
        """Orders the scorer that watches this file to die there."""
        file.write_text(self, encoding="utf-8")


class Doors:
    """The doors of the adapters, with death behind the one that the order names."""

    def __init__(self, order: Path) -> None:
        self._order = order
        # A commit before it would be that of an earlier result.
        self._published = False

    def ask(self, real: Door) -> Door:
        """A judge's."""

        async def ask(*given: Any) -> Any:
            self._reach(Step.BEFORE_THE_CALL)
            reply = await real(*given)
            self._reach(Step.AFTER_THE_REPLY)
            return reply

        return ask

    def remember(self, real: Door) -> Door:
        """The memo's."""

        async def remember(*given: Any) -> Any:
            stands = await real(*given)
            self._reach(Step.AFTER_THE_MEMO)
            return stands

        return remember

    def send(self, real: Door) -> Door:
        """The producer's; a send counts once the brokers have acknowledged it."""

        async def send(*given: Any) -> Any:
            acknowledged = await real(*given)
            acknowledged.add_done_callback(self._arrived)
            return acknowledged

        return send

    def commit(self, real: Door) -> Door:
        """The consumer's."""

        async def commit(*given: Any) -> Any:
            if self._published:
                self._reach(Step.BEFORE_THE_COMMIT)
            return await real(*given)

        return commit

    def _arrived(self, acknowledged: asyncio.Future[Any]) -> None:
        if acknowledged.cancelled() or acknowledged.exception() is not None:
            return
        self._reach(Step.AFTER_THE_PUBLISH)
        self._published = True

    def _reach(self, step: Step) -> None:
        if self._order.exists() and self._order.read_text(encoding="utf-8") == step:
            self._order.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def watch(doors: Doors) -> None:
    """Sets the doors before those of the classes that the scorer is composed of."""
    for owner, name, door in (
        (BedrockJudge, "ask", doors.ask),
        (SqliteJudgeStore, "remember", doors.remember),
        (KafkaLogProducer, "send", doors.send),
        (KafkaLogConsumer, "commit", doors.commit),
    ):
        setattr(owner, name, door(getattr(owner, name)))


if __name__ == "__main__":
    watch(Doors(Path(sys.argv[1])))
    sys.exit(main())
