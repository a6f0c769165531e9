"""The judge on Bedrock and its emulator, through boto3 and a socket."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import replace
from typing import Any

import aiohttp
import boto3
import pytest
from botocore.exceptions import ClientError

from plimsoll.adapters.bedrock.calling import Ended
from plimsoll.adapters.emulator.recorded import recorded_pairs
from plimsoll.adapters.emulator.scripts import Quotas, Script, Step
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError, JudgeMisconfiguredError
from plimsoll.domain.judging import NOTHING_USED, Parameter, VerdictForm
from plimsoll.ports.judge_telemetry import JUDGE_THREADS_ABANDONED
from plimsoll.settings.judges import BedrockSettings
from tests.support.bedrock import (
    CALL,
    IDENTITY,
    NONCE,
    QWEN,
    bedrock_judge,
    bedrock_settings,
    emulated,
)
from tests.support.ports import free_port

R, K = AbsenceReason, FaultKind
NOVA = "us.amazon.nova-pro-v1:0"
LONG = replace(CALL, system="Judge with care. " * 500, temperature=0.0)
PAIRWISE = VerdictForm(
    "record_verdict",
    "",
    '{"type": "object", "properties": {"rationale": {"type": "string"}, "better": {"enum": '
    '["A", "B"]}}, "required": ["rationale", "better"], "additionalProperties": false}',
)


async def test_a_verdict_with_all_that_is_known_of_it() -> None:
    """Verdict, usage, cost, latency and request ID come from one call."""
    async with emulated(Script()) as (judge, emulator):
        reply = await judge.ask(replace(CALL, temperature=0.0), 120)
        (entry,) = emulator.journal.document()["entries"]
    assert reply.verdict == entry["verdict"]
    assert reply.verdict is not None
    assert reply.verdict["nonce"] == NONCE
    assert reply.usage.input_tokens
    assert reply.cost_usd is not None
    assert reply.latency.total_seconds() > 0
    assert len(reply.request_id) == 36
    assert {"temperature", "strict", "toolChoice"} <= set(entry["parameters"])


async def test_the_stable_part_is_kept_and_paid_for_once() -> None:
    """The first call writes the provider's cache, later ones with other material read it."""
    async with emulated(Script(), cache_ttl="1h") as (judge, _):
        first, second = [
            await judge.ask(replace(LONG, material=material), 120) for material in ("one", "two")
        ]
    assert first.usage.cache_write_tokens == second.usage.cache_read_tokens
    assert second.usage.cache_read_tokens
    assert (first.usage.cache_read_tokens, second.usage.cache_write_tokens) == (0, 0)
    # What keeping for an hour costs is not in the table.
    assert first.cost_usd is None
    assert second.cost_usd is not None


async def test_the_tier_that_was_used_is_recorded() -> None:
    """Asked of a model that offers it; another model's reply says that it was dropped."""
    async with emulated(Script(), service_tier="flex") as (judge, _):
        offered = await judge.ask(replace(CALL, model=QWEN), 120)
        plain = await judge.ask(CALL, 120)
    assert (offered.service_tier, offered.dropped) == ("flex", ())
    assert (plain.service_tier, plain.dropped) == ("", (Parameter.SERVICE_TIER,))


@pytest.mark.parametrize(
    ("tier", "known"), [("default", True), ("flex", True), ("priority", False)]
)
async def test_a_dearer_tier_has_no_known_price(tier: str, known: bool) -> None:
    """No budget in dollars is held against a price that is lower than what a call costs."""
    async with emulated(Script(), service_tier=tier) as (judge, _):
        prices = [judge.traits(model).price is not None for model in (NOVA, CALL.model)]
    # The second model is not offered in that tier, so that it costs what the table says.
    assert prices == [known, True]


