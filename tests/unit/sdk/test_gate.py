"""The gate: it always answers, in time, and says what decided."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.domain.confidence import Decision, Verdict
from plimsoll.domain.errors import FatalError, RetryableError
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.record import OutRecord, Position
from plimsoll.domain.result import LlmResult
from plimsoll.sdk.answers import DecidedBy, GateRule
from plimsoll.sdk.found import Missing, MissingReason
from plimsoll.sdk.gate import Gate
from plimsoll.sdk.outgoing import Outgoing
from tests.unit.sdk.values import KEY, RESULT, scored

AT = Position("llm.results.v1", 0, 7)
BRIEF = GateRule(deadline=timedelta(milliseconds=60))
LONG = GateRule(deadline=timedelta(seconds=60))
NOT_YET = Missing(KEY, MissingReason.NOT_SCORED_YET, "not scored yet")


class FakeSender:
    """Delivers after the troubles given; hangs for good where the last one is None."""

    def __init__(self, *troubles: Exception | None) -> None:
        self.troubles = list(troubles)
        self.delivered = 0

    def prepare(self, result: LlmResult) -> Outgoing:
        if not result.response.text:
            raise ValueError("response: is empty")
        return Outgoing(result.key, OutRecord("llm.results.v1", None, None), "d-1")

    async def deliver(self, outgoing: Outgoing) -> Position:
        if self.troubles:
            trouble = self.troubles.pop(0)
            if trouble is None:
                await asyncio.Event().wait()
            else:
                raise trouble
        self.delivered += 1
        return AT


class ClosedLookUp:
    """A connection that was closed under the call."""

    async def look_up(
        self, key: ResultKey, wait: timedelta, view: View
    ) -> ConfidenceRecord | Missing:
        raise asyncio.CancelledError


class FakeLookUp:
    """Answers from a script; its last line repeats."""

    def __init__(self, *script: ConfidenceRecord | Missing | Exception | None) -> None:
        self.script = list(script)
        self.waits: list[timedelta] = []
        self.asked = asyncio.Event()

    async def look_up(
        self, key: ResultKey, wait: timedelta, view: View
    ) -> ConfidenceRecord | Missing:
        self.waits.append(wait)
        self.asked.set()
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        assert answer is not None
        return answer


def found(*, lower: float = 0.8, digest: str = "d-1") -> ConfidenceRecord:
    """A visible score of the result that the tests ask about."""
    return ConfidenceRecord(
        scored(lower=lower, input_digest=digest), Position("llm.scores.v1", 0, 3)
    )


async def test_a_score_in_time_decides() -> None:
    """The verdict comes from the score's interval, and the answer carries the score."""
    gate = Gate(FakeSender(), FakeLookUp(found()))
    answer = await gate.ask(RESULT, LONG)
    assert (answer.verdict, answer.decided_by) == (Verdict.ACCEPT, DecidedBy.SCORE)
    assert answer.confidence == found().scored.confidence


async def test_trouble_that_passes_before_the_deadline_does_not_decide() -> None:
    """Broker and query service may both fail first; the score that comes in time decides."""
    sender = FakeSender(RetryableError("broker away"))
    look_up = FakeLookUp(RetryableError("refused"), NOT_YET, found())
    answer = await Gate(sender, look_up).ask(RESULT, LONG)
    assert answer.decided_by is DecidedBy.SCORE
    assert sender.delivered == 1


@pytest.mark.parametrize(
    ("sender", "look_up", "cause", "detail"),
    [
        (lambda: FakeSender(None), lambda: FakeLookUp(None), "unreachable", "not acknowledged"),
        (FakeSender, lambda: FakeLookUp(None), "unreachable", "has not answered"),
        (FakeSender, lambda: FakeLookUp(NOT_YET), "time_out", "not scored yet"),
        (
            lambda: FakeSender(*[RetryableError("no route")] * 99),
            lambda: FakeLookUp(None),
            "unreachable",
            "no route",
        ),
        (
            FakeSender,
            lambda: FakeLookUp(RetryableError("refused")),
            "unreachable",
            "refused",
        ),
        (
            lambda: FakeSender(FatalError("access denied")),
            lambda: FakeLookUp(None),
            "unreachable",
            "access denied",
        ),
    ],
)
async def test_it_answers_whatever_does_not(
    sender: Callable[[], FakeSender], look_up: Callable[[], FakeLookUp], cause: str, detail: str
) -> None:
    """Whatever hangs or fails, the answer is the caller's verdict, with the cause, not an error."""
    gate = Gate(sender(), look_up())
    async with asyncio.timeout(120):
        answer = await gate.ask(RESULT, BRIEF)
    assert answer.verdict is Verdict.REVIEW
    assert answer.decided_by == cause
    assert detail in answer.detail
    assert gate.stats.total == getattr(gate.stats, cause) == 1


