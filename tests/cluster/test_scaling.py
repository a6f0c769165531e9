"""Scorers follow the lag: real lag on a real broker, KEDA, and the autoscaler of Kubernetes."""

from __future__ import annotations

import asyncio
import itertools
import random
from contextlib import suppress

from aiokafka.errors import KafkaError

from tests.cluster.release import SCORERS, Release, over, values
from tests.cluster.traffic import TOPICS, lag, traffic, until
from tests.support.kafka import KafkaBroker
from tests.support.load import produce, stream

# As the chart has it, with windows that a test can wait for.
SCALED = {
    "scorers": {
        "default": {
            "autoscaling": {
                "mode": "keda",
                "minReplicas": 1,
                "maxReplicas": 4,
                "keda": {
                    "lagThreshold": 50,
                    "pollingIntervalSeconds": 1,
                    "behavior": {
                        "scaleDown": {
                            "stabilizationWindowSeconds": 10,
                            "policies": [{"type": "Pods", "value": 4, "periodSeconds": 5}],
                        },
                        "scaleUp": {
                            "policies": [{"type": "Pods", "value": 4, "periodSeconds": 5}],
                        },
                    },
                },
            }
        }
    }
}


async def keep_lag(bootstrap: str) -> None:
    """Publishes as much as keeps four at work, and no more than they are done with soon after.

    However quick they are, there is lag for four whenever somebody looks.
    """
    chance = random.Random("lag")
    numbers = itertools.count()
    while True:
        # Who cannot be told just then asks again.
        with suppress(KafkaError, OSError):
            if await lag(bootstrap) < 1_200:
                records = stream(chance, 600, f"lag{next(numbers)}-")
                await produce(bootstrap, TOPICS.results, records)
        await asyncio.sleep(0.2)


async def test_scorers_follow_the_lag_up_and_down(release: Release, kafka: KafkaBroker) -> None:
    """One scorer becomes four under lag and one again without; nothing is lost or doubled."""
    await asyncio.to_thread(release.upgrade, over(values(kafka.bootstrap), SCALED))
    await until(lambda: len(release.pods(SCORERS)) == 1, "one scorer without lag")
    async with traffic(kafka.bootstrap, release, "scaled") as load:
        lagging = asyncio.ensure_future(keep_lag(kafka.bootstrap))
        try:
            await until(lambda: release.ready(SCORERS) == 4, "four scorers under lag")
            assert not lagging.done(), lagging.exception()
        finally:
            lagging.cancel()
            await asyncio.gather(lagging, return_exceptions=True)
        # Where processor time is scarce, what lags is scored slowly.
        await until(lambda: len(release.pods(SCORERS)) == 1, "one scorer after the lag", 1_200)
    assert load.failed == []
    await load.check()
