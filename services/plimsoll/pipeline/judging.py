"""Asks a judge with care: once for each question, within quota and budget, through its outages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import JudgeFaultError
from plimsoll.domain.judging import JudgeReply
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_calls import HeldOutError, JudgeCaller, Question
from plimsoll.pipeline.judge_gate import JudgeGate, Pause
from plimsoll.pipeline.leases import let_go, renewed
from plimsoll.pipeline.single_flight import Flight, SingleFlight
from plimsoll.pipeline.store_waits import StoreWaits
from plimsoll.ports.clock import Clock
from plimsoll.ports.judge_telemetry import JUDGE_RECALLS
from plimsoll.ports.memo import JudgeMemo
from plimsoll.ports.telemetry import Telemetry
from plimsoll.resilience.attempts import Faults, attempts, is_judge_wide
from plimsoll.resilience.retry_share import RetryShare
from plimsoll.wire.judge_replies import decode_reply, encode_reply, question_digest

_log = structlog.get_logger(__name__)

# How often one says that results wait for a judge.
_TOLD_EVERY_S = 30.0
# How often one looks whether another process has the reply by now.
_LOOK_AGAIN_S = 0.25

# Ends that belong to the question and were paid for: kept like verdicts, so that a replay finds
# the same. Every other absence is of the moment.
FINAL = frozenset(
    {
        AbsenceReason.PARSE_FAILED,
        AbsenceReason.TRUNCATED,
        AbsenceReason.CONTENT_FILTERED,
        AbsenceReason.JUDGE_REFUSED,
        AbsenceReason.INPUT_TOO_LARGE,
    }
)


@dataclass(frozen=True, slots=True)
class Judged:
    """How a question ended; `held_out` where the judge's own trouble outlasted `max_hold`.

    Then the absence is not the question's, and the result is published as incomplete and asked
    for again. `from_memo`: it cost nothing now.
    """

    reply: JudgeReply
    from_memo: bool = False
    held_out: bool = False


class CarefulJudge:
    """One judge of a panel; safe for many questions at once on one event loop.

    `provider` tells apart models that bear one name in two places. Whoever asks the same question
    at the same time waits for the first; a reply is kept before it is used, and found again by
    whoever asks later, in any process.
    """

    def __init__(
        self,
        provider: str,
        caller: JudgeCaller,
        *,
        memo: JudgeMemo,
        retries: RetryShare,
        clock: Clock,
        telemetry: Telemetry,
        chance: Callable[[], float],
    ) -> None:
        self._provider = provider
        self._caller = caller
        self._memo = memo
        self._retries = retries
        self._clock = clock
        self._telemetry = telemetry
        self._chance = chance
        self._kept = StoreWaits(caller.name, clock, telemetry)
        # That of one attempt: a worker that died does not hold others up for long.
        self._lease = timedelta(seconds=caller.attempt_timeout_s)
        self._flights = SingleFlight()
        self._told_s: float | None = None

    @property
    def gate(self) -> JudgeGate:
        """Closed while the judge fails, throttles or is busy; `ask` waits for it by itself."""
        return self._caller.gate

    async def ask(self, question: Question, time: ResultClock) -> Judged:
        """The judge's reply, or why there is none.

        `time` stands still while the judge, its quota or another's call for the same holds the
        question back, and while a call fails by the judge's fault; that is never the question's
        absence. Raises only what is fatal, or a mistake.
        """
        digest = question_digest(self._provider, question.call)
        key = (question.tenant, digest)
        while (flight := self._flights.under_way(key)) is not None:
            if not await time.through(flight):
                return Judged(JudgeReply(flight.absence), held_out=True)
        with self._flights.leading(key):
            asker = question.asker
            if asker is not None:
                # Before there is a reply, so that none is there which an erasure does not find.
                await self._kept(lambda: self._memo.note(*key, asker))
            try:
                known = await self._known(key, time)
                if known is not None:
                    self._telemetry.count(JUDGE_RECALLS, (self._caller.name,))
                    return Judged(decode_reply(known), from_memo=True)
                async with renewed(self._memo, key, self._lease, self._clock):
                    reply = await self._patiently(question, time)
                    return Judged(await self._remembered(key, reply))
            except HeldOutError as held:
                return Judged(JudgeReply(held.absence), held_out=True)

    async def _known(self, key: tuple[str, str], time: ResultClock) -> bytes | None:
        """The reply that stands; None where there is none and nobody else asks for it now.

        Where it gives None the caller leads, and has the lease to hold and to let go.
        """
        while (known := await self._recall(key)) is None:
            if await self._kept(lambda: self._memo.lead(*key, self._lease)):
                # Whoever led until now may have remembered it since.
                known = await self._recall(key)
                if known is not None:
                    await let_go(self._memo, key)
                return known
            now = self._clock.monotonic()
            await self._held_until(now + _LOOK_AGAIN_S, Flight.absence, time)
        return known

    async def _recall(self, key: tuple[str, str]) -> bytes | None:
        return await self._kept(lambda: self._memo.recall(*key))

    async def ask_anew(self, question: Question, time: ResultClock) -> Judged:
        """As `ask`, past the memo: what was said before is not looked at, and this is not kept."""
        try:
            return Judged(await self._patiently(question, time))
        except HeldOutError as held:
            return Judged(JudgeReply(held.absence), held_out=True)

    async def _patiently(self, question: Question, time: ResultClock) -> JudgeReply:
        """Attempts until there is a reply, or a fault that is the question's own."""

        async def pause(error: JudgeFaultError, seconds: float) -> None:
            await self._pause(error, seconds, time)

        self._retries.note_call(self._clock.monotonic())
        try:
            return await attempts(
                lambda: self._caller.once(question, time),
                faults=Faults(self.gate.breaker),
                chance=self._chance,
                left_s=lambda: time.left_s,
                pause=pause,
            )
        except JudgeFaultError as error:
            return JudgeReply(error.absence, usage=error.usage)

    async def _pause(self, error: JudgeFaultError, seconds: float, time: ResultClock) -> None:
        """Waits for another attempt, and for leave to make it."""
        _log.info("judge.failed", judge=self._caller.name, kind=error.kind, code=error.code)
        now = self._clock.monotonic()
        if not is_judge_wide(error):
            if not self._retries.spend(now):
                raise error
            await self._clock.sleep(seconds)
            return
        # While the breaker is open the gate says when to go on, and how fast.
        if not self.gate.breaker.is_closed:
            return
        self._say_that_results_wait(error, now)
        opened = self.gate.breaker.openings
        await self._held_until(now + seconds, error.absence, time)
        while self.gate.breaker.openings == opened and not self._retries.spend(
            self._clock.monotonic()
        ):
            await self._held_until(self._clock.monotonic() + 1.0, error.absence, time)

    def _say_that_results_wait(self, error: JudgeFaultError, now_s: float) -> None:
        """Once in a while, so that nobody sits before a silent command, and no log is flooded."""
        if self._told_s is None or now_s - self._told_s >= _TOLD_EVERY_S:
            self._told_s = now_s
            _log.warning(
                "judge.waited_for", judge=self._caller.name, kind=error.kind, code=error.code
            )

    async def _held_until(self, until_s: float, absence: Absence, time: ResultClock) -> None:
        if not await time.through(Pause(self._clock, until_s, absence)):
            raise HeldOutError(absence)

    async def _remembered(self, key: tuple[str, str], reply: JudgeReply) -> JudgeReply:
        """The reply that stands: what is final is on the disk before anybody uses it."""
        absence = reply.absence
        if absence is not None and absence.reason not in FINAL:
            return reply
        encoded = encode_reply(reply)
        return decode_reply(await self._kept(lambda: self._memo.remember(*key, encoded)))
