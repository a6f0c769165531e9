"""Contextual grounding through ApplyGuardrail, on the emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from plimsoll.adapters.bedrock.grounding import BedrockGrounding
from plimsoll.adapters.emulator.scripts import Script, Step
from plimsoll.adapters.emulator.server import Emulator
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.grounding import LIMITS
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError, JudgeMisconfiguredError
from plimsoll.domain.judging import GroundingCall
from tests.support.bedrock import bedrock_settings
from tests.support.counting_telemetry import Figures

CALL = GroundingCall(
    sources=("London is the capital of the UK.", "Paris is the capital of France."),
    query="What is the capital of France?",
    response="The capital of France is Paris.",
)


@asynccontextmanager
async def checking(script: Script) -> AsyncIterator[tuple[BedrockGrounding, Emulator]]:
    """A check, and the emulator that it asks."""
    async with Emulator(script) as emulator:
        settings = bedrock_settings(emulator.url, guardrail_id="gr1", guardrail_version="3")
        check = BedrockGrounding(settings, Figures())
        try:
            yield check, emulator
        finally:
            await check.close()


async def test_both_scores_come_back_without_blocking_anything() -> None:
    """A grounded answer scores high, one that is made up low; both are numbers in [0, 1]."""
    async with checking(Script()) as (check, _):
        right = await check.check(CALL, 120)
        wrong = await check.check(replace(CALL, response="Berlin, obviously, my friend."), 120)
    assert isinstance(right.grounding, float)
    assert isinstance(wrong.grounding, float)
    assert 0 <= wrong.grounding < 0.5 < right.grounding <= 1
    assert isinstance(right.relevance, float)
    assert right.units == 1
    assert right.request_id


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (replace(CALL, response="x" * (LIMITS["response"] + 1)), AbsenceReason.INPUT_TOO_LARGE),
        (replace(CALL, query="x" * (LIMITS["query"] + 1)), AbsenceReason.INPUT_TOO_LARGE),
        (replace(CALL, sources=("x" * 60_000, "y" * 60_000)), AbsenceReason.INPUT_TOO_LARGE),
        (replace(CALL, response=""), AbsenceReason.INPUT_MISSING),
        (replace(CALL, sources=("",)), AbsenceReason.INPUT_MISSING),
        (replace(CALL, sources=()), AbsenceReason.INPUT_MISSING),
    ],
)
async def test_what_does_not_fit_is_not_sent(call: GroundingCall, reason: AbsenceReason) -> None:
    """Nothing is cut to fit: above the limits there is an absence, and nothing was asked."""
    async with checking(Script()) as (check, emulator):
        reply = await check.check(call, 120)
        assert emulator.journal.document()["calls"] == 0
    for score in (reply.grounding, reply.relevance):
        assert isinstance(score, Absence)
        assert score.reason is reason
    assert reply.units == 0


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("throttling", FaultKind.THROTTLED),
        ("quota_exceeded", FaultKind.THROTTLED),
        ("internal", FaultKind.TRANSIENT),
        ("unavailable", FaultKind.TRANSIENT),
        ("half_body", FaultKind.TRANSIENT),
        ("denied", FaultKind.CONFIGURATION),
        ("not_found", FaultKind.CONFIGURATION),
    ],
)
async def test_its_errors_are_those_of_judges(fault: str, kind: FaultKind) -> None:
    """Every modelled error of ApplyGuardrail is raised with its kind."""
    async with checking(Script(steps=(Step(fault=fault),))) as (check, _):
        with pytest.raises((JudgeFaultError, JudgeMisconfiguredError)) as raised:
            await check.check(CALL, 120)
    assert isinstance(raised.value, JudgeFaultError | JudgeMisconfiguredError)
    assert raised.value.kind is kind


@pytest.mark.parametrize(
    ("fault", "deadline_s", "reason"),
    [("invalid", 120, AbsenceReason.PROVIDER_ERROR), ("hang", 0.5, AbsenceReason.TIMED_OUT)],
)
async def test_its_absences_are_those_of_judges(
    fault: str, deadline_s: float, reason: AbsenceReason
) -> None:
    """A refused request, or a silent peer, leaves both scores absent."""
    async with checking(Script(steps=(Step(fault=fault),))) as (check, _):
        reply = await check.check(CALL, deadline_s)
    assert isinstance(reply.grounding, Absence)
    assert reply.grounding == reply.relevance
    assert reply.grounding.reason is reason
