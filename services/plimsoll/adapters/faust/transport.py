"""faust's own Kafka clients, with two habits changed that exactness rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from faust import App
from faust.transport.drivers import aiokafka as driver
from faust.types import TP


class _Consumer(driver.Consumer):
    """Reads each partition from where its state ends.

    faust would go on from the committed offset, and it commits past records that it dropped in a
    rebalance. What the state says is durable is the truth; the commit only shows the lag.
    """

    mundane_level = "debug"

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seeks to where the state says, and takes that for committed."""
        transport = self.transport
        if not isinstance(transport, ExactTransport):
            raise TypeError(f"{type(transport).__name__} does not know where to read from")
        assigned = self.assignment()
        at = {tp: offset for tp, offset in transport.positions().items() if tp in assigned}
        # `seek` would change the fetcher under the hands of its own thread.
        await self.seek_wait(at)
        return at

    async def verify_all_partitions_active(self) -> None:
        """Left to our own watch: faust's ends the application where it looks during a seek."""


class _Producer(driver.Producer):
    """Waits for every replica, and never writes twice or out of order where the broker can help."""

    mundane_level = "debug"

    def _settings_extra(self) -> Mapping[str, Any]:
        transport = self.transport
        idempotent = isinstance(transport, ExactTransport) and transport.idempotent
        return {"acks": "all", "enable_idempotence": idempotent}


class ExactTransport(driver.Transport):
    """faust's transport with those two clients."""

    Consumer = _Consumer
    Producer = _Producer

    def __init__(
        self, app: App, positions: Callable[[], Mapping[TP, int]], *, idempotent: bool
    ) -> None:
        super().__init__(app.conf.broker, app)
        self.positions = positions
        self.idempotent = idempotent
