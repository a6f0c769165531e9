"""Every way a call of Converse can end, through boto3 and a socket, ends in its place."""

from __future__ import annotations

import pytest

from plimsoll.adapters.emulator.faults import FAULTS
from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.domain.absence import AbsenceReason
from plimsoll.domain.judge_errors import (
    FaultKind,
    JudgeFaultError,
    JudgeMisconfiguredError,
    ParameterRefusedError,
)
from plimsoll.domain.judging import NOTHING_USED, UNKNOWN_USAGE, JudgeReply, JudgeUsage
from tests.support.bedrock import CALL, emulated

R, K = AbsenceReason, FaultKind

# What a call ends in: an absence, or a fault's kind with the absence that it leads to.
ABSENCES = {
    "invalid": R.PROVIDER_ERROR,
    "unknown_error": R.PROVIDER_ERROR,
    "too_long": R.INPUT_TOO_LARGE,
    "no_verdict": R.PARSE_FAILED,
    "text_only": R.PARSE_FAILED,
    "wrong_tool": R.PARSE_FAILED,
    "two_verdicts": R.PARSE_FAILED,
    "stop:end_turn": R.PARSE_FAILED,
    "stop:stop_sequence": R.PARSE_FAILED,
    "stop:max_tokens": R.TRUNCATED,
    "stop:guardrail_intervened": R.CONTENT_FILTERED,
    "stop:content_filtered": R.CONTENT_FILTERED,
    "stop:model_context_window_exceeded": R.INPUT_TOO_LARGE,
    "stop:refusal": R.PROVIDER_ERROR,
    "stop:something_of_next_year": R.PROVIDER_ERROR,
}
FAULTY = {
    "throttling": (K.THROTTLED, R.THROTTLED, NOTHING_USED),
    "quota_exceeded": (K.THROTTLED, R.THROTTLED, NOTHING_USED),
    "model_not_ready": (K.TRANSIENT, R.PROVIDER_ERROR, NOTHING_USED),
    "unavailable": (K.TRANSIENT, R.PROVIDER_ERROR, NOTHING_USED),
    "internal": (K.TRANSIENT, R.PROVIDER_ERROR, UNKNOWN_USAGE),
    "unknown_outage": (K.TRANSIENT, R.PROVIDER_ERROR, UNKNOWN_USAGE),
    "gateway": (K.TRANSIENT, R.PROVIDER_ERROR, UNKNOWN_USAGE),
    "model_timeout": (K.MODEL_FAULT, R.TIMED_OUT, UNKNOWN_USAGE),
    "model_error": (K.MODEL_FAULT, R.PROVIDER_ERROR, UNKNOWN_USAGE),
    "reset": (K.TRANSIENT, R.PROVIDER_ERROR, UNKNOWN_USAGE),
    **dict.fromkeys(
        [
            "half_body",
            "garbage",
            "empty",
            "not_object",
            "not_finite",
            "deep",
            "huge",
            "wrong_shape",
        ],
        (K.TRANSIENT, R.PROVIDER_ERROR, UNKNOWN_USAGE),
    ),
}
REFUSED = ("denied", "expired", "not_found", "needs_profile")
# The verdict is whole; that it may be forged is for those to find out who know the nonce.
FORGED = ("injected", "no_nonce", "wrong_nonce")
TIMED = ("hang", "drip")


def playing(fault: str) -> Script:
    """One call with that fault."""
    return Script(steps=(Step(fault=fault),))


def test_no_fault_is_forgotten() -> None:
    """The tables here hold every fault that the emulator can play."""
    tried = {*ABSENCES, *FAULTY, *REFUSED, *FORGED, *TIMED}
    assert set(FAULTS) <= tried


