"""Processor time per judge call beside a bare boto3 call, and what 500 calls in flight hold."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import boto3
import psutil
from botocore.config import Config

from plimsoll.adapters.bedrock.judge import BedrockJudge
from plimsoll.domain.judging import JudgeCall
from tests.bench.figures import Figure
from tests.bench.rig import Sizes, say
from tests.support.bedrock import CALL, IDENTITY, SCHEMA, bedrock_judge, bedrock_settings
from tests.support.emulator_process import emulator_process

WIDE = 16
IN_FLIGHT = 500


async def measure(directory: Path, sizes: Sizes) -> list[Figure]:
    """Both ask the same emulator the same, in turn; then one is asked 500 things at once."""
    with identity(), emulator_process(directory, latency_ms=[0, 0]) as near:
        judge = bedrock_judge(bedrock_settings(near.url, permits=WIDE))
        with bare_client(near.url) as client:
            bare, ours, ratio = await compared(judge, client, sizes)
        await judge.close()
    latency_ms = [sizes.slow_judge_ms] * 2
    with identity(), emulator_process(directory, latency_ms=latency_ms) as slow:
        grown_mb, threads = await at_once(slow.url)
    return [
        Figure("judge_cpu_per_call", ours, "µs", bare, ratio, "1.3 times bare boto3 or less"),
        Figure("judge_500_in_flight_resident", grown_mb, "MB", aim="under 100 MB more"),
        Figure("judge_500_in_flight_threads", threads, "threads", aim="one a call, none besides"),
    ]


async def compared(judge: BedrockJudge, client: Any, sizes: Sizes) -> tuple[float, float, float]:
    """Medians in microseconds, bare and ours, and the median of their ratios."""
    # Many short rounds: what else the machine does falls on both alike.
    count = max(40, sizes.calls // 40)
    found: list[tuple[float, float]] = []
    # The first round opens connections and is not counted.
    for round_number in range(3 * sizes.repetitions + 1):
        calls = [asked(f"round {round_number}, call {n}") for n in range(count)]
        began = time.process_time()
        await asyncio.to_thread(ask_bare, client, calls)
        between = time.process_time()
        await ask_ours(judge, calls)
        ended = time.process_time()
        if round_number:
            found.append(((between - began) / count * 1e6, (ended - between) / count * 1e6))
    bare, ours = (median(column) for column in zip(*found, strict=True))
    say(f"judge call: bare {bare:.0f} µs, ours {ours:.0f} µs")
    return bare, ours, median(o / b for b, o in found)


async def at_once(url: str) -> tuple[float, float]:
    """Megabytes and threads that 500 calls in flight hold beyond what was there before."""
    judge = bedrock_judge(bedrock_settings(url, permits=IN_FLIGHT, read_timeout_s=60.0))
    await judge.ask(asked("warm-up"), 60)
    process = psutil.Process()
    before, threads_before = process.memory_info().rss, threading.active_count()
    asking = [asyncio.create_task(judge.ask(asked(f"{n}"), 60)) for n in range(IN_FLIGHT)]
    resident, threads = before, threads_before
    while not all(task.done() for task in asking):
        await asyncio.sleep(0.02)
        resident = max(resident, process.memory_info().rss)
        threads = max(threads, threading.active_count())
    replies = await asyncio.gather(*asking)
    await judge.close()
    unanswered = sum(reply.verdict is None for reply in replies)
    if unanswered:
        raise RuntimeError(f"{unanswered} of {IN_FLIGHT} calls had no verdict")
    return max(1.0, resident - before) / 1e6, float(threads - threads_before + 1)


def asked(material: str) -> JudgeCall:
    """A call as judges make them: a rubric of a page, and little else."""
    return replace(CALL, system="Judge with care. " * 200, material=material, temperature=0.0)


def ask_bare(client: Any, calls: list[JudgeCall]) -> None:
    """boto3 on as many threads, and nothing besides."""
    with ThreadPoolExecutor(WIDE) as threads:
        for answer in threads.map(lambda call: client.converse(**bare_arguments(call)), calls):
            if answer["stopReason"] != "tool_use":
                raise RuntimeError(answer["stopReason"])


async def ask_ours(judge: BedrockJudge, calls: list[JudgeCall]) -> None:
    """The adapter, asked as its limiter would."""
    replies = await asyncio.gather(*(judge.ask(call, 120) for call in calls))
    if any(reply.verdict is None for reply in replies):
        raise RuntimeError("a call had no verdict")


def bare_arguments(call: JudgeCall) -> dict[str, Any]:
    """What the adapter would send, made without it."""
    form = call.form
    assert form is not None
    return {
        "modelId": call.model,
        "system": [{"text": call.system}],
        "messages": [{"role": "user", "content": [{"text": call.material}]}],
        "inferenceConfig": {"maxTokens": call.max_output_tokens, "temperature": call.temperature},
        "toolConfig": {
            "tools": [
                {
                    "toolSpec": {
                        "name": form.name,
                        "description": form.description,
                        "inputSchema": {"json": SCHEMA},
                        "strict": True,
                    }
                }
            ],
            "toolChoice": {"tool": {"name": form.name}},
        },
    }


@contextmanager
def bare_client(url: str) -> Iterator[Any]:
    """A client as the AWS documentation sets one up."""
    config = Config(
        max_pool_connections=WIDE, retries={"mode": "standard", "total_max_attempts": 1}
    )
    client = boto3.client("bedrock-runtime", "us-east-1", endpoint_url=url, config=config)
    yield client
    client.close()


@contextmanager
def identity() -> Iterator[None]:
    """Credentials for signing, as long as the block lasts."""
    kept = dict(os.environ)
    os.environ.update(IDENTITY)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
