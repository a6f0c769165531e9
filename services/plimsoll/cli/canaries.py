"""`plimsoll judges canaries`: a batch of canaries now, and how each judge has done on it."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.judges.canaries import CanaryAnswer, LiveRate, in_order_of_chance
from plimsoll.calibration.judges.canary_record import (
    CanaryOutcome,
    CanaryRecord,
    Rate,
    Tolerance,
    rates,
)
from plimsoll.cli.failures import FAILED, OK
from plimsoll.cli.judging import plan_of_command
from plimsoll.cli.terminal import out, print_json, table
from plimsoll.domain.absence import Absence, AbsenceReason
from plimsoll.domain.canary import Canary
from plimsoll.domain.errors import ConfigurationError
from plimsoll.domain.rubric import Panel
from plimsoll.pipeline.canary_asking import CanaryEnd, Stock, ask_canary
from plimsoll.pipeline.holding import ResultClock
from plimsoll.pipeline.jurors import Juror
from plimsoll.scorer.canaries import canary_jurors, panels_of, stocks, tolerance
from plimsoll.scorer.judges import open_askers
from plimsoll.settings.canary_files import canary_books
from plimsoll.settings.model import Settings

# Nobody waits for the answers; a judge that is away for longer is reported as not asked.
_DEADLINE_S, _MAX_HOLD_S = 600.0, 120.0
# What to do where no call was made; every other reason is the judge's own trouble.
_ADVICE = {
    AbsenceReason.BUDGET_EXHAUSTED: "canaries.budget_* is spent for today",
    AbsenceReason.NOT_CONFIGURED: "a limit in US$ needs the model's price: canaries.budget_usd",
    AbsenceReason.INPUT_TOO_LARGE: "more than the model takes",
    AbsenceReason.THROTTLED: "its quota was spent all the time",
}
_AWAY = "the judge could not be reached; `plimsoll doctor` may say more"
# The same batch each time, so that two runs can be compared.
_SEED = "batch"


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one judge has said of a rubric's canaries."""

    judge: str
    rubric: str
    version: str
    ends: tuple[CanaryEnd, ...]

    @property
    def record(self) -> CanaryRecord:
        """Its answers, those that were asked for."""
        record = CanaryRecord(max(1, len(self.ends)))
        for end in self.ends:
            if end.outcome is not CanaryOutcome.NOT_ASKED:
                record.add(CanaryAnswer(end.canary.kind, end.passed))
        return record

    @property
    def outcomes(self) -> Counter[CanaryOutcome]:
        """How many ended how."""
        return Counter(end.outcome for end in self.ends)

    @property
    def not_asked(self) -> Counter[AbsenceReason]:
        """How many were not asked, by the reason."""
        return Counter(end.why_not.reason for end in self.ends if end.why_not is not None)

    @property
    def cost_usd(self) -> float | None:
        """None where the cost of one is unknown."""
        costs = [end.cost_usd for end in self.ends]
        return None if None in costs else math.fsum(cost for cost in costs if cost)

    @property
    def attacks(self) -> Mapping[str, tuple[int, int]]:
        """How many of each kind of attack worked, and how many there were."""
        tried = Counter(end.canary.attack for end in self.ends if end.canary.attack)
        worked = Counter(
            end.canary.attack for end in self.ends if end.outcome is CanaryOutcome.FOOLED
        )
        return {kind: (worked[kind], tried[kind]) for kind in sorted(tried)}


async def ask_canaries(
    plan_file: Path | None, settings: Settings, *, each: int, as_json: bool
) -> int:
    """Asks `each` canaries of every kind; 1 where a judge is not right, or was not asked."""
    plan = plan_of_command(plan_file, settings)
    known = stocks(settings.canaries, plan)
    panels = [panel for panel in panels_of(plan) if panel.rubric.name in known]
    if not panels:
        raise ConfigurationError(
            "the plan asks no panel of whose rubric there are canaries: name one with --plan, or "
            "items of your own in canaries.files"
        )
    versions = {name: book.version for name, book in canary_books(settings.canaries.files).items()}
    clock = SystemClock()
    found = []
    async with open_askers(settings, plan, clock, PrometheusTelemetry()) as askers:
        jurors = canary_jurors(askers.panels) if askers.panels is not None else {}
        for panel in panels:
            chosen = _chosen(known[panel.rubric.name], each)
            for name in panel.judges:
                time = ResultClock(clock, _DEADLINE_S, _MAX_HOLD_S)
                ends = await _asked(panel, jurors[name], chosen, time)
                rubric = panel.rubric.name
                found.append(_Batch(name, rubric, versions[rubric], ends))
    allowed = tolerance(settings.canaries)
    if as_json:
        print_json([_as_json(batch, allowed) for batch in found])
    else:
        _show(found, allowed)
    fine = all(batch.outcomes[CanaryOutcome.NOT_ASKED] < len(batch.ends) for batch in found)
    return OK if fine and not any(b.record.out_of(allowed) for b in found) else FAILED


