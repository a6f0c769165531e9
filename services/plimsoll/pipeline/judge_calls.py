"""One call of a judge: through its gate, paid for in advance, and settled however it ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.judge_errors import (
    FaultKind,
    JudgeFaultError,
    JudgeMisconfiguredError,
    ParameterRefusedError,
)
from plimsoll.domain.judging import (
    NOTHING_USED,
    UNKNOWN_USAGE,
    JudgeCall,
    JudgeReply,
    JudgeUsage,
    Parameter,
)
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.judge_budgets import (
    DailyLimits,
    cost_of,
    most_of,
    price_is_missing,
    quota_tokens,
    read_tokens,
)
from plimsoll.pipeline.judge_figures import tell_budget, tell_usage
from plimsoll.pipeline.judge_gate import JudgeGate, JudgePassage
from plimsoll.pipeline.quota_figures import tell_quota_used
from plimsoll.pipeline.store_waits import StoreWaits
from plimsoll.ports.budgets import BudgetKey, BudgetStore, Reservation
from plimsoll.ports.clock import Clock
from plimsoll.ports.judge import JudgeModel
from plimsoll.ports.judge_telemetry import JUDGE_CALLS, JUDGE_TOKENS
from plimsoll.ports.memo import Asker
from plimsoll.ports.telemetry import Telemetry
from plimsoll.resilience.attempts import is_judge_wide
from plimsoll.resilience.estimates import TokenEstimate

_log = structlog.get_logger(__name__)

_BUDGET_SPENT = Absence(
    AbsenceReason.BUDGET_EXHAUSTED, "the budget of this tenant and policy for today is spent"
)
_NO_PRICE = Absence(
    AbsenceReason.NOT_CONFIGURED, "judges.budget_usd is set and the model's price is not known"
)
_TOO_LATE = Absence(AbsenceReason.TIMED_OUT, "the result's deadline had passed")


@dataclass(frozen=True, slots=True)
class Question:
    """A call, whose budget pays for it, and which result it is about, if one."""

    tenant: str
    policy: str
    call: JudgeCall
    asker: Asker | None = None


class HeldOutError(Exception):
    """The judge's own trouble outlasted `max_hold`; `absence` is what a score says then."""

    def __init__(self, absence: Absence) -> None:
        super().__init__(absence.reason.value)
        self.absence = absence


@dataclass(frozen=True, slots=True)
class Purse:
    """Where budgets are kept, and how large they are."""

    store: BudgetStore
    limits: DailyLimits


