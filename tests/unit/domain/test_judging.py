"""What a judge is asked, how it may end, and what its errors say."""

from __future__ import annotations

from datetime import timedelta

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.errors import RetryableError
from plimsoll.domain.judge_errors import (
    FaultKind,
    JudgeFaultError,
    JudgeMisconfiguredError,
    ParameterRefusedError,
)
from plimsoll.domain.judging import JudgeCall, JudgeReply, Parameter, VerdictForm

CALL = JudgeCall("a-model", "rubric", "material", VerdictForm("verdict", "", "{}"), 400)
ABSENT = Absence(AbsenceReason.TRUNCATED, "max_tokens")


def test_dropping_is_the_same_in_any_order() -> None:
    """Calls that do without the same parameters are equal, however they came to."""
    one = CALL.without(Parameter.TEMPERATURE).without(Parameter.CACHE)
    other = CALL.without(Parameter.CACHE).without(Parameter.TEMPERATURE)
    assert one == other
    assert one.without(Parameter.CACHE) == one
    assert hash(one) == hash(other)


def test_a_reply_is_a_verdict_or_an_absence() -> None:
    """Exactly one of the two is there."""
    given, absent = JudgeReply({"verdict": "pass"}), JudgeReply(ABSENT)
    assert (given.verdict, given.absence) == ({"verdict": "pass"}, None)
    assert (absent.verdict, absent.absence) == (None, ABSENT)


def test_only_faults_are_retryable() -> None:
    """A layer that retries RetryableError never repeats what cannot succeed."""
    fault = JudgeFaultError(FaultKind.THROTTLED, "Throttled", timedelta(seconds=2), ABSENT)
    assert isinstance(fault, RetryableError)
    assert fault.delay == timedelta(seconds=2)
    refused = ParameterRefusedError("ValidationException", Parameter.STRICT)
    assert not isinstance(refused, RetryableError)
    assert refused.absence.reason is AbsenceReason.PROVIDER_ERROR
    assert JudgeMisconfiguredError("AccessDenied", "grant it").kind is FaultKind.CONFIGURATION