async def _asked(
    panel: Panel, juror: Juror, chosen: Sequence[Canary], time: ResultClock
) -> tuple[CanaryEnd, ...]:
    return tuple(await asyncio.gather(*(ask_canary(panel, juror, one, time) for one in chosen)))


def _chosen(stock: Stock, each: int) -> list[Canary]:
    chosen = []
    for of in stock.values():
        by_name = {canary.name: canary for canary in of}
        chosen += [by_name[name] for name in in_order_of_chance(_SEED, by_name)[:each]]
    return chosen


def _show(found: Sequence[_Batch], allowed: Tolerance) -> None:
    out().print(_counts(found))
    out().print(_rates(found, allowed))
    for batch in found:
        worked = [f"{kind} {n} of {of}" for kind, (n, of) in batch.attacks.items() if n]
        if worked:
            print(f"{batch.judge}, {batch.rubric}: fooled by {', '.join(worked)}")
        for reason, count in sorted(batch.not_asked.items()):
            advice = _ADVICE.get(reason, _AWAY)
            print(f"{batch.judge}, {batch.rubric}: {count} not asked: {reason.value} ({advice})")


def _counts(found: Sequence[_Batch]) -> Table:
    shown = table(
        "judge", "rubric", "asked>", "right>", "wrong>", "fooled>", "silent>", "US$>"
    )  # fmt: skip
    for batch in found:
        counts = batch.outcomes
        shown.add_row(
            batch.judge,
            f"{batch.rubric}/{batch.version}",
            str(len(batch.ends) - counts[CanaryOutcome.NOT_ASKED]),
            str(counts[CanaryOutcome.RIGHT]),
            str(counts[CanaryOutcome.WRONG]),
            str(counts[CanaryOutcome.FOOLED]),
            str(counts[CanaryOutcome.NO_VERDICT]),
            "unknown" if batch.cost_usd is None else f"{batch.cost_usd:.4f}",
        )
    return shown


def _rates(found: Sequence[_Batch], allowed: Tolerance) -> Table:
    """A row a rate: beside each other they would not fit into 80 columns."""
    shown = table("judge", "rubric", "rate", "live [95 %]", "distrusted")
    for batch in found:
        live, out_of = dict(rates(batch.record.live())), batch.record.out_of(allowed)
        for rate in Rate:
            said = "yes" if rate in out_of else "no"
            shown.add_row(
                batch.judge,
                f"{batch.rubric}/{batch.version}",
                rate.value,
                _rate(live[rate]),
                said,
            )
    return shown


def _rate(live: LiveRate) -> str:
    if isinstance(live.rate, Absence):
        return "unknown"
    return f"{live.rate.point:.2f} [{live.rate.lower:.2f}, {live.rate.upper:.2f}]"


def _as_json(batch: _Batch, allowed: Tolerance) -> dict[str, object]:
    live = dict(rates(batch.record.live()))
    return {
        "judge": batch.judge,
        "rubric": batch.rubric,
        "version": batch.version,
        "outcomes": {outcome.value: batch.outcomes[outcome] for outcome in CanaryOutcome},
        "not_asked": {reason.value: n for reason, n in sorted(batch.not_asked.items())},
        "rates": {rate.value: _rate_json(live[rate]) for rate in Rate},
        "attacks": {kind: list(counts) for kind, counts in batch.attacks.items()},
        "cost_usd": batch.cost_usd,
        "distrusted": sorted(batch.record.out_of(allowed)),
    }


def _rate_json(live: LiveRate) -> dict[str, object]:
    found: dict[str, object] = {"asked": live.asked, "answered": live.answered}
    if isinstance(live.rate, Absence):
        return found | {"absence": live.rate.reason.value}
    return found | {
        "estimate": live.rate.point,
        "interval": [live.rate.lower, live.rate.upper],
        "level": live.rate.level,
    }
