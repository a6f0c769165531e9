"""The SDK against a whole deployment on a real Kafka: scorer, indexer and query service."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from plimsoll.adapters.kafka.producer import KafkaLogProducer
from plimsoll.domain.record import OutRecord
from plimsoll.sdk import (
    ConfidenceRecord,
    DecidedBy,
    LlmResult,
    Missing,
    MissingReason,
    Plimsoll,
    Response,
    Tokens,
    Verdict,
)
from plimsoll.settings.model import Settings
from tests.house.tree import ROOT

PATIENCE = timedelta(seconds=300)


def sure(result_id: str) -> LlmResult:
    """A result whose producer gave log-probabilities."""
    result = LlmResult.from_text(result_id, "Paris", prompt="What is the capital of France?")
    return replace(result, response=Response("Paris", tokens=Tokens(logprobs=(-0.01,))))


async def test_a_result_goes_in_and_a_confidence_comes_out(
    deployment: Settings, plimsoll: Plimsoll
) -> None:
    """Gate, look-up, batch, subscription and watch show one and the same score of a result."""
    answer = await plimsoll.gate(sure("r-1"), deadline=PATIENCE, accept_lower_bound=0.0)
    assert (answer.verdict, answer.decided_by) == (Verdict.ACCEPT, DecidedBy.SCORE), answer.detail
    assert answer.scored is not None

    found = await plimsoll.get("r-1")
    assert isinstance(found, ConfidenceRecord)
    assert found.scored.score_id == answer.scored.score_id
    assert found.scored.confidence == answer.confidence

    first, second = await plimsoll.batch_get(["r-1", "r-unknown"])
    assert isinstance(first, ConfidenceRecord)
    assert isinstance(second, Missing)
    assert second.reason is MissingReason.NOT_SEEN

    stream = plimsoll.subscribe(start="beginning", stop_when_idle=PATIENCE)
    event = await anext(stream)
    assert event.scored.score_id == answer.scored.score_id


async def test_a_watch_resumes_after_what_it_has_shown(
    deployment: Settings, plimsoll: Plimsoll
) -> None:
    """A watch with a token goes on with the next score, and repeats none."""
    gated = await plimsoll.gate(sure("r-0"), deadline=PATIENCE)
    assert gated.scored is not None
    async with asyncio.timeout(300):
        async with aclosing(plimsoll.watch(from_start=True)) as watching:
            shown = await anext(watching)
        assert shown.record.scored.key.result_id == "r-0"
        await plimsoll.publish(sure("r-1"))
        async with aclosing(plimsoll.watch(resume_token=shown.resume_token)) as watching:
            shown = await anext(watching)
        assert shown.record.scored.key.result_id == "r-1"


async def test_another_input_under_the_same_id_is_never_taken_for_it(
    deployment: Settings, plimsoll: Plimsoll
) -> None:
    """The second content under an ID gets a conflict, whatever the first one's score is."""
    first = await plimsoll.gate(sure("r-1"), deadline=PATIENCE, accept_lower_bound=0.0)
    assert first.decided_by is DecidedBy.SCORE
    other = LlmResult.from_text("r-1", "London")
    second = await plimsoll.gate(other, deadline=PATIENCE, accept_lower_bound=0.0)
    assert (second.verdict, second.decided_by) == (Verdict.REVIEW, DecidedBy.CONFLICT)
    again = await plimsoll.gate(sure("r-1"), deadline=PATIENCE, accept_lower_bound=0.0)
    assert again.decided_by is DecidedBy.SCORE
    assert plimsoll.gate_stats.conflict == 1


async def test_a_mended_result_is_not_held_to_its_dead_letter(
    deployment: Settings, plimsoll: Plimsoll
) -> None:
    """A look-up tells of the dead letter; a gate on the mended result waits for its own score."""
    producer = KafkaLogProducer(deployment.kafka)
    await producer.start()
    record = OutRecord(deployment.topics.results, b"default/r-1", b"\xff\xff not protobuf")
    sent = await (await producer.send(record))
    await producer.stop()
    missing = await plimsoll.get("r-1", wait=PATIENCE)
    assert isinstance(missing, Missing), missing
    assert missing.reason is MissingReason.DEAD_LETTER
    assert missing.source == sent
    answer = await plimsoll.gate(sure("r-1"), deadline=PATIENCE)
    assert answer.decided_by is DecidedBy.SCORE


async def test_the_contracts_example_needs_no_generated_code(
    deployment: Settings, plimsoll: Plimsoll
) -> None:
    """The plain JSON producer of docs/contract.md runs as printed, and its result is scored."""
    page = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    code = example.replace("localhost:9092", deployment.kafka.bootstrap_servers)
    code = code.replace("llm.results.v1", deployment.topics.results)
    script = Path(deployment.store.path).parent / "example.py"
    script.write_text(code, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(sys.executable, str(script))
    assert await process.wait() == 0
    found = await plimsoll.get("order-4711", wait=PATIENCE)
    assert isinstance(found, ConfidenceRecord)
    assert found.scored.gen_ai.request_model == "my-model"
