"""Canaries beside results: at a set share of what a judge is asked, one at a time for each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from plimsoll.calibration.judges.canaries import CanaryAnswer, drawn, is_due
from plimsoll.calibration.judges.canary_record import (
    CanaryOutcome,
    CanaryRecord,
    Rate,
    Tolerance,
    rates,
)
from plimsoll.domain.absence import Absence
from plimsoll.domain.canary import Canary
from plimsoll.domain.identity import ResultKey
from plimsoll.domain.rubric import Panel
from plimsoll.pipeline.canary_asking import CanaryEnd, Stock, ask_canary
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.jurors import Juror
from plimsoll.ports.clock import Clock
from plimsoll.ports.judge_telemetry import (
    JUDGE_CANARIES,
    JUDGE_CANARIES_DROPPED,
    JUDGE_DISTRUSTED,
    JUDGE_LIVE_RATE,
)
from plimsoll.ports.telemetry import Telemetry

_log = structlog.get_logger(__name__)

_MOST_WAITING = 32
# A canary has nobody who waits for it; what an outage holds back for longer is not asked.
_DEADLINE_S, _MAX_HOLD_S = 120.0, 300.0


@dataclass(frozen=True, slots=True)
class CanaryRules:
    """`share` of what a judge is asked anew is followed by a canary, drawn by `seed`.

    The newest `window` answers to a rubric's canaries say how the judge does now. What is under
    way when the scorer ends has `drain_s` seconds to come to its end.
    """

    share: float
    seed: str
    window: int
    tolerance: Tolerance
    drain_s: float


@dataclass(frozen=True, slots=True)
class _Due:
    """A canary that follows `item`."""

    panel: Panel
    item: str


class Canaries:
    """Asks canaries beside scoring: bounded, in nobody's way, and told to nobody but telemetry.

    `stocks` are by rubric; a panel whose rubric has none is followed by none. The same seed and the
    same results draw the same canaries, in any process.
    """

    def __init__(
        self,
        stocks: Mapping[str, Stock],
        jurors: Mapping[str, Juror],
        rules: CanaryRules,
        *,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._stocks = stocks
        self._rules = rules
        self._clock = clock
        self._telemetry = telemetry
        watch = CanaryWatch(rules, telemetry)
        self._lanes = {
            name: _Lane(juror, stocks, watch, rules.seed, clock) for name, juror in jurors.items()
        }

    def follow(self, panel: Panel, judge: str, key: ResultKey) -> None:
        """Notes that a judge was asked anew about a result; never waits.

        A judge that cannot be asked past a memo is followed by none.
        """
        item, lane = f"{judge} {key}", self._lanes.get(judge)
        if lane is None or panel.rubric.name not in self._stocks:
            return
        due = is_due(self._rules.seed, item, self._rules.share)
        if due and not lane.add(_Due(panel, item)):
            self._telemetry.count(JUDGE_CANARIES_DROPPED, (judge,))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Canaries]:
        """Asks what is due while the block runs; at its end what waits is dropped.

        What a store has found fatal is raised at the end, too.
        """
        running = [asyncio.ensure_future(lane.run()) for lane in self._lanes.values()]
        for task in running:
            task.add_done_callback(_say_if_failed)
        try:
            yield self
        finally:
            for lane in self._lanes.values():
                lane.stop()
            await self._drained(running)

    async def _drained(self, running: list[asyncio.Task[None]]) -> None:
        patience = asyncio.ensure_future(self._clock.sleep(self._rules.drain_s))
        whole: asyncio.Future[Any] = asyncio.gather(*running)
        try:
            await asyncio.wait({whole, patience}, return_when=asyncio.FIRST_COMPLETED)
            if whole.done():
                whole.result()
        finally:
            patience.cancel()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


class _Lane:
    """The canaries of one judge, one after the other: one that is away holds up no other's."""

    def __init__(
        self, juror: Juror, stocks: Mapping[str, Stock], watch: CanaryWatch, seed: str, clock: Clock
    ) -> None:
        self._juror = juror
        self._stocks = stocks
        self._watch = watch
        self._seed = seed
        self._clock = clock
        self._waiting: deque[_Due] = deque()
        self._changed = asyncio.Event()
        self._stopped = False

    def add(self, due: _Due) -> bool:
        """False where as many wait as may."""
        if self._stopped or len(self._waiting) >= _MOST_WAITING:
            return False
        self._waiting.append(due)
        self._changed.set()
        return True

    def stop(self) -> None:
        """Begins no other; `run` returns after the one that is under way."""
        self._stopped = True
        self._changed.set()

    async def run(self) -> None:
        """Asks until it is stopped."""
        while not self._stopped:
            if not self._waiting:
                self._changed.clear()
                await self._changed.wait()
                continue
            due = self._waiting.popleft()
            time = ResultClock(self._clock, _DEADLINE_S, _MAX_HOLD_S)
            canary = drawn_canary(self._stocks[due.panel.rubric.name], self._seed, due.item)
            end = await ask_canary(due.panel, self._juror, canary, time)
            self._watch.note(self._juror.name, due.panel.rubric.name, end)


def _say_if_failed(lane: asyncio.Task[None]) -> None:
    """A judge without canaries goes on judging; whoever watches has to know."""
    error = None if lane.cancelled() else lane.exception()
    if error is not None:
        _log.error("canaries.failed", error=str(error))


def drawn_canary(stock: Stock, seed: str, item: str) -> Canary:
    """The canary that follows an item: each kind alike, and within it each canary alike."""
    kinds = sorted(stock)
    of = stock[kinds[drawn(seed, f"kind {item}", len(kinds))]]
    return of[drawn(seed, item, len(of))]


class CanaryWatch:
    """Keeps what judges say of canaries, tells telemetry, and says when a judge is not right."""

    def __init__(self, rules: CanaryRules, telemetry: Telemetry) -> None:
        self._rules = rules
        self._telemetry = telemetry
        self._records: dict[tuple[str, str], CanaryRecord] = {}
        self._out: dict[tuple[str, str], frozenset[Rate]] = {}

    def note(self, judge: str, rubric: str, end: CanaryEnd) -> None:
        """One more canary's end."""
        at = (judge, rubric)
        kind = end.canary.kind
        self._telemetry.count(JUDGE_CANARIES, (*at, kind.value, end.outcome.value))
        if end.outcome is CanaryOutcome.NOT_ASKED:
            return
        record = self._records.setdefault(at, CanaryRecord(self._rules.window))
        record.add(CanaryAnswer(kind, end.passed))
        self._tell(at, record)

    def _tell(self, at: tuple[str, str], record: CanaryRecord) -> None:
        out, before = record.out_of(self._rules.tolerance), self._out.get(at, frozenset())
        self._out[at] = out
        for rate, live in rates(record.live()):
            self._telemetry.set(JUDGE_DISTRUSTED, float(rate in out), (*at, rate.value))
            if isinstance(live.rate, Absence):
                continue
            found = {"estimate": live.rate.point, "lower": live.rate.lower}
            found["upper"] = live.rate.upper
            for bound, value in found.items():
                self._telemetry.set(JUDGE_LIVE_RATE, value, (*at, rate.value, bound))
            if (rate in out) != (rate in before):
                log = _log.warning if rate in out else _log.info
                event = "judge.distrusted" if rate in out else "judge.trusted_again"
                log(event, judge=at[0], rubric=at[1], rate=rate.value, asked=live.asked, **found)
