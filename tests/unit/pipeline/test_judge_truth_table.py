"""What each code of a provider comes to in the end: outlasted, asked once more, or an absence."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from plimsoll.adapters.bedrock.faults import CODES
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import FaultKind, JudgeFaultError, JudgeMisconfiguredError
from plimsoll.domain.judging import JudgeCall, JudgeReply
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judging import Judged
from tests.contracts.memory_judges import JudgeMemory, MemoryJudgeStore
from tests.support.quota_judge import QuotaJudge, careful, question
from tests.support.virtual_time import VirtualClock, virtually

# The quota is spent: for the limiter. Held back for as long as it takes, the breaker stays closed.
SPENT = {
    "ThrottlingException",
    "ServiceQuotaExceededException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "LimitExceededException",
    "SlowDown",
}
# The service fails: for the breaker.
AWAY = {
    "ModelNotReadyException",
    "InternalServerException",
    "ServiceUnavailableException",
    "InternalFailure",
    "ServiceUnavailable",
    "RequestTimeout",
    "RequestTimeoutException",
}
# The model failed at this question: once more, then its absence.
ONCE_MORE = {"ModelTimeoutException", "ModelErrorException"}
# Nothing would change: its absence at once.
AT_ONCE = {"ValidationException"}
# An operator has to act: the breaker opens at the first of them.
CLOSED = set(CODES) - SPENT - AWAY - ONCE_MORE - AT_ONCE


@dataclass
class CodedJudge(QuotaJudge):
    """Ends its first calls in a code, as the adapter tells of it."""

    code: str = ""
    times: int = 0

    async def ask(self, call: JudgeCall, deadline_s: float) -> JudgeReply:
        """So many times the code, then an answer."""
        if len(self.journal) >= self.times:
            return await super().ask(call, deadline_s)
        fault = CODES[self.code]
        absence = Absence(fault.reason, self.code)
        trouble: Exception | JudgeReply = JudgeReply(absence, usage=fault.usage)
        if fault.kind is FaultKind.CONFIGURATION:
            trouble = JudgeMisconfiguredError(self.code, "the message does not matter")
        elif fault.kind is not None:
            trouble = JudgeFaultError(fault.kind, self.code, fault.delay, absence, fault.usage)
        if isinstance(trouble, JudgeReply):
            self.times = 0
            await super().ask(call, deadline_s)
            return trouble
        self.trouble = lambda _asked, _now: trouble
        try:
            return await super().ask(call, deadline_s)
        finally:
            self.trouble = lambda _asked, _now: None


def ask(code: str, times: int) -> tuple[Judged, int, int, float]:
    """One question; how it ended, calls, openings of the breaker, seconds of its time used."""

    async def main(clock: VirtualClock) -> tuple[Judged, int, int, float]:
        judge = CodedJudge(clock, latency_s=(1.0, 1.0), code=code, times=times)
        asking = careful(judge, MemoryJudgeStore(JudgeMemory(), clock))
        time = ResultClock(clock, 30.0, 900.0)
        judged = await asking.ask(question("a"), time)
        return judged, len(judge.journal), asking.gate.breaker.openings, 30.0 - time.left_s

    return virtually(main)


def reason(judged: Judged) -> AbsenceReason | None:
    """The absence's, where there is one."""
    return None if judged.reply.absence is None else judged.reply.absence.reason


def test_each_code_is_in_one_row() -> None:
    """No code is forgotten, and what is left over is what an operator has to act on."""
    assert all(CODES[code].kind is FaultKind.CONFIGURATION for code in CLOSED)
    assert set(CODES) >= SPENT | AWAY | ONCE_MORE | AT_ONCE
    assert len(CODES) == sum(map(len, (SPENT, AWAY, ONCE_MORE, AT_ONCE, CLOSED)))


@pytest.mark.parametrize("code", sorted(SPENT | AWAY | CLOSED))
def test_a_judges_fault_that_passes_is_nobodys_absence(code: str) -> None:
    """One of them costs a second call, and nothing of the result's time but the good call's."""
    judged, calls, openings, used_s = ask(code, 1)
    assert judged.reply.verdict is not None
    assert (calls, openings) == (2, int(code in CLOSED))
    assert used_s == pytest.approx(1.0)


@pytest.mark.parametrize("code", sorted(SPENT | AWAY | CLOSED))
def test_a_judges_fault_that_stays_holds_the_result_out(code: str) -> None:
    """After max_hold it is published as incomplete, with what the judge failed with."""
    judged, _, openings, used_s = ask(code, 10**6)
    assert judged.held_out
    assert reason(judged) is CODES[code].reason
    assert used_s == pytest.approx(0.0, abs=1.0)
    if code in SPENT:
        assert openings == 0


@pytest.mark.parametrize("code", sorted(ONCE_MORE))
def test_a_models_fault_is_asked_once_more(code: str) -> None:
    """One that passes costs a second call; one that stays is the question's own absence."""
    judged, calls, _, _ = ask(code, 1)
    assert (judged.reply.verdict is not None, calls) == (True, 2)
    judged, calls, openings, _ = ask(code, 10**6)
    assert (reason(judged), judged.held_out) == (CODES[code].reason, False)
    assert (calls, openings) == (2, 0)


@pytest.mark.parametrize("code", sorted(AT_ONCE))
def test_what_waiting_does_not_change_is_an_absence_at_once(code: str) -> None:
    """After one call, and not held out."""
    judged, calls, openings, _ = ask(code, 1)
    assert (reason(judged), judged.held_out) == (CODES[code].reason, False)
    assert (calls, openings) == (1, 0)
