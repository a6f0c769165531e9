"""An indexer that dies of SIGKILL at the step of an erasure that a file names.

All of it is the indexer's own; only the doors of its adapters are watched.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.sqlite import judge_store, key_store, store
from plimsoll.indexer.app import run_indexer
from plimsoll.settings.model import Settings

Door = Callable[..., Awaitable[Any]]
Scrub = Callable[..., None]


class Step(StrEnum):
    """Where an indexer dies, in the order in which it carries an erasure out."""

    BEFORE_ANYTHING = "before-anything"
    KEYS_IN_THE_FILE = "keys-in-the-file"
    AFTER_THE_KEYS = "after-the-keys"
    ROWS_IN_THE_FILE = "rows-in-the-file"
    AFTER_THE_ROWS = "after-the-rows"
    REPLIES_IN_THE_FILE = "replies-in-the-file"
    AFTER_THE_REPLIES = "after-the-replies"
    AFTER_THE_RECEIPT = "after-the-receipt"

    def order(self, file: Path) -> None:
        """Orders the indexer that watches this file to die there."""
        file.write_text(self, encoding="utf-8")


class Doors:
    """The doors of the adapters, with death behind the one that the order names."""

    def __init__(self, order: Path) -> None:
        self._order = order

    def erase(self, real: Door, after: Step) -> Door:
        """A store's: it has committed and written its file anew when it is passed."""

        async def erase(*given: Any) -> Any:
            self._reach(Step.BEFORE_ANYTHING)
            gone = await real(*given)
            self._reach(after)
            return gone

        return erase

    def scrub(self, real: Scrub, step: Step) -> Scrub:
        """What writes a file anew: bytes of what was deleted are still in it."""

        def scrub(*given: Any) -> None:
            self._reach(step)
            real(*given)

        return scrub

    def send(self, real: Door) -> Door:
        """The producer's; a receipt counts once the brokers have acknowledged it."""

        async def send(*given: Any) -> Any:
            acknowledged = await real(*given)
            acknowledged.add_done_callback(self._arrived)
            return acknowledged

        return send

    def _arrived(self, acknowledged: asyncio.Future[Any]) -> None:
        if not acknowledged.cancelled() and acknowledged.exception() is None:
            self._reach(Step.AFTER_THE_RECEIPT)

    def _reach(self, step: Step) -> None:
        if self._order.read_text(encoding="utf-8") == step:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(doors: Doors) -> None:
    """Sets the doors before those of what the indexer is composed of."""
    for owner, name, door in (
        (key_store.SqliteKeyStore, "erase", partial(doors.erase, after=Step.AFTER_THE_KEYS)),
        (store.SqliteScoreStore, "erase", partial(doors.erase, after=Step.AFTER_THE_ROWS)),
        (judge_store.SqliteJudgeStore, "erase", partial(doors.erase, after=Step.AFTER_THE_REPLIES)),
        (key_store, "scrub", partial(doors.scrub, step=Step.KEYS_IN_THE_FILE)),
        (store, "scrub", partial(doors.scrub, step=Step.ROWS_IN_THE_FILE)),
        (judge_store, "scrub", partial(doors.scrub, step=Step.REPLIES_IN_THE_FILE)),
        (KafkaLogProducer, "send", doors.send),
    ):
        setattr(owner, name, door(getattr(owner, name)))


if __name__ == "__main__":
    watch(Doors(Path(sys.argv[1])))
    asyncio.run(run_indexer(Settings()))