async def test_an_attempt_that_does_not_let_go_does_not_hold_the_answer() -> None:
    """A client that ignores its cancellation is left behind; the answer comes."""
    released = asyncio.Event()

    class Stuck(FakeSender):
        async def deliver(self, outgoing: Outgoing) -> Position:
            while not released.is_set():
                try:
                    await released.wait()
                except asyncio.CancelledError:
                    continue
            return AT

    async with asyncio.timeout(120):
        answer = await Gate(Stuck(), FakeLookUp(None)).ask(RESULT, BRIEF)
    assert answer.decided_by is DecidedBy.UNREACHABLE
    released.set()


async def test_the_last_thing_that_happened_names_the_cause() -> None:
    """A query service that said "not yet" and then went away was unreachable at the end."""
    gate = Gate(FakeSender(), FakeLookUp(NOT_YET, RetryableError("went away")))
    answer = await gate.ask(RESULT, LONG)
    assert answer.decided_by is DecidedBy.UNREACHABLE


async def test_a_connection_closed_under_the_gate_is_an_answer() -> None:
    """A call that is cancelled from within does not look like the caller's own cancellation."""
    answer = await Gate(FakeSender(), ClosedLookUp()).ask(RESULT, LONG)
    assert (answer.verdict, answer.decided_by) == (Verdict.REVIEW, DecidedBy.UNREACHABLE)


async def test_a_dead_letter_ends_the_wait() -> None:
    """What was parked is not waited for; the reason is in the answer."""
    dead = Missing(KEY, MissingReason.DEAD_LETTER, "invalid: no response")
    answer = await Gate(FakeSender(), FakeLookUp(dead)).ask(RESULT, LONG)
    assert answer.decided_by is DecidedBy.DEAD_LETTER
    assert answer.detail == "invalid: no response"


async def test_a_dead_letter_from_before_this_delivery_is_waited_out() -> None:
    """A mended result under the ID of one that was parked waits for its own score."""
    old = Missing(KEY, MissingReason.DEAD_LETTER, "parked", Position(AT.topic, AT.partition, 6))
    answer = await Gate(FakeSender(), FakeLookUp(old, found())).ask(RESULT, LONG)
    assert answer.decided_by is DecidedBy.SCORE


async def test_a_score_of_another_input_is_never_taken_for_this_ones() -> None:
    """Where the ID belongs to another content, the verdict is the one for missing."""
    answer = await Gate(FakeSender(), FakeLookUp(found(digest="d-2"))).ask(RESULT, LONG)
    assert (answer.verdict, answer.decided_by) == (Verdict.REVIEW, DecidedBy.CONFLICT)


def promised(state: CertificateState | None) -> ConfidenceRecord:
    """A result that a policy accepts by a certificate, and how that stands now."""
    record = found()
    decision = Decision("strict", Verdict.ACCEPT, "promised", "certificate-a")
    certificates = {} if state is None else {"certificate-a": state}
    scored = replace(record.scored, decision=decision)
    return replace(record, scored=scored, certificates=certificates)


@pytest.mark.parametrize(
    "state",
    [CertificateState.REVOKED, CertificateState.LAPSED, CertificateState.UNKNOWN, None],
)
async def test_a_promise_that_does_not_stand_accepts_nobody(
    state: CertificateState | None,
) -> None:
    """Whatever a policy made of it when the result was scored; the answer says which and how."""
    answer = await Gate(FakeSender(), FakeLookUp(promised(state))).ask(RESULT, LONG)
    assert (answer.verdict, answer.decided_by) == (Verdict.REVIEW, DecidedBy.WITHDRAWN)
    assert answer.detail.endswith(f"certificate-a is {state or 'unknown'}")
    assert answer.scored is not None


async def test_a_promise_that_stands_decides() -> None:
    """The policy's verdict is the answer."""
    gate = Gate(FakeSender(), FakeLookUp(promised(CertificateState.STANDING)))
    answer = await gate.ask(RESULT, LONG)
    assert (answer.verdict, answer.decided_by) == (Verdict.ACCEPT, DecidedBy.POLICY)


async def test_bad_input_raises_and_nothing_is_counted() -> None:
    """What could only be parked is the caller's mistake, told before anything is sent."""
    gate = Gate(FakeSender(), FakeLookUp(found()))
    with pytest.raises(ValueError, match="response"):
        await gate.ask(LlmResult(key=KEY, response=type(RESULT.response)()), LONG)
    assert gate.stats.total == 0


async def test_the_service_is_asked_to_answer_before_the_gates_own_deadline() -> None:
    """The wait that goes to the service leaves room for its "not yet" to come back."""
    look_up = FakeLookUp(NOT_YET, found())
    await Gate(FakeSender(), look_up).ask(RESULT, GateRule(deadline=timedelta(seconds=5)))
    assert all(timedelta(0) < wait < timedelta(seconds=5) for wait in look_up.waits)


async def test_a_gate_that_is_cancelled_lets_go_of_its_attempt() -> None:
    """The caller may give up; nothing goes on behind its back."""
    look_up = FakeLookUp(None)
    gate = Gate(FakeSender(), look_up)
    asking = asyncio.create_task(gate.ask(RESULT, LONG))
    await look_up.asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.sleep(0)
    assert gate.stopping == 0
