"""A gate on one result: publishes it, waits for its score, and answers by the deadline."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from plimsoll.adapters.rpc.answers import ConfidenceRecord, View
from plimsoll.domain.confidence import Verdict
from plimsoll.domain.errors import PlimsollError, RetryableError
from plimsoll.domain.learned import CertificateState
from plimsoll.domain.record import Position
from plimsoll.domain.result import LlmResult
from plimsoll.sdk.answers import DecidedBy, GateAnswer, GateCounters, GateRule, GateStats
from plimsoll.sdk.found import LookUp, Missing, MissingReason
from plimsoll.sdk.outgoing import Outgoing, Sender

_log = structlog.get_logger(__name__)

# The service answers a wait this much before the gate's own deadline, so that its "not yet" can be
# told from its silence.
_REPLY_MARGIN_S = 0.1
_REPLY_MARGIN_SHARE = 0.1
_LONGEST_WAIT_S = 30.0
_PAUSE_S = 0.05


class _Attempt:
    """One publish-and-wait; knows at any moment what it would answer if it had to stop now."""

    def __init__(self, outgoing: Outgoing, sender: Sender, look_up: LookUp) -> None:
        self._outgoing = outgoing
        self._sender = sender
        self._look_up = look_up
        self.so_far = DecidedBy.UNREACHABLE
        self.detail = "the broker has not acknowledged the result"

    async def run(self, deadline: float) -> ConfidenceRecord | Missing:
        """Publishes until acknowledged, then looks up until there is a score or a dead letter."""
        published = await self._publish()
        self.detail = "the query service has not answered"
        while True:
            try:
                answer = await self._look_up.look_up(self._outgoing.key, _wait(deadline), View.FULL)
            except RetryableError as trouble:
                self.so_far, self.detail = DecidedBy.UNREACHABLE, f"the query service: {trouble}"
            else:
                if isinstance(answer, ConfidenceRecord) or _parked(answer, published):
                    return answer
                self.so_far, self.detail = DecidedBy.TIME_OUT, answer.detail or "not scored yet"
            await asyncio.sleep(_PAUSE_S)

    async def _publish(self) -> Position:
        while True:
            try:
                return await self._sender.deliver(self._outgoing)
            except RetryableError as trouble:
                self.detail = f"the broker: {trouble}"
                await asyncio.sleep(_PAUSE_S)


def _parked(answer: Missing, published: Position) -> bool:
    """Whether this result is in the dead letters, and not only an earlier one under its ID."""
    if answer.reason is not MissingReason.DEAD_LETTER:
        return False
    source = answer.source
    return (
        source is None
        or (source.topic, source.partition) != (published.topic, published.partition)
        or source.offset >= published.offset
    )


def _wait(deadline: float) -> timedelta:
    """How long the service may hold a look-up, so that its answer still arrives in time."""
    left = max(deadline - asyncio.get_running_loop().time(), 0.0)
    margin = min(_REPLY_MARGIN_S, left * _REPLY_MARGIN_SHARE)
    return timedelta(seconds=min(left - margin, _LONGEST_WAIT_S))


class Gate:
    """Answers for each result in time, whatever the network does, and counts what decided.

    Bad input raises ValueError. Trouble between here and the score never raises: it is an answer
    with the caller's `on_missing` verdict.
    """

    def __init__(self, sender: Sender, look_up: LookUp) -> None:
        self._sender = sender
        self._look_up = look_up
        self._counters = GateCounters()
        # Attempts that were told to stop and have not stopped yet; held so that they may.
        self._stopping: set[asyncio.Task[ConfidenceRecord | Missing]] = set()

    @property
    def stopping(self) -> int:
        """Attempts that were told to stop and have not stopped yet."""
        return len(self._stopping)

    @property
    def stats(self) -> GateStats:
        """The counts so far."""
        return self._counters.snapshot()

    async def ask(self, result: LlmResult, rule: GateRule) -> GateAnswer:
        """The verdict on `result`, by `rule.deadline` at the latest."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        deadline = start + rule.deadline.total_seconds()
        outgoing = self._sender.prepare(result)
        attempt = _Attempt(outgoing, self._sender, self._look_up)
        task = asyncio.create_task(attempt.run(deadline))
        try:
            # Not asyncio.timeout: that waits for the attempt to let go, and a stuck one may not.
            await asyncio.wait({task}, timeout=max(deadline - loop.time(), 0.0))
        finally:
            self._stop(task)
        verdict, decided_by, found, detail = _outcome(task, attempt, outgoing, rule)
        answer = GateAnswer(
            key=outgoing.key,
            verdict=verdict,
            decided_by=decided_by,
            elapsed=timedelta(seconds=loop.time() - start),
            scored=None if found is None else found.scored,
            detail=detail,
        )
        self._counters.count(answer)
        return answer

    def _stop(self, task: asyncio.Task[ConfidenceRecord | Missing]) -> None:
        if task.done():
            return
        self._stopping.add(task)
        task.add_done_callback(self._stopped)
        task.cancel()

    def _stopped(self, task: asyncio.Task[ConfidenceRecord | Missing]) -> None:
        self._stopping.discard(task)
        if not task.cancelled():
            task.exception()  # it came after the answer: marks it as seen


def _outcome(
    task: asyncio.Task[ConfidenceRecord | Missing],
    attempt: _Attempt,
    outgoing: Outgoing,
    rule: GateRule,
) -> tuple[Verdict, DecidedBy, ConfidenceRecord | None, str]:
    # A connection that is closed under an attempt cancels it from within.
    if not task.done() or task.cancelled():
        return rule.on_missing, attempt.so_far, None, attempt.detail
    try:
        found = task.result()
    except PlimsollError as trouble:
        # Nothing that another gate could wait out: somebody has to look at it.
        _log.error("gate.refused", error=str(trouble))
        return rule.on_missing, DecidedBy.UNREACHABLE, None, str(trouble)
    if isinstance(found, Missing):
        return rule.on_missing, DecidedBy.DEAD_LETTER, None, found.detail
    if found.scored.input_digest != outgoing.input_digest:
        why = f"the visible score of {outgoing.key} belongs to another input under the same ID"
        return rule.on_missing, DecidedBy.CONFLICT, found, why
    withdrawn = _withdrawn(found)
    if withdrawn:
        return rule.on_missing, DecidedBy.WITHDRAWN, found, withdrawn
    verdict, decided_by = rule.decide(found.scored)
    return verdict, decided_by, found, ""


def _withdrawn(found: ConfidenceRecord) -> str:
    """Which promise a policy's verdict rests on that does not stand now; empty where none."""
    decision = found.scored.decision
    certificate = "" if decision is None else decision.certificate
    state = found.certificates.get(certificate, CertificateState.UNKNOWN)
    if not certificate or state is CertificateState.STANDING:
        return ""
    return f"the verdict rests on a promise that does not stand now: {certificate} is {state}"