async def test_the_client_says_no_more_than_the_process_wants(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where only warnings are wanted, botocore tells nobody where it has its credentials."""
    with caplog.at_level(logging.WARNING):
        async with emulated(Script()):
            assert logging.getLogger("botocore").level == logging.WARNING
    assert not [r for r in caplog.records if r.name.startswith("botocore")]


async def test_recorded_judges_answer_about_recorded_pairs() -> None:
    """Through the whole wire, GPT-4's real verdict on a pair comes back in the form asked for."""
    async with emulated(Script()) as (judge, _):
        for pair in recorded_pairs()[:10]:
            material = f"Instruction: {pair.prompt}\n\nA: {pair.first}\n\nB: {pair.second}"
            reply = await judge.ask(replace(CALL, material=material, form=PAIRWISE), 120)
            assert reply.verdict is not None
            said = 1 if reply.verdict["better"] == "A" else 2
            assert said == pair.judges["GPT-4/Vanilla"][0]


async def test_a_spent_quota_is_a_throttle() -> None:
    """Three calls that reserve 541 tokens fit into 1,700 a minute; the fourth does not."""
    script = Script(quotas=Quotas(tokens_per_minute=1_700), output_tokens=(400, 400), burndown=5.0)
    async with emulated(script) as (judge, emulator):
        ends = await asyncio.gather(
            *(judge.ask(replace(CALL, material=f"{n}"), 120) for n in range(8)),
            return_exceptions=True,
        )
        document = emulator.journal.document()
    throttled = [end for end in ends if isinstance(end, JudgeFaultError)]
    assert 5 <= len(throttled) < 8
    assert {(end.kind, end.absence.reason) for end in throttled} == {(K.THROTTLED, R.THROTTLED)}
    assert document["most_reserved_tokens_in_a_minute"] <= 1_700
    assert document["calls"] == 8


async def test_hung_calls_hold_their_threads_until_their_deadline() -> None:
    """With every thread hung further calls start nothing; at the deadline all places are free."""
    hung, before = Script(steps=(Step(fault="hang", times=4),)), set(threading.enumerate())
    async with emulated(hung, permits=4, read_timeout_s=3_600) as (judge, emulator):
        # Those that hang outlast the others, however late a busy machine begins these.
        deadlines_s = [3.0] * 4 + [0.2] * 50
        replies = await asyncio.gather(*(judge.ask(CALL, s) for s in deadlines_s))
        assert len(set(threading.enumerate()) - before) <= 4
        emulator.play(Script())
        again = await judge.ask(CALL, 120)
        assert emulator.journal.document()["calls"] <= 5
    reasons = [reply.absence.reason for reply in replies if reply.absence]
    assert (reasons.count(R.TIMED_OUT), reasons.count(R.THROTTLED)) == (4, 50)
    assert {reply.usage for reply in replies if reply.usage.input_tokens == 0} == {NOTHING_USED}
    assert again.verdict is not None


async def test_a_peer_that_drips_holds_a_thread_no_longer_than_its_deadline() -> None:
    """A drip never lets a socket time out; the deadline ends it, and the place is free again."""
    drip = Script(steps=(Step(fault="drip"),), drip_ms=5)
    async with emulated(drip, permits=1) as (judge, _):
        late = await judge.ask(CALL, 0.2)
        assert late.absence is not None
        assert late.absence.reason is R.TIMED_OUT
        assert (await judge.ask(CALL, 120)).verdict is not None


async def test_an_abandoned_thread_is_counted() -> None:
    """A call that outlives its deadline in its thread is one in the telemetry, and late."""
    ends = threading.Event()

    def stuck() -> dict[str, Any]:
        ends.wait(60)
        return {}

    async with emulated(Script(), permits=1) as (judge, _):
        try:
            late = await judge._caller.call(stuck, {}, 0.2)
            assert judge._caller.abandoned == 1
        finally:
            ends.set()
        assert isinstance(late, Ended)
        assert late.absence.reason is R.TIMED_OUT
        telemetry = judge._caller._telemetry
        assert telemetry.totals[JUDGE_THREADS_ABANDONED.name, "a-judge"] == 1  # type: ignore[attr-defined]  # the test's own


async def test_many_calls_at_once_share_few_threads() -> None:
    """Three hundred calls in flight use eight threads and eight connections, and all are served."""
    before = set(threading.enumerate())
    async with emulated(Script(latency_ms=(1, 5)), permits=8) as (judge, emulator):
        replies = await asyncio.gather(
            *(judge.ask(replace(CALL, material=f"{n}"), 120) for n in range(300))
        )
        threads = set(threading.enumerate()) - before
        document = emulator.journal.document()
    assert all(reply.verdict is not None for reply in replies)
    assert len(threads) <= 8
    assert document["most_in_flight"] <= 8
    assert document["calls"] == 300


async def test_an_endpoint_that_is_not_there_is_a_passing_fault() -> None:
    """Nothing was sent, so nothing was paid for."""
    judge = bedrock_judge(bedrock_settings(f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(JudgeFaultError) as raised:
        await judge.ask(CALL, 120)
    assert (raised.value.kind, raised.value.usage) == (K.TRANSIENT, NOTHING_USED)
    await judge.close()


async def test_without_credentials_an_operator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent unsigned; the error is one that waiting does not mend."""
    for name in IDENTITY:
        if name.startswith("AWS_ACCESS") or "SECRET" in name or "TOKEN" in name:
            monkeypatch.delenv(name)
    async with emulated(Script()) as (judge, emulator):
        with pytest.raises(JudgeMisconfiguredError, match="NoCredentialsError"):
            await judge.ask(CALL, 120)
        assert emulator.journal.document()["calls"] == 0


def test_a_missing_region_is_a_wrong_setting() -> None:
    """It is found when the judge is made, not at its first call."""
    with pytest.raises(ConfigurationError, match=r"bedrock\.region"):
        bedrock_judge(BedrockSettings())


async def test_no_secret_and_no_material_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """With everything at DEBUG, neither credentials nor what was asked stand in any line."""
    caplog.set_level(logging.DEBUG)
    script = Script(steps=(Step(fault="denied"), Step(fault="reset")))
    async with emulated(script) as (judge, _):
        for _ in range(3):
            try:
                await judge.ask(CALL, 120)
            except (JudgeFaultError, JudgeMisconfiguredError) as error:
                caplog.records.append(logging.makeLogRecord({"msg": repr(error)}))
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "denied" in said.lower()
    for secret in (*IDENTITY.values(), "The response is: Paris", "Authorization", "Signature="):
        if len(secret) > 5 and secret != "/nonexistent":
            assert secret not in said


async def test_an_unsigned_request_is_refused_by_the_emulator() -> None:
    """The emulator wants SigV4, as Bedrock does."""
    async with Emulator(Script()) as emulator, aiohttp.ClientSession() as session:
        answer = await session.post(f"{emulator.url}/model/m/converse", json={})
        answer.close()
    assert answer.status == 403
    assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


async def test_the_emulator_is_watched_and_steered_over_http() -> None:
    """Its journal is read and cleared, and another script played, by whoever drills."""
    async with emulated(Script()) as (judge, emulator), aiohttp.ClientSession() as session:
        await judge.ask(CALL, 120)
        async with session.get(f"{emulator.url}/emulator/journal") as answer:
            journal = await answer.json()
        assert (journal["calls"], journal["entries"][0]["outcome"]) == (1, "answered")
        async with session.delete(f"{emulator.url}/emulator/journal") as answer:
            assert answer.status == 204
        script = {"steps": [{"fault": "throttling"}]}
        async with session.put(f"{emulator.url}/emulator/script", json=script) as answer:
            assert answer.status == 204
        with pytest.raises(JudgeFaultError):
            await judge.ask(CALL, 120)
        async with session.put(f"{emulator.url}/emulator/script", json={"seed": "x"}) as answer:
            assert answer.status == 400
        assert emulator.journal.document()["calls"] == 1


async def test_boto3_itself_counts_tokens_and_meets_the_same_model() -> None:
    """An unchanged client of boto3 works with the emulator, and is refused what Bedrock refuses."""
    async with Emulator(Script()) as emulator:
        client = boto3.client("bedrock-runtime", "us-east-1", endpoint_url=emulator.url)
        messages = [{"role": "user", "content": [{"text": "hello " * 100}]}]
        counted = await asyncio.to_thread(
            client.count_tokens, modelId="m", input={"converse": {"messages": messages}}
        )
        assert 100 < counted["inputTokens"] < 400
        with pytest.raises(ClientError, match="role") as raised:
            await asyncio.to_thread(
                client.converse, modelId="m", messages=[{"role": "judge", "content": []}]
            )
        assert raised.value.response["Error"]["Code"] == "ValidationException"