class JudgeCaller:
    """Calls one judge; every call is within its quota and the day's budget."""

    def __init__(
        self,
        name: str,
        model: JudgeModel,
        *,
        gate: JudgeGate,
        purse: Purse,
        clock: Clock,
        telemetry: Telemetry,
        attempt_timeout_s: float,
    ) -> None:
        self._name = name
        self._model = model
        self._gate = gate
        self._purse = purse
        self._clock = clock
        self._telemetry = telemetry
        self.attempt_timeout_s = attempt_timeout_s
        self._kept = StoreWaits(name, clock, telemetry)
        self._estimate = TokenEstimate()
        self._refused: set[Parameter] = set()

    @property
    def name(self) -> str:
        """As the settings call the judge."""
        return self._name

    @property
    def gate(self) -> JudgeGate:
        """What holds calls back."""
        return self._gate

    async def once(self, question: Question, time: ResultClock) -> JudgeReply:
        """One call, or an absence where it is not to be made.

        Raises JudgeFaultError, and HeldOutError where the gate stays closed for `max_hold`. While
        a call fails by the judge's fault, as while it waits, the result's time stands still.
        """
        call = question.call
        for parameter in sorted(self._refused):
            call = call.without(parameter)
        unpaid = await self._unpayable(question)
        if unpaid is not None:
            return self._not_made(unpaid)
        tokens = self._estimate.of(_characters(call)) + call.max_output_tokens
        turn = self._gate.turn(tokens)
        try:
            through = await time.through(turn)
        except BaseException:
            # Let through and cancelled in the same moment: the place is the next one's.
            turn.leave()
            raise
        if not through:
            raise HeldOutError(turn.absence)
        return await self._through(question, call, turn.passage(), time)

    async def _through(
        self, question: Question, call: JudgeCall, passage: JudgePassage, time: ResultClock
    ) -> JudgeReply:
        timeout_s = min(self.attempt_timeout_s, time.left_s)
        made, reservation = False, None
        try:
            if timeout_s > 0:
                reservation = await self._reserve(question)
                made = reservation is not None
        finally:
            if not made:
                self._gate.undecided(passage)
        if reservation is None:
            await self._gate.give_back(passage.grant)
            return self._not_made(_BUDGET_SPENT if timeout_s > 0 else _TOO_LATE)
        began = self._clock.monotonic()
        end = await self._watched(question, call, passage, timeout_s)
        await self._settle(question, call, passage, reservation, end)
        if isinstance(end, JudgeFaultError):
            if is_judge_wide(end):
                time.stood_still_since(began)
            raise end
        return end

    async def _watched(
        self, question: Question, call: JudgeCall, passage: JudgePassage, timeout_s: float
    ) -> JudgeReply | JudgeFaultError:
        """Calls, and tells the gate how it ended. What nobody waits for stays paid for."""
        end: JudgeReply | JudgeFaultError | None = None
        try:
            end = await self._call(call, timeout_s)
        finally:
            if end is None:
                self._tell_use(question, passage, UNKNOWN_USAGE, None, None)
            if end is None or (isinstance(end, JudgeReply) and _is(end, AbsenceReason.TIMED_OUT)):
                self._gate.undecided(passage)
            else:
                self._gate.ended(passage, end if isinstance(end, JudgeFaultError) else None)
        outcome = end.kind.value if isinstance(end, JudgeFaultError) else "answered"
        self._telemetry.count(JUDGE_CALLS, (self._name, outcome))
        return end

    async def _call(self, call: JudgeCall, timeout_s: float) -> JudgeReply | JudgeFaultError:
        ends_at = self._clock.monotonic() + timeout_s
        while True:
            try:
                reply = await self._model.ask(call, ends_at - self._clock.monotonic())
            except JudgeFaultError as error:
                return error
            except JudgeMisconfiguredError as error:
                # Nothing mends this but an operator, who has to hear what to do.
                _log.warning("judge.misconfigured", judge=self._name, advice=str(error))
                return _fault(FaultKind.CONFIGURATION, error.code, error.absence, NOTHING_USED)
            except ParameterRefusedError as error:
                if error.parameter in call.dropped:
                    return JudgeReply(error.absence, usage=NOTHING_USED)
                self._refused.add(error.parameter)
                call = call.without(error.parameter)
                continue
            return self._as_fault(reply, timeout_s) or reply

    def _as_fault(self, reply: JudgeReply, timeout_s: float) -> JudgeFaultError | None:
        """What an adapter answers for a call that got no answer, where that is the judge's fault.

        Silence is where the whole of an attempt's time was given to it, not the rest of a
        result's.
        """
        absence = reply.absence
        if absence is None:
            return None
        if absence.reason is AbsenceReason.THROTTLED:
            return _fault(FaultKind.THROTTLED, "no permit", absence, reply.usage)
        if absence.reason is AbsenceReason.TIMED_OUT and timeout_s >= self.attempt_timeout_s:
            return _fault(FaultKind.TRANSIENT, "silence", absence, reply.usage)
        return None

    async def _unpayable(self, question: Question) -> Absence | None:
        """Known before the gate, so that nobody waits there for what cannot be paid."""
        limit = self._purse.limits.of(question.tenant, question.policy)
        traits = self._model.traits(question.call.model)
        if price_is_missing(limit, traits.price):
            return _NO_PRICE
        if limit.tokens is None and limit.nano_usd is None:
            return None
        key, most = self._key(question), most_of(question.call, traits)
        stands = await self._kept(lambda: self._purse.store.standing(key))
        tell_budget(self._telemetry, key, stands, limit, self._clock.now())
        used = stands.used
        over = limit.tokens is not None and used.tokens + most.tokens > limit.tokens
        dear = limit.nano_usd is not None and used.nano_usd + most.nano_usd > limit.nano_usd
        return _BUDGET_SPENT if over or dear else None

    async def _reserve(self, question: Question) -> Reservation | None:
        key = self._key(question)
        most = most_of(question.call, self._model.traits(question.call.model))
        limit = self._purse.limits.of(question.tenant, question.policy)
        return await self._kept(lambda: self._purse.store.reserve(key, most, limit))

    async def _settle(
        self,
        question: Question,
        call: JudgeCall,
        passage: JudgePassage,
        reservation: Reservation,
        end: JudgeReply | JudgeFaultError,
    ) -> None:
        usage = end.usage
        cost_usd = end.cost_usd if isinstance(end, JudgeReply) else None
        spent = cost_of(usage, cost_usd, reservation.amount)
        writes = [self._kept(lambda: self._purse.store.settle(reservation, spent))]
        counted = quota_tokens(usage, self._model.traits(call.model))
        throttled = isinstance(end, JudgeFaultError) and end.kind is FaultKind.THROTTLED
        # A throttle says that the provider had less left than we thought: its grant stays taken.
        if throttled:
            counted = None
        if counted is not None:
            writes.append(self._gate.settle(passage.grant, counted))
        self._tell_use(question, passage, usage, cost_usd, counted)
        await asyncio.gather(*writes)
        self._telemetry.count(JUDGE_TOKENS, (self._name, question.tenant), spent.tokens)
        read = read_tokens(usage)
        if read:
            self._estimate.learn(_characters(call), read)

    def _tell_use(
        self,
        question: Question,
        passage: JudgePassage,
        usage: JudgeUsage,
        cost_usd: float | None,
        counted: float | None,
    ) -> None:
        tell_usage(self._telemetry, self._name, question.policy, usage, cost_usd)
        tell_quota_used(self._telemetry, passage.grant, counted)

    def _not_made(self, absence: Absence) -> JudgeReply:
        self._telemetry.count(JUDGE_CALLS, (self._name, absence.reason.value))
        return JudgeReply(absence, usage=NOTHING_USED, cost_usd=0.0)

    def _key(self, question: Question) -> BudgetKey:
        return BudgetKey(question.tenant, question.policy, self._clock.now().date())


def _fault(kind: FaultKind, code: str, absence: Absence, usage: JudgeUsage) -> JudgeFaultError:
    return JudgeFaultError(kind, code, timedelta(0), absence, usage)


def _is(reply: JudgeReply, reason: AbsenceReason) -> bool:
    return reply.absence is not None and reply.absence.reason is reason


def _characters(call: JudgeCall) -> int:
    return sum(map(len, call.texts))