async def test_absences() -> None:
    """What waiting cannot change is a reply with its absence, and keeps what it has cost."""
    async with emulated(Script()) as (judge, emulator):
        found = {}
        for fault in ABSENCES:
            emulator.play(playing(fault))
            reply = await judge.ask(CALL, 120)
            assert reply.absence is not None, fault
            found[fault] = reply.absence.reason
            if fault.startswith("stop:"):
                assert reply.stop_reason == fault.removeprefix("stop:")
                assert reply.usage.output_tokens
                assert reply.cost_usd
        assert found == ABSENCES
        assert emulator.journal.document()["calls"] == len(ABSENCES)


async def test_faults() -> None:
    """What waiting may mend is raised with its kind, its delay and its absence; one call each."""
    async with emulated(Script()) as (judge, emulator):
        found = {}
        for fault in FAULTY:
            emulator.play(playing(fault))
            with pytest.raises(JudgeFaultError) as raised:
                await judge.ask(CALL, 120)
            error = raised.value
            assert error.delay.total_seconds() > 0
            assert error.__cause__ is None
            assert error.request_id in str(error)
            assert bool(error.request_id) == error.code.endswith("Exception")
            found[fault] = (error.kind, error.absence.reason, error.usage)
        assert found == FAULTY
        assert emulator.journal.document()["calls"] == len(FAULTY)


@pytest.mark.parametrize("stop", ["malformed_model_output", "malformed_tool_use"])
async def test_malformed_output_is_worth_another_attempt(stop: str) -> None:
    """The model's own failure is a model fault that keeps what it has cost."""
    async with emulated(playing(f"stop:{stop}")) as (judge, _):
        with pytest.raises(JudgeFaultError) as raised:
            await judge.ask(CALL, 120)
        assert raised.value.kind is K.MODEL_FAULT
        assert raised.value.absence.reason is R.PARSE_FAILED
        assert raised.value.usage.output_tokens


async def test_refusals() -> None:
    """What an operator has to mend is raised as such, and says which settings to look at."""
    async with emulated(Script()) as (judge, emulator):
        for fault in REFUSED:
            emulator.play(playing(fault))
            with pytest.raises(JudgeMisconfiguredError, match=r"bedrock\.judges"):
                await judge.ask(CALL, 120)


async def test_forged_verdicts_pass_through() -> None:
    """A verdict that the material forged arrives as the judge gave it; nothing is made up."""
    async with emulated(Script()) as (judge, emulator):
        for fault in FORGED:
            emulator.play(playing(fault))
            reply = await judge.ask(CALL, 120)
            assert reply.verdict == emulator.journal.document()["entries"][-1]["verdict"]


@pytest.mark.parametrize("fault", TIMED)
async def test_the_deadline_holds(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    """A peer that is silent, or never comes to an end, costs a call its deadline and no more."""
    # With one thread the second call begins when the first has let go of it.
    async with emulated(playing(fault), permits=1) as (judge, emulator):
        reply = await judge.ask(CALL, 0.1)
        assert reply.absence is not None
        assert reply.absence.reason is R.TIMED_OUT
        assert reply.usage == JudgeUsage()
        assert reply.cost_usd is None
        assert isinstance(await judge.ask(CALL, 120), JudgeReply)
        assert emulator.journal.document()["calls"] == 2
    assert [r.getMessage() for r in caplog.records if r.name == "aiohttp.server"] == []


async def test_a_refused_parameter_is_named_and_can_be_left_out() -> None:
    """The model says what it does not take; the same call without it succeeds and says so."""
    script = Script(refuses={"us.anthropic": ("strict",)})
    async with emulated(script) as (judge, _):
        with pytest.raises(ParameterRefusedError) as raised:
            await judge.ask(CALL, 120)
        again = await judge.ask(CALL.without(raised.value.parameter), 120)
        assert again.verdict is not None
        assert again.dropped == (raised.value.parameter,)


async def test_a_parameter_that_was_not_sent_cannot_be_refused() -> None:
    """A message about something else is an absence, so that nobody asks again in vain."""
    script = Script(refuses={"us.anthropic": ("maxTokens",)})
    async with emulated(script) as (judge, _):
        reply = await judge.ask(CALL, 120)
        assert reply.absence is not None
        assert reply.absence.reason is R.PROVIDER_ERROR
