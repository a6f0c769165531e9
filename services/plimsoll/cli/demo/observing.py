"""Waits for the observer's windows until they hold every result."""

from __future__ import annotations

import asyncio

from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.cli.demo.facts import Observed
from plimsoll.domain.quality import CONFIDENCE, QualityWindow
from plimsoll.domain.record import TopicPartition
from plimsoll.pipeline.quality_totals import WindowTotal, merge_windows
from plimsoll.settings.model import Settings
from plimsoll.wire.quality import decode_quality


async def wait_for_windows(settings: Settings, results: int, timeout_s: float) -> Observed:
    """Returns once that many results are counted, or when the time is up, with what is there."""
    topic = settings.topics.quality
    windows: list[QualityWindow] = []
    try:
        async with asyncio.timeout(timeout_s), KafkaAdmin(settings.kafka) as admin:
            count = next(f.partitions for f in await admin.describe() if f.name == topic)
            async with KafkaReader(settings.kafka) as reader:
                partitions = [TopicPartition(topic, n) for n in range(count)]
                async for batch in reader.follow(partitions):
                    windows += [decode_quality(record.value or b"") for record in batch]
                    if _counted(merge_windows(windows)) >= results:
                        break
    except TimeoutError:
        pass
    totals = merge_windows(windows)
    series = {total.series for total in totals}
    return Observed(_counted(totals), len({t.start_time for t in totals}), len(series))


def _counted(totals: tuple[WindowTotal, ...]) -> int:
    return sum(total.tally.count for total in totals if total.series.metric == CONFIDENCE)
