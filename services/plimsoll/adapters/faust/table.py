"""The changelog of a stream's state as a faust table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import faust
from faust.types import TP, EventT

# Chooses between the value held and a later one of the same key.
Choose = Callable[[bytes, bytes], bytes]


class ChangelogTable(faust.Table):  # type: ignore[type-arg]  # not generic at run time
    """What the changelog holds, by partition, as far as faust has recovered it.

    The table is read when faust has recovered it and is not written through: whoever keeps the
    state writes to the changelog topic and waits for the broker.
    """

    mundane_level = "debug"

    def __init__(
        self,
        app: faust.App,
        *,
        choose: Choose,
        recovered: Callable[[frozenset[int]], Awaitable[None]],
        name: str,
        partitions: int,
    ) -> None:
        super().__init__(app, name=name, partitions=partitions, key_type=bytes, value_type=bytes)
        self._choose = choose
        self._recovered = recovered
        self._rows: defaultdict[int, dict[bytes, bytes]] = defaultdict(dict)

    def rows(self, partition: int) -> Mapping[bytes, bytes]:
        """The rows of one partition."""
        return self._rows[partition]

    def keep(self, partition: int, key: bytes, value: bytes | None) -> None:
        """Notes one row; None deletes it."""
        rows = self._rows[partition]
        if value is None:
            rows.pop(key, None)
        elif key in rows:
            rows[key] = self._choose(rows[key], value)
        else:
            rows[key] = value

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]]) -> None:
        """Called by faust with what it has read of the changelog."""
        for event in batch:
            message = event.message
            if message.key is not None:
                self.keep(message.partition, bytes(message.key), message.value)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Called by faust when the changelog has been read, before the stream goes on."""
        await super().on_recovery_completed(active_tps, standby_tps)
        ours = frozenset(tp.partition for tp in active_tps)
        for partition in self._rows.keys() - ours:
            del self._rows[partition]
        await self._recovered(ours)
