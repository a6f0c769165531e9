"""Orders to erase: given, waited for until they are proven, and listed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.adapters.kafka.reading import KafkaReader
from plimsoll.domain.erasure import ErasureOrder, ErasureReceipt
from plimsoll.domain.errors import ConfigurationError, PoisonError
from plimsoll.domain.record import TopicPartition
from plimsoll.domain.scopes import Erased, Erasure
from plimsoll.settings.model import Settings
from plimsoll.wire.erasures import decode_erasure, encode_order, order_problem


@dataclass(frozen=True, slots=True)
class Standing:
    """What the topic holds of one order: itself until it is compacted away, and its receipt."""

    erasure_id: str
    order: ErasureOrder | None
    receipt: ErasureReceipt | None


def named(tenant: str, result_id: str, subject: str, *, whole_tenant: bool) -> Erasure:
    """What the options name; ConfigurationError where that is nothing or several things."""
    given = [name for name, value in (("--result", result_id), ("--subject", subject)) if value]
    given += ["--whole-tenant"] if whole_tenant else []
    if len(given) != 1:
        said = f", not {' and '.join(given)}" if given else ""
        raise ConfigurationError(f"say one of --result, --subject and --whole-tenant{said}")
    if whole_tenant:
        return Erasure(tenant, Erased.TENANT)
    return Erasure(tenant, Erased.RESULT if result_id else Erased.SUBJECT, result_id or subject)


async def order_and_wait(
    settings: Settings, order: ErasureOrder, timeout_s: float
) -> ErasureReceipt | None:
    """Publishes an order and waits for its receipt; None where none came in time.

    ConfigurationError where the order is wrong or the topic is not there.
    """
    problem = order_problem(order)
    if problem:
        raise ConfigurationError(problem)
    topic = settings.topics.erasures
    async with KafkaReader(settings.kafka, "erase") as reader:
        partitions = await _partitions(reader, topic)
        producer = KafkaLogProducer(settings.kafka, "erase")
        await producer.start()
        try:
            await (await producer.send(encode_order(order, topic)))
        finally:
            await producer.stop()
        try:
            async with asyncio.timeout(timeout_s):
                return await _receipt(reader, partitions, order.erasure_id)
        except TimeoutError:
            return None


async def read_standings(settings: Settings) -> Sequence[Standing]:
    """Every order that the topic knows of, in the order in which they were given."""
    topic = settings.topics.erasures
    async with KafkaReader(settings.kafka, "erasures") as reader:
        records = await reader.whole(await _partitions(reader, topic))
    found: dict[str, Standing] = {}
    for record in sorted(records, key=lambda r: (r.timestamp_ms, r.partition, r.offset)):
        try:
            said = decode_erasure(record)
        except PoisonError:
            continue
        if said is None:
            continue
        before = found.get(said.erasure_id, Standing(said.erasure_id, None, None))
        order, receipt = before.order, before.receipt
        if isinstance(said, ErasureOrder):
            order = order or said
        else:
            receipt = receipt or said
        found[said.erasure_id] = Standing(said.erasure_id, order, receipt)
    return list(found.values())


async def _receipt(
    reader: KafkaReader, partitions: Sequence[TopicPartition], erasure_id: str
) -> ErasureReceipt | None:
    async for records in reader.follow(partitions):
        for record in records:
            if record.key != erasure_id.encode():
                continue
            try:
                said = decode_erasure(record)
            except PoisonError:
                continue
            if isinstance(said, ErasureReceipt):
                return said
    return None


async def _partitions(reader: KafkaReader, topic: str) -> Sequence[TopicPartition]:
    partitions = await reader.partitions(topic)
    if not partitions:
        raise ConfigurationError(
            f"there is no topic {topic}: run `plimsoll topics apply`, or set topics.erasures"
        )
    return partitions
