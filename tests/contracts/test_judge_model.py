"""What every way to a judge does: Bedrock's on its emulator, and OpenAI's on a small endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, Protocol

import pytest

from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.adapters.openai_judge.judge import OpenAiJudge
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.judge_errors import (
    FaultKind,
    JudgeFaultError,
    JudgeMisconfiguredError,
    ParameterRefusedError,
)
from plimsoll.domain.judging import NOTHING_USED, UNKNOWN_USAGE, Parameter
from plimsoll.ports.judge import JudgeModel
from plimsoll.settings.judges import OpenAiSettings
from tests.support.bedrock import CALL, IDENTITY, bedrock_judge, bedrock_settings
from tests.support.completions import Completions, completion

PERMITS = 2
# The same situations, in the words of each service.
ON_BEDROCK = {
    "cut": "stop:max_tokens",
    "filtered": "stop:content_filtered",
    "no_form": "text_only",
    "blank": "no_verdict",
    "new_end": "stop:of_next_year",
    "too_large": "too_long",
    "throttled": "throttling",
    "outage": "internal",
    "model": "model_error",
    "denied": "denied",
    "garbage": "garbage",
    "half": "half_body",
    "reset": "reset",
    "silent": "hang",
}
ON_OPENAI: dict[str, tuple[int, Any, str]] = {
    "well": (200, None, ""),
    "cut": (200, completion(finish_reason="length"), ""),
    "filtered": (200, completion(finish_reason="content_filter"), ""),
    "no_form": (200, completion(message={"content": "I would rather talk"}), ""),
    "text": (200, completion(message={"content": "Paris."}), ""),
    "blank": (200, completion(message={"content": " "}), ""),
    "new_end": (200, completion(finish_reason="of_next_year"), ""),
    "too_large": (400, {"error": {"code": "context_length_exceeded"}}, ""),
    "throttled": (429, {}, ""),
    "outage": (500, {}, ""),
    "model": (424, {}, ""),
    "denied": (403, {}, ""),
    "garbage": (200, b"\x00 not JSON", ""),
    "half": (200, None, "half"),
    "reset": (200, None, "reset"),
    "silent": (200, None, "hang"),
    "refuses_temperature": (400, {"error": {"param": "temperature"}}, ""),
}


class Provider(Protocol):
    """A judge, and the service behind it that does as a test says."""

    judge: JudgeModel

    def play(self, what: str) -> None:
        """From now on: a situation by its name; `well` is the one without a fault."""

    @property
    def calls(self) -> int:
        """How many requests have arrived."""


class OnBedrock:
    """Bedrock's judge and its emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.judge: JudgeModel = bedrock_judge(
            bedrock_settings(emulator.url, permits=PERMITS, read_timeout_s=60.0)
        )
        self._emulator = emulator

    def play(self, what: str) -> None:
        """One fault for every call to come."""
        if what == "refuses_temperature":
            self._emulator.play(Script(refuses={"": ("temperature",)}))
        elif what == "well":
            self._emulator.play(Script())
        elif what == "text":
            self._emulator.play(Script(texts={"": ("Paris.",)}))
        else:
            self._emulator.play(Script(steps=(Step(fault=ON_BEDROCK[what], times=1_000),)))

    @property
    def calls(self) -> int:
        """From the journal."""
        return int(self._emulator.journal.document()["calls"])


class OnOpenAi:
    """OpenAI's judge and an endpoint."""

    def __init__(self, endpoint: Completions) -> None:
        self.judge: JudgeModel = OpenAiJudge(
            OpenAiSettings(
                endpoint_url=endpoint.url,
                permits=PERMITS,
                connect_timeout_s=60.0,
                read_timeout_s=60.0,
            )
        )
        self._endpoint = endpoint

    def play(self, what: str) -> None:
        """One answer for every call to come."""
        self._endpoint.play(*ON_OPENAI[what])

    @property
    def calls(self) -> int:
        """As the endpoint counted."""
        return len(self._endpoint.requests)


@pytest.fixture(params=["bedrock", "openai"])
async def provider(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Provider]:
    """Each implementation in turn."""
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    async with AsyncExitStack() as stack:
        found: Provider
        if request.param == "bedrock":
            found = OnBedrock(await stack.enter_async_context(Emulator(Script())))
        else:
            found = OnOpenAi(await stack.enter_async_context(Completions()))
        stack.push_async_callback(found.judge.close)
        yield found


async def test_without_a_form_plain_text_is_written(provider: Provider) -> None:
    """A call without a form is answered in words, after the turns that came before."""
    before = (("user", "Hello"), ("assistant", "Hi"), ("user", "Two things."))
    provider.play("text")
    reply = await provider.judge.ask(replace(CALL, form=None, before=before), 120)
    assert reply.verdict == {"text": "Paris."}
    assert reply.usage.output_tokens is not None
    assert Parameter.FORCED_TOOL not in reply.dropped


@pytest.mark.parametrize(
    ("situation", "reason"),
    [("cut", AbsenceReason.TRUNCATED), ("blank", AbsenceReason.PARSE_FAILED)],
)
async def test_half_a_text_and_none_are_absences(
    provider: Provider, situation: str, reason: AbsenceReason
) -> None:
    """What was cut is no answer, and an empty one is none either."""
    provider.play(situation)
    reply = await provider.judge.ask(replace(CALL, form=None), 120)
    assert reply.absence is not None
    assert reply.absence.reason is reason


