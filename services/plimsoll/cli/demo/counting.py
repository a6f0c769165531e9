"""Counts what a run left behind: from the topics' first offset, and from the store's pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from plimsoll.adapters.kafka.admin import KafkaAdmin
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.adapters.rpc.answers import View
from plimsoll.adapters.rpc.client import ConfidenceClient
from plimsoll.cli.demo.facts import Funnel
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.record import Record, TopicPartition
from plimsoll.settings.model import Settings
from plimsoll.wire.dead_letters import dead_letter_row
from plimsoll.wire.rows import score_row

_PAGE = 500


async def count_funnel(settings: Settings, client: ConfidenceClient) -> Funnel:
    """Reads the three topics from offset 0 and all pages of the store, and compares them."""
    topics = settings.topics
    async with KafkaAdmin(settings.kafka) as admin, KafkaReader(settings.kafka) as reader:
        sizes = {facts.name: facts.partitions for facts in await admin.describe()}
        inputs = await _whole(reader, topics.results, sizes[topics.results])
        events = await _whole(reader, topics.scores, sizes[topics.scores])
        letters = await _whole(reader, topics.dead_letters, sizes[topics.dead_letters])
    published = {record.key.decode() for record in inputs if record.key is not None}
    score_ids = Counter(score_row(record).score_id for record in events)
    dead = {str(key) for key in (dead_letter_row(r).key for r in letters) if key is not None}
    rows = Counter(map(str, await _pages(client)))
    return Funnel(
        published=len(published),
        visible=len(rows),
        dead=len(dead),
        events=len(events),
        repeated=sum(score_ids.values()) - len(score_ids),
        losses=len(published - rows.keys() - dead),
        doubles=_repeated(rows.values()),
    )


async def _whole(reader: KafkaReader, topic: str, partitions: int) -> Sequence[Record]:
    return await reader.whole([TopicPartition(topic, n) for n in range(partitions)])


async def _pages(client: ConfidenceClient) -> list[ResultKey]:
    keys: list[ResultKey] = []
    token = ""
    while True:
        page = await client.list(page_size=_PAGE, page_token=token, view=View.SUMMARY)
        keys += [record.scored.key for record in page.records]
        token = page.next_page_token
        if not token:
            return keys


def _repeated(counts: Iterable[int]) -> int:
    return sum(count - 1 for count in counts)
