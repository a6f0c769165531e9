"""Ten thousand results as bad as can be, taken through the scorer's path: none is lost."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from plimsoll.adapters.clock import SystemClock
from plimsoll.adapters.compute.pool import ComputePool
from plimsoll.adapters.telemetry.prometheus import PrometheusTelemetry
from plimsoll.calibration.combine import Combination
from plimsoll.domain.absence import Absence
from plimsoll.domain.metric import Cost
from plimsoll.domain.outcome import Park, Publish
from plimsoll.domain.record import Record
from plimsoll.metrics.registry import registered_metrics
from plimsoll.pipeline.results import ResultPath, Routes
from plimsoll.pipeline.scoring import ResultScorer
from plimsoll.scorer.compute import compute_process
from plimsoll.scorer.tools import ToolSettings
from plimsoll.settings.model import Settings
from plimsoll.settings.plan import load_plan
from plimsoll.wire.records import IngestRules
from plimsoll.wire.scored import decode_scored
from tests.support.fuzzed import TOPIC, fuzzed

RESULTS = 10_000
SEED = 5
MAX_SCORED_BYTES = 1_000_000
# After so many, whatever is loaded or kept once has been.
_WARM = 2_000
_ROOM_BYTES = 96 * 1024**2


@dataclass
class Tally:
    """What has become of the records so far."""

    scored: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Fuzzing:
    """The scorer's own path with all metrics that cost nothing and one compute process."""

    def __init__(self) -> None:
        metrics = registered_metrics()
        known = [metric.spec.name for metric in metrics]
        self.names = [m.spec.name for m in metrics if m.spec.cost is not Cost.PAID]
        scorer = ResultScorer(load_plan(None, known), metrics, Combination.load_prior())
        telemetry = PrometheusTelemetry()
        setup = ToolSettings.of(Settings())
        self.pool = ComputePool(1, scorer.absent, telemetry, lambda: compute_process(setup))
        routes = Routes({TOPIC: IngestRules()}, "scores", "rescores", MAX_SCORED_BYTES, "fuzzing")
        self._path = ResultPath(scorer, routes, SystemClock(), telemetry, self.pool)

    async def take(self, record: Record, tally: Tally) -> None:
        """One record to its end, which must be one event or one reason."""
        outcomes = self._path(record)
        if asyncio.iscoroutine(outcomes):
            outcomes = await outcomes
        assert not asyncio.iscoroutine(outcomes)
        [outcome] = outcomes
        if isinstance(outcome, Park):
            assert outcome.reason
            tally.dead[outcome.reason] += 1
            return
        assert isinstance(outcome, Publish)
        [event] = outcome.records
        tally.scored += 1
        self._check(event.value or b"", tally, record.offset)

    def _check(self, value: bytes, tally: Tally, offset: int) -> None:
        scored = decode_scored(value)
        assert [score.metric for score in scored.scores] == self.names
        for score in scored.scores:
            if isinstance(score.outcome, Absence):
                if score.outcome.reason == "internal_error":
                    tally.wrong.append(f"{offset} {score.metric} {score.outcome.detail}")
            elif 0.0 <= score.outcome <= 1.0:
                tally.values[score.metric] += 1
            else:
                tally.wrong.append(f"{offset} {score.metric} {score.outcome}")


def _held(temporary: Path) -> tuple[int, ...]:
    """What a leak would add to: threads, descriptors, processes, files.

    Processes of its own: a server that other tests talk to forks when it likes.
    """
    this = psutil.Process()
    return (
        this.num_threads(),
        this.num_fds(),
        len(this.children()),
        len(list(temporary.rglob("*"))),
    )


@pytest.mark.timeout(1_800)
async def test_ten_thousand_odd_results_leave_nothing_behind_and_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is scored by every metric, or dead with a reason; no thread, file or process is left.

    Hostile characters, depth, length, numbers that are none, lists that do not fit one another,
    broken code, thousands of samples, flipped bits and records that are no results at all. Every
    metric has a value in [0, 1] or a typed absence, and memory grows no further once it is warm.
    """
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = _held(tmp_path)
    fuzzing, tally = Fuzzing(), Tally()
    memory = 0
    try:
        for record in fuzzed(RESULTS, SEED):
            if record.offset == _WARM:
                memory = _resident_bytes()
            await fuzzing.take(record, tally)
    finally:
        await fuzzing.pool.stop()
    assert _resident_bytes() - memory < _ROOM_BYTES
    assert tally.wrong == []
    assert tally.scored + tally.dead.total() == RESULTS
    assert tally.scored > 0.8 * RESULTS
    assert len(tally.dead) > 5
    # Less than before: what an earlier test had in hand and has let go in the meantime.
    assert [now for now, then in zip(_held(tmp_path), before, strict=True) if now > then] == []


def _resident_bytes() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)
