"""Records to put on the results topic, drawn from a seed, each with a header that says its IDs."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from plimsoll.v1 import result_pb2
from tests.support.reader import RESULTS_HEADER

WORDS = ("load", "line", "water", "salt", "summer", "winter", "hull", "mark", "draught", "deck")
Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to produce; `results` are the keys it holds, None for poison."""

    key: bytes | None
    value: bytes | None
    results: tuple[str | None, ...]
    headers: Headers = ()

    def all_headers(self) -> list[tuple[str, bytes]]:
        """Its headers with the one that the checker reads."""
        return [*self.headers, (RESULTS_HEADER, json.dumps(self.results).encode())]


def llm_result(chance: random.Random, result_id: str, tenant: str = "acme") -> result_pb2.LlmResult:
    """An answer to a question with tokens and four sampled alternatives."""
    answer = chance.choices(WORDS, k=6)
    return result_pb2.LlmResult(
        result_id=result_id,
        tenant=tenant,
        task_kind=result_pb2.TASK_KIND_OPEN_QA,
        language="en",
        gen_ai=result_pb2.GenAi(provider_name="test", response_model="test-1"),
        messages=[result_pb2.Message(role="user", text="What does the mark say?")],
        response=result_pb2.Response(
            text=" ".join(answer),
            finish_reason="stop",
            tokens=result_pb2.Tokens(
                texts=answer,
                logprobs=[-chance.expovariate(1.0) for _ in answer],
                origin=result_pb2.LOGPROB_ORIGIN_RAW,
            ),
        ),
        alternatives=[
            result_pb2.Alternative(
                response=result_pb2.Response(text=" ".join(chance.choices(WORDS, k=6))),
                sampled_by=result_pb2.SAMPLED_BY_PRODUCER,
            )
            for _ in range(4)
        ],
    )


def single(chance: random.Random, result_id: str, tenant: str = "acme") -> Outgoing:
    """A record of one result."""
    key = f"{tenant}/{result_id}"
    value = llm_result(chance, result_id, tenant).SerializeToString()
    return Outgoing(key.encode(), value, (key,))


def batch(chance: random.Random, result_ids: Iterable[str], tenant: str = "acme") -> Outgoing:
    """A record of several results."""
    names = list(result_ids)
    value = result_pb2.LlmResultBatch(results=[llm_result(chance, name, tenant) for name in names])
    return Outgoing(
        f"{tenant}/{names[0]}".encode(),
        value.SerializeToString(),
        tuple(f"{tenant}/{name}" for name in names),
        (("ce_type", b"plimsoll.v1.LlmResultBatch"),),
    )


def stream(chance: random.Random, count: int, prefix: str = "r") -> Iterator[Outgoing]:
    """`count` records: one in twenty a batch, one in fifty a repetition of an earlier one."""
    earlier: list[Outgoing] = []
    for number in range(count):
        draw = chance.random()
        if earlier and draw < 0.02:
            yield chance.choice(earlier)
            continue
        name = f"{prefix}{number:06d}"
        if draw < 0.07:
            record = batch(chance, [f"{name}-{member}" for member in range(3)])
        else:
            record = single(chance, name)
        earlier.append(record)
        yield record


@asynccontextmanager
async def producing(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """An idempotent producer that outlives a broker's restart."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        # A broker that was killed may take minutes to come back on a busy machine.
        request_timeout_ms=600_000,
        max_request_size=8_388_608,
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def produce(
    bootstrap: str, topic: str, records: Iterable[Outgoing], per_second: float = 0.0
) -> int:
    """Sends records, paced if asked to, and returns how many when all are acknowledged."""
    pending: list[asyncio.Future[object]] = []
    async with producing(bootstrap) as producer:
        for number, record in enumerate(records):
            future = await producer.send(
                topic, record.value, key=record.key, headers=record.all_headers()
            )
            pending.append(future)
            if per_second and number % 20 == 19:
                await asyncio.sleep(20 / per_second)
        await asyncio.gather(*pending)
    return len(pending)
