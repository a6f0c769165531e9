"""The judge behind an endpoint of OpenAI's kind, on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from plimsoll.adapters.openai_judge.judge import MOST_BYTES, OpenAiJudge
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.judge_errors import (
    FaultKind,
    JudgeFaultError,
    JudgeMisconfiguredError,
    ParameterRefusedError,
)
from plimsoll.domain.judging import NOTHING_USED, JudgeUsage, Parameter
from plimsoll.settings.judges import OpenAiSettings
from tests.support.bedrock import CALL
from tests.support.completions import Completions, completion
from tests.support.ports import free_port

R, K = AbsenceReason, FaultKind
WARM = replace(CALL, temperature=0.0, metadata=(("result_id", "r-1"),))


def openai_settings(url: str, **changes: object) -> OpenAiSettings:
    """Settings for an endpoint, patient with a machine that stands still."""
    patience = {"connect_timeout_s": 120.0, "read_timeout_s": 120.0}
    return OpenAiSettings.model_validate(
        {"endpoint_url": url, "api_key": "a-secret-key", **patience, **changes}
    )


@asynccontextmanager
async def asking(endpoint: Completions, **changes: object) -> AsyncIterator[OpenAiJudge]:
    """A judge that asks the endpoint."""
    async with endpoint:
        judge = OpenAiJudge(openai_settings(endpoint.url, **changes))
        try:
            yield judge
        finally:
            await judge.close()


async def test_a_verdict_by_a_forced_tool() -> None:
    """One request carries the whole call, and its tool's arguments are the verdict."""
    endpoint = Completions(
        body=completion(service_tier="default"), headers={"x-request-id": "req-7"}
    )
    async with asking(endpoint) as judge:
        reply = await judge.ask(WARM, 120)
    assert reply.verdict is not None
    assert reply.verdict["score"] == 4
    assert reply.usage == JudgeUsage(90, 20)
    assert (reply.request_id, reply.service_tier) == ("req-7", "default")
    assert reply.cost_usd is None
    assert reply.dropped == (Parameter.METADATA,)
    (request,) = endpoint.requests
    assert request["tool_choice"]["function"]["name"] == "record_verdict"
    assert (request["temperature"], request["max_tokens"]) == (0.0, 400)
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert list(request["tools"][0]["function"]["parameters"]["properties"]) == [
        "rationale",
        "verdict",
        "score",
        "nonce",
    ]
    assert endpoint.headers[0]["Authorization"] == "Bearer a-secret-key"
    assert endpoint.headers[0]["Accept-Encoding"] == "identity"


async def test_a_verdict_by_a_schema_with_its_log_probabilities() -> None:
    """Where JSON is asked for, the content is the verdict and its tokens come with it."""
    entry = {"token": "4", "logprob": -0.1, "top_logprobs": [{"token": "4", "logprob": -0.1}]}
    message = {"content": '{"score": 4}'}
    body = completion(message=message, logprobs={"content": [entry]})
    body["usage"]["prompt_tokens_details"] = {"cached_tokens": 60}
    endpoint = Completions(body=body)
    async with asking(endpoint, form="json_schema", top_logprobs=5) as judge:
        assert judge.traits("m").logprobs
        reply = await judge.ask(CALL, 120)
    assert reply.verdict == {"score": 4}
    assert reply.tokens is not None
    assert (reply.tokens.logprobs, reply.tokens.top_texts) == ((-0.1,), ("4",))
    assert reply.usage == JudgeUsage(30, 20, 60, 0)
    assert endpoint.requests[0]["response_format"]["json_schema"]["strict"] is True
    assert endpoint.requests[0]["top_logprobs"] == 5


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (completion(finish_reason="length"), R.TRUNCATED),
        (completion(finish_reason="content_filter"), R.CONTENT_FILTERED),
        (completion(finish_reason="function_call"), R.PARSE_FAILED),
        (completion(finish_reason="of_next_year"), R.PROVIDER_ERROR),
        (completion(finish_reason=None), R.PROVIDER_ERROR),
        (completion(message={"refusal": "I will not"}), R.JUDGE_REFUSED),
        (completion(message={"content": '{"score": 4}'}), R.PARSE_FAILED),
        (completion(message=None), R.PARSE_FAILED),
        (completion(message={"tool_calls": [{"function": {"name": "other"}}]}), R.PARSE_FAILED),
        (
            completion(
                message={
                    "tool_calls": [{"function": {"name": "record_verdict", "arguments": '{"a":'}}]
                }
            ),
            R.PARSE_FAILED,
        ),
    ],
)
async def test_ends_without_a_verdict(body: dict[str, Any], reason: AbsenceReason) -> None:
    """Half JSON, another tool, or an end that nobody knows is an absence that was paid for."""
    async with asking(Completions(body=body)) as judge:
        reply = await judge.ask(CALL, 120)
    assert reply.absence is not None
    assert reply.absence.reason is reason
    assert reply.usage == JudgeUsage(90, 20)