async def test_a_verdict_comes_with_what_it_cost(provider: Provider) -> None:
    """One request, one object, and counts of tokens that are numbers."""
    reply = await provider.judge.ask(CALL, 120)
    assert reply.verdict is not None
    assert set(reply.verdict) == {"rationale", "verdict", "score", "nonce"}
    assert reply.usage.input_tokens
    assert reply.usage.output_tokens
    assert reply.stop_reason
    assert reply.request_id
    assert provider.calls == 1


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("cut", AbsenceReason.TRUNCATED),
        ("filtered", AbsenceReason.CONTENT_FILTERED),
        ("no_form", AbsenceReason.PARSE_FAILED),
        ("new_end", AbsenceReason.PROVIDER_ERROR),
    ],
)
async def test_an_answer_without_a_verdict_was_paid_for(
    provider: Provider, what: str, reason: AbsenceReason
) -> None:
    """The absence says why, its detail quotes nothing, and the usage is that of the call."""
    provider.play(what)
    reply = await provider.judge.ask(CALL, 120)
    assert reply.absence is not None
    assert reply.absence.reason is reason
    assert reply.usage.output_tokens
    assert len(reply.absence.detail) < 100
    assert "Paris" not in reply.absence.detail


async def test_too_large_is_an_absence_that_cost_nothing(provider: Provider) -> None:
    """The provider refused the material before it read it."""
    provider.play("too_large")
    reply = await provider.judge.ask(CALL, 120)
    assert reply.absence is not None
    assert (reply.absence.reason, reply.usage) == (AbsenceReason.INPUT_TOO_LARGE, NOTHING_USED)


@pytest.mark.parametrize(
    ("what", "kind", "usage"),
    [
        ("throttled", FaultKind.THROTTLED, NOTHING_USED),
        ("outage", FaultKind.TRANSIENT, UNKNOWN_USAGE),
        ("garbage", FaultKind.TRANSIENT, UNKNOWN_USAGE),
        ("half", FaultKind.TRANSIENT, UNKNOWN_USAGE),
        ("reset", FaultKind.TRANSIENT, UNKNOWN_USAGE),
        ("model", FaultKind.MODEL_FAULT, UNKNOWN_USAGE),
    ],
)
async def test_passing_faults_are_raised_after_one_request(
    provider: Provider, what: str, kind: FaultKind, usage: object
) -> None:
    """Retryable, with kind, delay and what may have been paid; nobody below has tried again."""
    provider.play(what)
    with pytest.raises(RetryableError) as raised:
        await provider.judge.ask(CALL, 120)
    assert isinstance(raised.value, JudgeFaultError)
    assert (raised.value.kind, raised.value.usage) == (kind, usage)
    assert raised.value.delay.total_seconds() > 0
    assert raised.value.__cause__ is None
    assert provider.calls == 1


async def test_what_an_operator_has_to_mend_is_not_retryable(provider: Provider) -> None:
    """It says which settings to look at, and no secret."""
    provider.play("denied")
    with pytest.raises(JudgeMisconfiguredError, match=r"judges") as raised:
        await provider.judge.ask(CALL, 120)
    assert not isinstance(raised.value, RetryableError)
    assert provider.calls == 1


async def test_a_refused_parameter_can_be_left_out(provider: Provider) -> None:
    """The error names it; asked without it, the call succeeds and its reply says so."""
    warm = replace(CALL, temperature=0.0)
    provider.play("refuses_temperature")
    with pytest.raises(ParameterRefusedError) as raised:
        await provider.judge.ask(warm, 120)
    assert raised.value.parameter is Parameter.TEMPERATURE
    provider.play("well")
    reply = await provider.judge.ask(warm.without(raised.value.parameter), 120)
    assert reply.verdict is not None
    assert Parameter.TEMPERATURE in reply.dropped


async def test_the_deadline_holds_and_permits_bound_what_is_sent(provider: Provider) -> None:
    """Of many calls to a silent peer no more than `permits` are sent; all end, each with why."""
    provider.play("silent")
    replies = await asyncio.gather(*(provider.judge.ask(CALL, 0.2) for _ in range(20)))
    reasons = [reply.absence.reason for reply in replies if reply.absence is not None]
    assert len(reasons) == 20
    assert set(reasons) <= {AbsenceReason.TIMED_OUT, AbsenceReason.THROTTLED}
    for reply in replies:
        timed_out = reply.absence is not None and reply.absence.reason is AbsenceReason.TIMED_OUT
        assert reply.usage == (UNKNOWN_USAGE if timed_out else NOTHING_USED)
    assert reasons.count(AbsenceReason.TIMED_OUT) >= PERMITS
    provider.play("well")
    assert (await provider.judge.ask(CALL, 120)).verdict is not None


async def test_traits_are_there_for_any_model(provider: Provider) -> None:
    """Asking about a model that nobody knows is no error."""
    traits = provider.judge.traits("somebody.unheard-of-v1")
    assert traits.price is None
    assert traits.burndown >= 1


async def test_it_can_be_closed_twice(provider: Provider) -> None:
    """Closing never raises, used or not."""
    await provider.judge.close()
    await provider.judge.close()
