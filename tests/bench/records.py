"""Records to measure with: of a known size, or the shipped sample's own."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence

from plimsoll.v1 import result_pb2
from tests.support.load import WORDS, producing

RECORD_TOKENS = 32
RECORD_SAMPLES = 8
RECORD_BYTES = 2_000
SEED = 4801


def measured_result(chance: random.Random, result_id: str, size_bytes: int) -> bytes:
    """A result with 32 tokens and 8 samples, padded by its question to a size."""
    words = chance.choices(WORDS, k=RECORD_TOKENS)
    result = result_pb2.LlmResult(
        result_id=result_id,
        tenant="bench",
        task_kind=result_pb2.TASK_KIND_OPEN_QA,
        language="en",
        response=result_pb2.Response(
            text=" ".join(words),
            finish_reason="stop",
            tokens=result_pb2.Tokens(
                texts=words,
                logprobs=[-chance.expovariate(1.0) for _ in words],
                origin=result_pb2.LOGPROB_ORIGIN_RAW,
            ),
        ),
        alternatives=[
            result_pb2.Alternative(
                response=result_pb2.Response(text=" ".join(chance.choices(WORDS, k=12))),
                sampled_by=result_pb2.SAMPLED_BY_PRODUCER,
            )
            for _ in range(RECORD_SAMPLES)
        ],
    )
    missing = max(size_bytes - result.ByteSize() - 16, 1)
    result.messages.add(role="user", text="x" * missing)
    return result.SerializeToString()


def small_result(chance: random.Random, size_bytes: int) -> bytes:
    """A result without ID, tokens or samples; its place on the topic will name it."""
    result = result_pb2.LlmResult(
        tenant="bench", response=result_pb2.Response(text=" ".join(chance.choices(WORDS, k=20)))
    )
    result.messages.add(role="user", text="x" * max(size_bytes - result.ByteSize() - 16, 1))
    return result.SerializeToString()


def keyed(values: Sequence[bytes], tenant: str, names: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """Keys and values to load."""
    return [(f"{tenant}/{name}".encode(), value) for name, value in zip(names, values, strict=True)]


def measured_records(count: int, prefix: str) -> list[tuple[bytes, bytes]]:
    """That many records of 2 kB with IDs of their own."""
    chance = random.Random(SEED)
    names = [f"{prefix}-{number}" for number in range(count)]
    values = [measured_result(chance, name, RECORD_BYTES) for name in names]
    return keyed(values, "bench", names)


def backlog_values(kinds: int) -> list[bytes]:
    """Values of 300 bytes to 2 kB, to be sent again and again."""
    chance = random.Random(SEED)
    return [
        small_result(chance, chance.randint(300, 1_000))
        if chance.random() < 0.5
        else measured_result(chance, "", chance.randint(1_400, 2_000))
        for _ in range(kinds)
    ]


def sample_records(
    sample: Sequence[bytes], count: int, prefix: str
) -> Iterator[tuple[bytes, bytes]]:
    """The sample's results over and over, each with an ID of its own."""
    for number in range(count):
        result = result_pb2.LlmResult.FromString(sample[number % len(sample)])
        result.tenant, result.result_id = "bench", f"{prefix}-{number}"
        yield f"bench/{result.result_id}".encode(), result.SerializeToString()


async def load(bootstrap: str, topic: str, records: Sequence[tuple[bytes, bytes]]) -> None:
    """Puts records on a topic as fast as one producer can."""
    async with producing(bootstrap) as producer:
        sent = [await producer.send(topic, value, key=key) for key, value in records]
        await asyncio.gather(*sent)


async def load_backlog(bootstrap: str, topic: str, values: Sequence[bytes], count: int) -> None:
    """Puts `count` records without keys on a topic, acknowledged by the thousand."""
    async with producing(bootstrap) as producer:
        for start in range(0, count, 5_000):
            sent = [
                await producer.send(topic, values[number % len(values)])
                for number in range(start, min(start + 5_000, count))
            ]
            await asyncio.gather(*sent)