@pytest.mark.parametrize(
    ("status", "error", "kind", "reason"),
    [
        (429, {"code": "rate_limit_exceeded"}, K.THROTTLED, R.THROTTLED),
        (429, {"code": "insufficient_quota"}, K.CONFIGURATION, R.PROVIDER_ERROR),
        (401, {"code": "invalid_api_key"}, K.CONFIGURATION, R.PROVIDER_ERROR),
        (403, {}, K.CONFIGURATION, R.PROVIDER_ERROR),
        (404, {"code": "model_not_found"}, K.CONFIGURATION, R.PROVIDER_ERROR),
        (302, {}, K.CONFIGURATION, R.PROVIDER_ERROR),
        (408, {}, K.TRANSIENT, R.TIMED_OUT),
        (424, {}, K.MODEL_FAULT, R.PROVIDER_ERROR),
        (500, {}, K.TRANSIENT, R.PROVIDER_ERROR),
        (502, {}, K.TRANSIENT, R.PROVIDER_ERROR),
        (503, {}, K.TRANSIENT, R.PROVIDER_ERROR),
        (504, {}, K.TRANSIENT, R.TIMED_OUT),
        (400, {"code": "content_filter"}, None, R.CONTENT_FILTERED),
        (400, {"code": "context_length_exceeded"}, None, R.INPUT_TOO_LARGE),
        (400, {"message": "maximum context length is 4096 tokens"}, None, R.INPUT_TOO_LARGE),
        (413, {}, None, R.INPUT_TOO_LARGE),
        (400, {"code": 400, "message": "no"}, None, R.PROVIDER_ERROR),
        (418, {}, None, R.PROVIDER_ERROR),
    ],
)
async def test_errors_by_status_and_code(
    status: int, error: dict[str, object], kind: FaultKind | None, reason: AbsenceReason
) -> None:
    """Each error answer ends in its class, after one request."""
    endpoint = Completions(status, {"error": error})
    async with asking(endpoint) as judge:
        if kind is None:
            reply = await judge.ask(CALL, 120)
            assert reply.absence is not None
            assert (reply.absence.reason, reply.usage) == (reason, NOTHING_USED)
        else:
            with pytest.raises((JudgeFaultError, JudgeMisconfiguredError)) as raised:
                await judge.ask(CALL, 120)
            assert isinstance(raised.value, JudgeFaultError | JudgeMisconfiguredError)
            assert (raised.value.kind, raised.value.absence.reason) == (kind, reason)
            assert "a-secret-key" not in repr(raised.value)
            assert endpoint.url not in str(raised.value)
    assert len(endpoint.requests) == 1


async def test_a_refused_parameter_is_named_and_can_be_left_out() -> None:
    """`error.param` says which; the same call without it is sent without it."""
    body = {"error": {"param": "temperature", "code": "unsupported_parameter"}}
    async with asking(Completions(400, body)) as judge:
        with pytest.raises(ParameterRefusedError) as raised:
            await judge.ask(WARM, 120)
    assert raised.value.parameter is Parameter.TEMPERATURE
    endpoint = Completions()
    async with asking(endpoint) as judge:
        reply = await judge.ask(WARM.without(Parameter.TEMPERATURE), 120)
    assert reply.dropped == (Parameter.METADATA, Parameter.TEMPERATURE)
    assert "temperature" not in endpoint.requests[0]


async def test_the_endpoint_says_how_long_to_wait() -> None:
    """Retry-After is heeded, up to a minute."""
    for said, waited in (("7", 7), ("86400", 60), ("soon", 2)):
        async with asking(Completions(429, {}, headers={"Retry-After": said})) as judge:
            with pytest.raises(JudgeFaultError) as raised:
                await judge.ask(CALL, 120)
            assert raised.value.delay.total_seconds() == waited


@pytest.mark.parametrize("how", ["reset", "half"])
async def test_cut_connections_are_passing_faults(how: str) -> None:
    """An answer that does not arrive whole is no answer."""
    async with asking(Completions(how=how)) as judge:
        with pytest.raises(JudgeFaultError) as raised:
            await judge.ask(CALL, 120)
    assert raised.value.kind is K.TRANSIENT
    assert raised.value.usage == JudgeUsage()


@pytest.mark.parametrize(
    "body", [b"not JSON", b"[]", b"{}", b'{"choices": [1, 2]}', b" " * (MOST_BYTES + 1)]
)
async def test_answers_that_are_none_are_passing_faults(body: bytes) -> None:
    """Garbage, two choices, or more bytes than an answer may have are never a verdict."""
    async with asking(Completions(body=body)) as judge:
        with pytest.raises(JudgeFaultError) as raised:
            await judge.ask(CALL, 120)
    assert (raised.value.kind, raised.value.code) == (K.TRANSIENT, "malformed answer")


@pytest.mark.parametrize("how", ["hang", "drip"])
async def test_the_deadline_holds(how: str) -> None:
    """A peer that is silent, or never comes to an end, costs a call its deadline and no more."""
    async with asking(Completions(how=how), permits=1) as judge:
        for _ in range(2):
            reply = await judge.ask(CALL, 0.05)
            assert reply.absence is not None
            assert (reply.absence.reason, reply.usage) == (R.TIMED_OUT, JudgeUsage())


async def test_an_endpoint_that_is_not_there_is_a_passing_fault() -> None:
    """Nothing was sent, so nothing was paid for."""
    judge = OpenAiJudge(openai_settings(f"http://127.0.0.1:{free_port()}/v1"))
    with pytest.raises(JudgeFaultError) as raised:
        await judge.ask(CALL, 120)
    assert (raised.value.kind, raised.value.usage) == (K.TRANSIENT, NOTHING_USED)
    await judge.close()
